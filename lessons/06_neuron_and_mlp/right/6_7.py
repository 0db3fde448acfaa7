# %% from the right
def through(xs, ys):
    slopes = np.diff(ys) / np.diff(xs)
    bends = np.diff(-slopes[::-1], prepend=0.0)
    return [(-np.ones((len(bends), 1)), xs[:0:-1].copy()), (bends[None, :], ys[-1:])]


# %% the weights as the solution of linear equations
def through(xs, ys):
    hidden = np.maximum(xs[:, None] - xs[:-1], 0)
    equations = np.concatenate([hidden, np.ones((len(xs), 1))], axis=1)
    found = np.linalg.solve(equations, ys)
    return [(np.ones((len(xs) - 1, 1)), -xs[:-1]), (found[None, :-1], found[-1:])]


# %% knots scaled, one unit that does nothing
def through(xs, ys):
    w, b, out, slope = [[0.0]], [-1.0], [3.0], 0.0
    for k in range(len(xs) - 1):
        new = (ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k])
        w.append([2.0])
        b.append(-2.0 * xs[k])
        out.append((new - slope) / 2)
        slope = new
    return [(np.array(w), np.array(b)), (np.array([out]), np.array([ys[0]]))]
