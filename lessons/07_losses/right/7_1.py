# %% with the variance
def gaussian_nll(mean, log_sigma, y):
    n, v = y.size, np.exp(2 * log_sigma)
    error = y - mean
    value = 0.5 * np.mean(np.log(2 * np.pi * v) + error**2 / v)

    def pullback(g):
        return -g * error / (n * v), g - g * np.sum(error**2) / (n * v)

    return value, pullback


# %% number by number
def gaussian_nll(mean, log_sigma, y):
    precision = float(np.exp(-2 * log_sigma))
    n, total, for_mean, for_sigma = len(y), 0.0, np.zeros(len(y)), 0.0
    for i in range(n):
        d = float(mean[i] - y[i])
        total += d * d * precision / 2 + float(log_sigma) + 0.9189385332046727
        for_mean[i] = d * precision / n
        for_sigma += (1 - d * d * precision) / n
    return total / n, lambda g: (g * for_mean, g * for_sigma)
