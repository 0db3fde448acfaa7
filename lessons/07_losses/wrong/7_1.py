# %% the constant is forgotten
# fails: likelihood
# hint: log(2 pi) / 2 is missing
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)))


# %% not halved
# fails: likelihood
# hint: not halved
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)))


# %% a sum
# fails: likelihood
# hint: it is their mean
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.sum(z**2 / 2 + log_sigma + np.log(2 * np.pi) / 2)
    return value, lambda g: (g * z / sigma, g * np.sum(1 - z**2))


# %% sigma is not squared
# fails: likelihood
# hint: in the place of sigma^2
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) * sigma / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)))


# %% no 1 / n in the slope
# fails: nll_slopes
# hint: the 1 / n of the mean
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma, g * (1 - np.mean(z**2)))


# %% the sign of the slope
# fails: nll_slopes
# hint: the derivative of (y - mean)^2 / 2 is mean - y
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (-g * z / sigma / z.size, g * (1 - np.mean(z**2)))


# %% the slope for sigma, not for its logarithm
# fails: nll_slopes
# hint: exp(-2 log_sigma) has the derivative
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)) / sigma)


# %% log_sigma is not in the square
# fails: nll_slopes
# hint: -2 exp(-2 log_sigma), log_sigma 1
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g)


# %% g is left out
# fails: nll_slopes
# hint: Multiply both by g
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (z / sigma / z.size, 1 - np.mean(z**2))


# %% twice too much
# fails: best_at_the_data
# hint: What would the slope for log_sigma be
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - 2 * np.mean(z**2)))


# %% sigma and a little more
# fails: any_sigma
# hint: nothing need be added to it
def gaussian_nll(mean, log_sigma, y):
    sigma = np.exp(log_sigma) + 1e-12
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)))


# %% sigma cut off
# fails: any_sigma
# hint: or cut off
def gaussian_nll(mean, log_sigma, y):
    sigma = max(np.exp(log_sigma), 1e-3)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)))
