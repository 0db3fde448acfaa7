# %% by logarithms, with the matrix of slopes
def softmax(z):
    p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])

    def pullback(g):
        matrices = p[:, :, None] * np.eye(z.shape[1]) - p[:, :, None] * p[:, None, :]
        return (matrices @ g[:, :, None])[:, :, 0]

    return p, pullback


# %% row by row
def softmax(z):
    rows = []
    for row in z:
        e = np.exp(row - max(row))
        rows.append(e / sum(e))
    p = np.array(rows)

    def pullback(g):
        return np.array([gr * pr - pr * np.dot(gr, pr) for gr, pr in zip(g, p, strict=True)])

    return p, pullback
