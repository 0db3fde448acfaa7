# %% a loop
def relative_error(a, b):
    worst = 0.0
    for x, y in zip(a.ravel(), b.ravel(), strict=True):
        if x != y:
            worst = max(worst, abs(x - y) / max(abs(x), abs(y)))
    return worst


# %% only where they differ
def relative_error(a, b):
    differ = a != b
    size = np.maximum(np.abs(a), np.abs(b))[differ]
    return np.max(np.abs(a - b)[differ] / size, initial=0.0)
