# %% upside down
# fails: at_its_place
# hint: upside down
def one_hot(labels, classes):
    return (np.arange(classes)[:, None] == labels).astype(float)


# %% the largest label decides
# fails: at_its_place
# hint: classes says how many
def one_hot(labels, classes):
    return np.eye(labels.max() + 1)[labels]


# %% truth values
# fails: at_its_place
# hint: .astype(float)
def one_hot(labels, classes):
    return labels[..., None] == np.arange(classes)


# %% labels from 1
# fails: at_its_place
# hint: count from 0
def one_hot(labels, classes):
    return (labels[..., None] == np.arange(1, classes + 1)).astype(float)


# %% one axis only
# fails: of_any_shape
# hint: An ellipsis
def one_hot(labels, classes):
    return (labels[:, None] == np.arange(classes)).astype(float)


# %% whole columns written
# fails: at_its_place
# hint: Compare each label
def one_hot(labels, classes):
    rows = np.zeros((len(labels), classes))
    rows[:, labels] = 1
    return rows


# %% flat for all shapes
# fails: of_any_shape
# hint: (classes,)
def one_hot(labels, classes):
    return np.eye(classes)[labels.ravel()]


# %% integers
# fails: floats_for_all
# hint: floats are asked for
def one_hot(labels, classes):
    return np.eye(classes, dtype=int)[labels]


# %% room for the largest label
# fails: floats_for_all
# hint: The labels of shape (0,)
def one_hot(labels, classes):
    return np.eye(max(classes, labels.max() + 1))[labels][..., :classes]
