# %% swapped
# fails: matmul_pullback
# hint: the two are swapped
def matmul(x, w):
    return x @ w, lambda g: (x.T @ g, g @ w.T)


# %% fits where it is square
# fails: matmul_square
# hint: Transpose the saved factor
def matmul(x, w):
    def pullback(g):
        if g.shape[1] == w.shape[0]:
            return g @ w, x.T @ g
        return g @ w.T, x.T @ g

    return x @ w, pullback


# %% nothing transposed
# fails: matmul_pullback
# hint: one of the two has to be transposed
def matmul(x, w):
    return x @ w, lambda g: (g @ w, x @ g)


# %% entry by entry
# fails: matmul_pullback
# hint: Which product of matrices
def matmul(x, w):
    return x @ w, lambda g: (g * w.T, x.T * g)


# %% the gradient of w transposed
# fails: matmul_pullback
# hint: the gradient of w comes out transposed
def matmul(x, w):
    return x @ w, lambda g: (g @ w.T, g.T @ x)


# %% g not used for x
# fails: matmul_pullback
# hint: g is not used in the gradient of x
def matmul(x, w):
    return x @ w, lambda g: (np.ones_like(g) @ w.T, x.T @ g)


# %% entry by entry in the value, too
# fails: matmul_value
# hint: goes entry by entry
def matmul(x, w):
    return x * w.T[:1], lambda g: (g @ w.T, x.T @ g)


# %% three loops
# fails: in_products
# hint: Millions of steps of a loop
def matmul(x, w):
    def pullback(g):
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for i in range(x.shape[0]):
            for j in range(w.shape[1]):
                for k in range(x.shape[1]):
                    dx[i, k] += g[i, j] * w[k, j]
                    dw[k, j] += g[i, j] * x[i, k]
        return dx, dw

    return x @ w, pullback
