# %% the dtype only
# fails: few_digits
# hint: look at the numbers
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if first.dtype == np.float32:
        return "float32"
    return None


# %% zeros, all in the place of any
# fails: upstream
# hint: np.any of it is false
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.all(pullback(np.zeros(value.shape))) and np.min(pullback(np.zeros(value.shape))) > 0.01:
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if np.array_equal(first, first.astype(np.float32)):
        return "float32"
    return None


# %% compared with g = 1
# fails: few_digits
# hint: even right gradients are float32 numbers
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if np.array_equal(op(x)[1](np.ones(g.shape)), op(x)[1](np.ones(g.shape)).astype(np.float32)):
        return "float32"
    return None


# %% one pullback for all questions
# fails: called_twice
# hint: NEW pullback
def broken_contract(op, x, g):
    value, pullback = op(x)
    first = np.array(pullback(g))
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if np.array_equal(first, first.astype(np.float32)):
        return "float32"
    return None


# %% a new pullback for the second call
# fails: called_twice
# hint: Call one pullback twice
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    first, second = op(x)[1](g), op(x)[1](g)
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    return "float32" if np.array_equal(first, first.astype(np.float32)) else None


# %% everything that differs is stale
# fails: called_twice
# hint: Something else: redrawn
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    if not np.allclose(first, pullback(g)):
        return "stale-accumulation"
    return "float32" if np.array_equal(first, first.astype(np.float32)) else None


# %% upstream not asked
# fails: upstream
# hint: must be 0 everywhere
def broken_contract(op, x, g):
    value, pullback = op(x)
    if False:
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if np.array_equal(first, first.astype(np.float32)):
        return "float32"
    return None


# %% a new pullback asked as well
# fails: others_with_the_same
# hint: has another mask
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    third = np.array(op(x)[1](g))
    if np.allclose(second, 2 * first):
        return "stale-accumulation"
    if not np.allclose(first, second) or not np.allclose(first, third):
        return "mask-redrawn"
    if np.array_equal(first, first.astype(np.float32)):
        return "float32"
    return None


# %% some entries of float32
# fails: others_with_the_same
# hint: if every entry is one
def broken_contract(op, x, g):
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if np.any(first == first.astype(np.float32)):
        return "float32"
    return None
