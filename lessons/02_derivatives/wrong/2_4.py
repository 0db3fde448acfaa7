# %% all at once
# fails: one_at_a_time
# hint: all entries were moved at once
def gradient(f, x, h=1e-5):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


# %% the caller's array is moved
# fails: x_is_left_alone
# hint: Copy it
def gradient(f, x, h=1e-5):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        found[i] = (up - f(x)) / (2 * h)
    return found


# %% never moved back
# fails: one_at_a_time
# hint: must start from x again
def gradient(f, x, h=1e-2):
    moved = x.copy()
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        before = f(moved)
        moved[i] += h
        found[i] = (f(moved) - before) / h
    return found


# %% vectors only
# fails: any_shape
# hint: np.ndindex
def gradient(f, x, h=1e-5):
    found = np.zeros(len(x))
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = h
        found[i] = (f(x + step) - f(x - step)) / (2 * h)
    return found


# %% the entries turned round
# fails: one_at_a_time
# hint: the derivative of another entry
def gradient(f, x, h=1e-5):
    found = []
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        found.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(found[::-1]).reshape(x.shape)


# %% twice too large
# fails: one_at_a_time
# hint: 2 h apart
def gradient(f, x, h=1e-5):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        found[i] = (f(x + step) - f(x - step)) / h
    return found


# %% a step of its own
# fails: by_the_given_step
# hint: h is not used
def gradient(f, x, h=1e-5):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = 1e-5
        found[i] = (f(x + step) - f(x - step)) / 2e-5
    return found


# %% row by row
# fails: by_the_given_step
# hint: whose only index is ()
def gradient(f, x, h=1e-5):
    rows = x.reshape(len(x), -1)
    found = np.zeros_like(rows)
    for i in range(len(rows)):
        for j in range(rows.shape[1]):
            step = np.zeros_like(rows)
            step[i, j] = h
            step = step.reshape(x.shape)
            found[i, j] = (f(x + step) - f(x - step)) / (2 * h)
    return found.reshape(x.shape)
