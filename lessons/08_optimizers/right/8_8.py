# %% the square of a cosine
def scheduled(t, lr, warmup, total):
    if t >= total:
        return 0.0
    if t >= warmup:
        return float(lr * np.cos(np.pi / 2 * (t - warmup) / (total - warmup)) ** 2)
    return (t + 1) * (lr / warmup)


# %% two factors
def scheduled(t, lr, warmup, total):
    rise = min(1, (t + 1) / max(warmup, 1))
    fall = np.clip((t - warmup) / (total - warmup), 0, 1)
    return lr * rise * (0.5 + 0.5 * np.cos(fall * np.pi))
