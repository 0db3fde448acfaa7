# %% k independent draws
# fails: out_once
# hint: Not k independent draws
def folds(n, k, seed):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(k):
        order = rng.permutation(n)
        found.append((order[n // k :], order[: n // k]))
    return found


# %% the rest is never held out
# fails: out_once
# hint: what is left over must be in some part
def folds(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    m = n // k
    found = []
    for i in range(k):
        held = order[i * m : (i + 1) * m]
        found.append((np.setdiff1d(order, held), held))
    return found


# %% learned from all
# fails: the_rest
# hint: among what is learned from
def folds(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [(order, part) for part in np.array_split(order, k)]


# %% exchanged
# fails: out_once
# hint: the two are exchanged
def folds(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [(part, np.setdiff1d(order, part)) for part in np.array_split(order, k)]


# %% a large last part
# fails: fair_parts
# hint: leave a large rest
def folds(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    m = n // k
    places = [i * m for i in range(1, k)]
    return [(np.setdiff1d(order, part), part) for part in np.split(order, places)]


# %% not shuffled
# fails: at_random
# hint: is it shuffled
def folds(n, k, seed):
    order = np.arange(n)
    return [(np.setdiff1d(order, part), part) for part in np.array_split(order, k)]


# %% in regular steps
# fails: at_random
# hint: is it shuffled
def folds(n, k, seed):
    order = np.arange(n)
    return [
        (np.setdiff1d(order, (order + seed)[i::k] % n), (order + seed)[i::k] % n) for i in range(k)
    ]


# %% only the neighbour part
# fails: the_rest
# hint: All parts but part i
def folds(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    parts = np.array_split(order, k)
    return [(parts[i - 1], parts[i]) for i in range(k)]


# %% parts of a rounded size
# fails: every_n_and_k
# hint: do not always add up to n
def folds(n, k, seed):
    order, size = np.random.default_rng(seed).permutation(n), round(n / k)
    ends = [i * size for i in range(k)] + [n]
    parts = [order[ends[i] : ends[i + 1]] for i in range(k)]
    return [(np.setdiff1d(order, part), part) for part in parts]
