# %% other steps
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-5), sides(1e-6)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 3:
        return "kink" if min(narrow) - 1e-4 <= slope <= max(narrow) + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% the second difference
def verdict(f, slope, x):
    bends = [abs(f(x + h) - 2 * f(x) + f(x - h)) / h for h in (3e-5, 3e-6)]
    h = 3e-6
    left, right = (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h
    if bends[1] > 1e-5 and bends[1] / bends[0] > 0.5:
        inside = (slope - left) * (slope - right) <= 1e-4
        return "kink" if inside else "wrong"
    middle = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if np.isclose(slope, middle, rtol=1e-4, atol=1e-6) else "wrong"
