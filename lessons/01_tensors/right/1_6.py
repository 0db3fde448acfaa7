# %% means by a one-hot product
def nearest_mean(images, labels, new, classes):
    rows = np.eye(classes)[labels]
    means = (rows.T @ images) / rows.sum(axis=0)[:, None]
    return (-2 * new @ means.T + (means**2).sum(axis=1)).argmin(axis=1)


# %% image by image
def nearest_mean(images, labels, new, classes):
    kept = [[] for _ in range(classes)]
    for p, c in zip(images, labels, strict=True):
        kept[c].append(p)
    means = [np.mean(some, axis=0) for some in kept]
    return [min(range(classes), key=lambda k: np.linalg.norm(p - means[k])) for p in new]
