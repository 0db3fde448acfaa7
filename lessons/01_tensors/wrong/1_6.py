# %% the nearest image
# fails: of_the_nearest
# hint: not of the nearest mean
def nearest_mean(images, labels, new, classes):
    return labels[squared_distances(new, images).argmin(axis=1)]


# %% the farthest
# fails: of_the_nearest
# hint: argmax for argmin
def nearest_mean(images, labels, new, classes):
    means = np.stack([images[labels == c].mean(axis=0) for c in range(classes)])
    return squared_distances(new, means).argmax(axis=1)


# %% the smallest of the other axis
# fails: of_the_nearest
# hint: axis=1
def nearest_mean(images, labels, new, classes):
    means = np.stack([images[labels == c].mean(axis=0) for c in range(classes)])
    return squared_distances(new, means).argmin(axis=0)


# %% one number for a mean
# fails: digits_are_read
# hint: has each mean 64 pixels
def nearest_mean(images, labels, new, classes):
    means = np.array([[images[labels == c].mean()] for c in range(classes)])
    return squared_distances(new.mean(axis=1, keepdims=True), means).argmin(axis=1)


# %% classes in the order of their coming
# fails: of_the_nearest
# hint: First one mean image for each class
def nearest_mean(images, labels, new, classes):
    means = np.stack([images[labels == c].mean(axis=0) for c in range(classes)][::-1])
    return squared_distances(new, means).argmin(axis=1)


# %% labels as row numbers
# fails: of_the_nearest
# hint: which rows of images have the label c
def nearest_mean(images, labels, new, classes):
    means = images[labels][:classes]
    return squared_distances(new, means).argmin(axis=1)


# %% another distance
# fails: large_and_small_classes
# hint: this adds the absolute differences
def nearest_mean(images, labels, new, classes):
    means = np.stack([images[labels == c].mean(axis=0) for c in range(classes)])
    return np.abs(new[:, None] - means).sum(axis=2).argmin(axis=1)


# %% the middle image
# fails: large_and_small_classes
# hint: the means alone
def nearest_mean(images, labels, new, classes):
    middle = np.stack([np.median(images[labels == c], axis=0) for c in range(classes)])
    return squared_distances(new, middle).argmin(axis=1)
