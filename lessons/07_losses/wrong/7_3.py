# %% the sum of everything
# fails: shares
# hint: divided by the sum of everything
def softmax(z):
    e = np.exp(z - z.max())
    p = e / e.sum()
    return p, lambda g: p * (g - (g * p).sum(axis=-1, keepdims=True))


# %% the sums of the columns
# fails: shares
# hint: the sums of the columns
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e = np.exp(z)
    p = e / e.sum(axis=0)
    return p, lambda g: p * (g - (g * p).sum(axis=-1, keepdims=True))


# %% as it is written
# fails: only_differences
# hint: keeps exp from overflowing
def softmax(z):
    e = np.exp(z)
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(axis=-1, keepdims=True))


# %% the largest of all rows
# fails: only_differences
# hint: row by row
def softmax(z):
    e = np.exp(z - z.max())
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(axis=-1, keepdims=True))


# %% the diagonal alone
# fails: softmax_slopes
# hint: Every score moves every probability
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: g * p * (1 - p)


# %% the slope of a sigmoid's other half
# fails: softmax_slopes
# hint: Write the sum down
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: g * p - p * p


# %% the sum over everything, in the pullback
# fails: softmax_slopes
# hint: one number for each row
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum())


# %% the sum without p
# fails: softmax_slopes
# hint: sum_k g_k p_k
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: p * (g - g.sum(axis=-1, keepdims=True))


# %% logarithms
# fails: shares
# hint: the logarithm of the probabilities
def softmax(z):
    m = z.max(axis=-1, keepdims=True)
    p = z - m - np.log(np.exp(z - m).sum(axis=-1, keepdims=True))
    return p, lambda g: g - np.exp(p) * g.sum(axis=-1, keepdims=True)


# %% the mean is subtracted
# fails: far_from_the_rest
# hint: if the mean of the row is subtracted
def softmax(z):
    e = np.exp(z - z.mean(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(axis=-1, keepdims=True))
