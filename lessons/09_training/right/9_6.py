# %% one after the other
def confusion(labels, called, classes):
    counts = [[0] * classes for _ in range(classes)]
    for i, j in zip(labels, called, strict=True):
        counts[i][j] += 1
    return np.array(counts)


# %% a product of one-hot rows
def confusion(labels, called, classes):
    one = np.eye(classes, dtype=int)
    return one[labels].T @ one[called]
