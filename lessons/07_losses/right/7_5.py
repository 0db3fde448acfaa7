# %% with one-hot rows
def softmax_cross_entropy(z, labels):
    y = (labels[:, None] == np.arange(z.shape[1])).astype(z.dtype)
    log_p = z - log_sum_exp(z)[:, None]
    return -(y * log_p).sum() / len(z), lambda g: (np.exp(log_p) - y) * (g / len(z))


# %% by the pullback of log_sum_exp
def softmax_cross_entropy(z, labels):
    rows = np.arange(z.shape[0])

    def pullback(g):
        each = np.full(len(z), g / len(z))
        slopes = each[:, None] * softmax(z)[0]
        np.subtract.at(slopes, (rows, labels), each)
        return slopes

    return float(np.mean(log_sum_exp(z) - z[rows, labels])), pullback
