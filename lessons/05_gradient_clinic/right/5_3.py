# %% in another order
def broken_contract(op, x, g):
    pull = op(x)[1]
    first, second = (np.copy(pull(g)) for _ in range(2))
    zero = np.zeros_like(np.asarray(g))
    if np.abs(op(x)[1](zero)).max() > 0:
        return "ignores-upstream"
    if np.abs(second - first).max() > 1e-9:
        twice = np.abs(second - first - first).max() < 1e-9
        return "stale-accumulation" if twice else "mask-redrawn"
    lost = first - np.float32(first)
    return None if np.any(lost) else "float32"


# %% with the differences of calls
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second - first, first) else "mask-redrawn"
    if np.array_equal(first, first.astype(np.float32)):
        return "float32"
    return None
