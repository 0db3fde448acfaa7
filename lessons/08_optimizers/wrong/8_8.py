# %% from 0
# fails: rises
# hint: it begins at 0
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return lr * t / warmup
    u = min(1.0, (t - warmup) / (total - warmup))
    return float(lr * (1 + np.cos(np.pi * u)) / 2)


# %% no warm-up
# fails: rises
# hint: there is no warm-up
def scheduled(t, lr, warmup, total):
    return float(lr * (1 + np.cos(np.pi * min(1.0, t / total))) / 2)


# %% counted from the start
# fails: falls
# hint: counted from t = 0
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return lr * (t + 1) / warmup
    u = min(1.0, t / total)
    return float(lr * (1 + np.cos(np.pi * u)) / 2)


# %% it rises again
# fails: falls
# hint: after the end it rises again
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return lr * (t + 1) / warmup
    u = (t - warmup) / (total - warmup)
    return float(lr * (1 + np.cos(np.pi * u)) / 2)


# %% a straight line
# fails: falls
# hint: this is a straight line
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return lr * (t + 1) / warmup
    u = min(1.0, (t - warmup) / (total - warmup))
    return float(lr * (1 - u))


# %% not halved
# fails: falls
# hint: the division by 2 is missing
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return lr * (t + 1) / warmup
    u = min(1.0, (t - warmup) / (total - warmup))
    return float(lr * (1 + np.cos(np.pi * u)))


# %% a whole turn
# fails: falls
# hint: a whole turn
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return lr * (t + 1) / warmup
    u = min(1.0, (t - warmup) / (total - warmup))
    return float(lr * (1 + np.cos(2 * np.pi * u)) / 2)


# %% lr is missing
# fails: rises
# hint: lr itself is missing
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return (t + 1) / warmup
    u = min(1.0, (t - warmup) / (total - warmup))
    return float(lr * (1 + np.cos(np.pi * u)) / 2)


# %% rounded to nine digits
# fails: small_rates
# hint: The examples round what they show
def scheduled(t, lr, warmup, total):
    if t < warmup:
        return round(lr * (t + 1) / warmup, 9)
    u = min(1.0, (t - warmup) / (total - warmup))
    return round(float(lr * (1 + np.cos(np.pi * u)) / 2), 9)
