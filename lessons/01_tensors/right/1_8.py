# %% rows of the identity
def one_hot(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels]


# %% written in place
def one_hot(labels, classes):
    flat = labels.reshape(-1)
    rows = np.zeros((flat.size, classes))
    rows[np.arange(flat.size), flat] = 1
    return rows.reshape(*labels.shape, classes)
