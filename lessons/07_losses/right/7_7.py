# %% sum by count
def perplexity(log_p, counts):
    return np.exp(-np.where(counts, log_p, 0).sum() / counts.sum())


# %% the geometric mean, text by text
def perplexity(log_p, counts):
    total, n = 0.0, 0
    for row, there in zip(log_p, counts, strict=True):
        for value, counted in zip(row, there, strict=True):
            if counted:
                total -= value
                n += 1
    return float(np.e ** (total / n))
