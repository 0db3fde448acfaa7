# %% a curve taken for a kink
# fails: curves
# hint: this is a curve
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-3:
        return "kink" if min(narrow) - 1e-4 <= slope <= max(narrow) + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% no kinks
# fails: kinks
# hint: f has a kink here
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if False:
        return "kink" if min(narrow) - 1e-4 <= slope <= max(narrow) + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% everything goes at a kink
# fails: kinks
# hint: outside of the two sides
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 2:
        return "kink"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% nothing goes at a kink
# fails: kinks
# hint: between the two slopes
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 2:
        return "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% too generous
# fails: smooth
# hint: One part in 10,000
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 2:
        return "kink" if min(narrow) - 1e-4 <= slope <= max(narrow) + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 0.02 else "wrong"


# %% relative only
# fails: smooth
# hint: where the slope is tiny
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 2:
        return "kink" if min(narrow) - 1e-4 <= slope <= max(narrow) + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) < 1e-9 * abs(found) else "wrong"


# %% h too large
# fails: curves
# hint: this is a curve
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(0.2), sides(0.1)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 2:
        return "kink" if min(narrow) - 1e-4 <= slope <= max(narrow) + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% the right side only
# fails: kinks
# hint: between the two slopes
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    wide, narrow = sides(1e-4), sides(1e-5)
    gap, smaller = abs(wide[1] - wide[0]), abs(narrow[1] - narrow[0])
    if smaller > 1e-4 and smaller > gap / 2:
        return "kink" if abs(slope - narrow[1]) < 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"


# %% the slope to the left taken for the smaller
# fails: bent_down
# hint: Sort the two slopes
def verdict(f, slope, x):
    def sides(h):
        return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h

    (far_left, far_right), (left, right) = sides(1e-4), sides(1e-5)
    gap, wide = abs(right - left), abs(far_right - far_left)
    if gap > 1e-4 and gap > wide / 2:
        return "kink" if left - 1e-4 <= slope <= right + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"
