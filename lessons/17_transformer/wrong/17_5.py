# %% halves
# fails: sines
# hint: they should take turns
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** (np.arange(0, e, 2) / e)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


# %% cosine first
# fails: sines
# hint: exchanged
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** (np.arange(0, e, 2) / e)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(t, e)


# %% the exponent i / e
# fails: sines
# hint: where i counts the pairs
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** (np.arange(e // 2) / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)


# %% an angle of its own for each column
# fails: only_the_distance
# hint: one and the same angle
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** (np.arange(e) / e)
    return np.where(np.arange(e) % 2 == 0, np.sin(angles), np.cos(angles))


# %% the exponent twice doubled
# fails: sines
# hint: not the columns
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** (2 * np.arange(0, e, 2) / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)


# %% from 1
# fails: sines
# hint: places count from 0
def positions(t, e):
    angles = np.arange(1, t + 1)[:, None] / 10000 ** (np.arange(0, e, 2) / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)


# %% multiplied instead of divided
# fails: sines
# hint: slower than the one before
def positions(t, e):
    angles = np.arange(t)[:, None] * 10000 ** (np.arange(0, e, 2) / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)


# %% steps of a fraction
# fails: every_width
# hint: has sometimes one more
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** np.arange(0, 1, 2 / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)


# %% a table of 512 rows
# fails: every_width
# hint: t has no largest value
def positions(t, e):
    found = np.zeros((512, e))
    angles = np.arange(512)[:, None] / 10000 ** (np.arange(0, e, 2) / e)
    found[:, 0::2], found[:, 1::2] = np.sin(angles), np.cos(angles)
    return found[:t]
