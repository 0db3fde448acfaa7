# %% flush left
# fails: fitting
# hint: flush right
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = a + (1,) * (n - len(a)), b + (1,) * (n - len(b))
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError("no fit")
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


# %% the shorter one's axes alone
# fails: fitting
# hint: the axes that only one of the two has
def broadcast_shape(a, b):
    found = []
    for p, q in zip(a[::-1], b[::-1], strict=False):
        if p != q and 1 not in (p, q):
            raise ValueError("no fit")
        found.append(q if p == 1 else p)
    return tuple(found[::-1])


# %% never an error
# fails: unfitting
# hint: 2 and 3 in one column
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    return tuple(max(p, q) for p, q in zip(a, b, strict=True))


# %% the larger of the two, also of 0 and 1
# fails: fitting
# hint: a 1 gives way
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        raise ValueError("no fit")
    return tuple(max(p, q) for p, q in zip(a, b, strict=True))


# %% whatever divides
# fails: unfitting
# hint: Only equal, or 1
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    for p, q in zip(a, b, strict=True):
        if min(p, q) and max(p, q) % min(p, q):
            raise ValueError("no fit")
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


# %% None for an error
# fails: unfitting
# hint: raise ValueError
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        return None
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


# %% NumPy is asked
# fails: any_number_of_axes
# hint: The rule goes on
def broadcast_shape(a, b):
    return np.broadcast_shapes(a, b)


# %% 0 gives way, or takes it
# fails: any_number_of_axes
# hint: neither equal nor 1
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(p != q and min(p, q) > 1 for p, q in zip(a, b, strict=True)):
        raise ValueError("no fit")
    return tuple(0 if 0 in (p, q) else max(p, q) for p, q in zip(a, b, strict=True))
