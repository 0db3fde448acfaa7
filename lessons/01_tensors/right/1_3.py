# %% from the last axis to the first
def broadcast_shape(a, b):
    found = []
    for k in range(1, max(len(a), len(b)) + 1):
        p = a[-k] if k <= len(a) else 1
        q = b[-k] if k <= len(b) else 1
        if p == 1:
            found.append(q)
        elif q in (1, p):
            found.append(p)
        else:
            raise ValueError("no fit")
    return found[::-1]


# %% by recursion
def broadcast_shape(a, b):
    if not a or not b:
        return tuple(a) + tuple(b)
    ends = {a[-1], b[-1]} - {1}
    if len(ends) > 1:
        raise ValueError(f"{a[-1]} with {b[-1]}")
    return (*broadcast_shape(a[:-1], b[:-1]), ends.pop() if ends else 1)
