# %% transposed
# fails: pairs
# hint: this is the transposed
def squared_distances(a, b):
    return ((a - b[:, None, :]) ** 2).sum(axis=2)


# %% the root as well
# fails: pairs
# hint: asked is its square
def squared_distances(a, b):
    return np.sqrt(((a[:, None, :] - b) ** 2).sum(axis=2))


# %% summed, then squared
# fails: pairs
# hint: it is the squares that are summed
def squared_distances(a, b):
    return (a[:, None, :] - b).sum(axis=2) ** 2


# %% pair by pair, without all against all
# fails: pairs
# hint: Which shapes broadcast
def squared_distances(a, b):
    return ((a - b) ** 2).sum(axis=1)


# %% the 2 is missing
# fails: pairs
# hint: -2 times the product
def squared_distances(a, b):
    return (a**2).sum(axis=1)[:, None] - a @ b.T + (b**2).sum(axis=1)


# %% a mean
# fails: pairs
# hint: it is the sum
def squared_distances(a, b):
    return ((a[:, None, :] - b) ** 2).mean(axis=2)


# %% a loop over all pairs
# fails: in_one_stroke
# hint: loop
def squared_distances(a, b):
    found = np.zeros((len(a), len(b)))
    for i in range(len(a)):
        for j in range(len(b)):
            for k in range(a.shape[1]):
                found[i, j] += float(a[i, k] - b[j, k]) ** 2
    return found


# %% squared in place
# fails: given_points_are_kept
# hint: Is anything written into a or b
def squared_distances(a, b):
    products = a @ b.T
    a **= 2
    b **= 2
    return a.sum(axis=1, keepdims=True) - 2 * products + b.sum(axis=1)
