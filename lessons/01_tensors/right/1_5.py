# %% by the product
def squared_distances(a, b):
    return (a * a).sum(1).reshape(-1, 1) - 2 * (a @ b.T) + (b * b).sum(1)


# %% coordinate by coordinate
def squared_distances(a, b):
    found = np.zeros((len(a), len(b)))
    for p, q in zip(a.T, b.T, strict=True):
        found += np.subtract.outer(p, q) ** 2
    return found
