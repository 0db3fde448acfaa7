# %% the run is h
# fails: both_sides
# hint: 2 h apart
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / h


# %% brackets
# fails: both_sides
# hint: mind the brackets
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


# %% to the right only
# fails: exact_for_a_parabola
# hint: The errors to the left and to the right cancel
def central_difference(f, x, h):
    return (f(x + h) - f(x)) / h


# %% left minus right
# fails: both_sides
# hint: right point minus left point
def central_difference(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


# %% plus for minus
# fails: both_sides
# hint: not the difference
def central_difference(f, x, h):
    return (f(x + h) + f(x - h)) / (2 * h)


# %% half a step too far
# fails: exact_for_a_parabola
# hint: 6 with h = 1
def central_difference(f, x, h):
    return (f(x + 2 * h) - f(x - h)) / (3 * h)


# %% the size of the run
# fails: either_side_first
# hint: the run from x - h to x + h
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / abs(2 * h)
