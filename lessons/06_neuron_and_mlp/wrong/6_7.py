# %% slopes, not their changes
# fails: every_point
# hint: add the change of the slope
def through(xs, ys):
    slopes = np.diff(ys) / np.diff(xs)
    hidden = np.ones((len(slopes), 1)), -xs[:-1]
    return [hidden, (slopes[None, :], ys[:1])]


# %% it starts at 0
# fails: every_point
# hint: it starts at 0
def through(xs, ys):
    slopes = np.diff(ys) / np.diff(xs)
    bends = np.diff(slopes, prepend=0.0)
    hidden = np.ones((len(bends), 1)), -xs[:-1]
    return [hidden, (bends[None, :], np.zeros(1))]


# %% rises, not slopes
# fails: every_point
# hint: rises are not slopes
def through(xs, ys):
    bends = np.diff(np.diff(ys), prepend=0.0)
    hidden = np.ones((len(bends), 1)), -xs[:-1]
    return [hidden, (bends[None, :], ys[:1])]


# %% the knots at -x
# fails: every_point
# hint: the bias of relu(x - k) is -k
def through(xs, ys):
    slopes = np.diff(ys) / np.diff(xs)
    bends = np.diff(slopes, prepend=0.0)
    hidden = np.ones((len(bends), 1)), xs[:-1]
    return [hidden, (bends[None, :], ys[:1])]


# %% w of a row
# fails: every_point
# hint: linear wants w of (units, inputs)
def through(xs, ys):
    slopes = np.diff(ys) / np.diff(xs)
    bends = np.diff(slopes, prepend=0.0)
    hidden = np.ones((1, len(bends))), -xs[:-1]
    return [hidden, (bends[:, None], ys[:1])]


# %% steps
# fails: straight_between
# hint: these are steps
def through(xs, ys):
    steep = 1e6
    knots, rises = xs[1:], np.diff(ys) * steep
    w = np.ones((2 * len(knots), 1))
    b = np.concatenate([-knots + 1 / steep, -knots])
    return [(w, b), (np.concatenate([rises, -rises])[None, :], ys[:1])]


# %% bends between the points
# fails: straight_between
# hint: A bend may only be at a point
def through(xs, ys):
    knots = np.sort(np.concatenate([xs, (xs[1:] + xs[:-1]) / 2]))
    values = np.interp(knots, xs, ys)
    values[1::2] += 0.1
    slopes = np.diff(values) / np.diff(knots)
    hidden = np.ones((len(slopes), 1)), -knots[:-1]
    return [hidden, (np.diff(slopes, prepend=0.0)[None, :], ys[:1])]


# %% never divided by 0
# fails: in_any_units
# hint: nothing need be added before dividing
def through(xs, ys):
    slopes = np.diff(ys) / (np.diff(xs) + 1e-9)
    bends = np.diff(slopes, prepend=0.0)
    hidden = np.ones((len(bends), 1)), -xs[:-1]
    return [hidden, (bends[None, :], ys[:1])]
