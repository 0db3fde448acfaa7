# %% by Einstein's sums
def matmul(x, w):
    def pullback(g):
        return np.einsum("nm,km->nk", g, w), np.einsum("nk,nm->km", x, g)

    return np.einsum("nk,km->nm", x, w), pullback


# %% row by row
def matmul(x, w):
    def pullback(g):
        dx = np.stack([w @ row for row in g])
        dw = sum(np.outer(a, b) for a, b in zip(x, g, strict=True))
        return dx, dw

    return x @ w, pullback


# %% transposed results
def matmul(x, w):
    return np.dot(x, w), lambda g: ((w @ g.T).T, (g.T @ x).T)
