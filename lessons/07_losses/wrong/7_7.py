# %% one mean, but the filling counts
# fails: filling
# hint: what fills up the rows was counted
def perplexity(log_p, counts):
    return np.exp(-log_p.mean())


# %% zero for the filling, and divided by it
# fails: filling
# hint: still divided by
def perplexity(log_p, counts):
    return np.exp(-np.where(counts, log_p, 0).mean())


# %% multiplied
# fails: filling
# hint: choose, do not multiply
def perplexity(log_p, counts):
    with np.errstate(invalid="ignore"):
        return np.exp(-(log_p * counts).sum() / counts.sum())


# %% each text the same
# fails: mean_first
# hint: each text counts the same
def perplexity(log_p, counts):
    of_texts = [row[c].mean() for row, c in zip(log_p, counts, strict=True)]
    return np.exp(-np.mean(of_texts))


# %% the exponential first
# fails: mean_first
# hint: comes after the mean
def perplexity(log_p, counts):
    return np.mean(np.exp(-log_p[counts]))


# %% each text's perplexity
# fails: filling
# hint: and then one exponential
def perplexity(log_p, counts):
    of_texts = [np.exp(-row[c].mean()) for row, c in zip(log_p, counts, strict=True)]
    return np.mean(of_texts)


# %% the loss itself
# fails: choices
# hint: perplexity is its exponential
def perplexity(log_p, counts):
    return -log_p[counts].mean()


# %% two bases
# fails: choices
# hint: the bases must agree
def perplexity(log_p, counts):
    return 2 ** -log_p[counts].mean()


# %% one over the mean probability
# fails: mean_first
# hint: logarithms that are averaged
def perplexity(log_p, counts):
    return 1 / np.exp(log_p[counts]).mean()


# %% the root of the product
# fails: long_texts
# hint: a product of a thousand probabilities
def perplexity(log_p, counts):
    return np.prod(np.exp(log_p[counts])) ** (-1 / counts.sum())


# %% text by text, weighted by their lengths
# fails: anything_at_all
# hint: log_p[counts] has what counts
def perplexity(log_p, counts):
    of_texts = [row[c].mean() for row, c in zip(log_p, counts, strict=True)]
    return np.exp(-np.average(of_texts, weights=counts.sum(axis=1)))


# %% no -inf
# fails: anything_at_all
# hint: No other number of log_p need be looked at
def perplexity(log_p, counts):
    finite = np.where(log_p == -np.inf, 0, log_p)
    return np.exp(-(finite * counts).sum() / counts.sum())
