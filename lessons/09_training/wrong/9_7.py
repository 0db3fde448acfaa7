# %% exchanged
# fails: shares
# hint: this is recall
def scores(counts):
    hits = np.diagonal(counts)
    p = hits / np.maximum(counts.sum(axis=1), 1)
    r = hits / np.maximum(counts.sum(axis=0), 1)
    return p, r, 2 * p * r / np.where(p + r == 0, 1, p + r)


# %% the usual mean
# fails: harmonic
# hint: the usual mean
def scores(counts):
    hits = np.diagonal(counts)
    p = hits / np.maximum(counts.sum(axis=0), 1)
    r = hits / np.maximum(counts.sum(axis=1), 1)
    return p, r, (p + r) / 2


# %% the 2 is missing
# fails: harmonic
# hint: the 2 is missing
def scores(counts):
    hits = np.diagonal(counts)
    p = hits / np.maximum(counts.sum(axis=0), 1)
    r = hits / np.maximum(counts.sum(axis=1), 1)
    return p, r, p * r / np.where(p + r == 0, 1, p + r)


# %% the geometric mean
# fails: harmonic
# hint: geometric mean
def scores(counts):
    hits = np.diagonal(counts)
    p = hits / np.maximum(counts.sum(axis=0), 1)
    r = hits / np.maximum(counts.sum(axis=1), 1)
    return p, r, np.sqrt(p * r)


# %% 0 / 0
# fails: nothing_there
# hint: Divide by 1 where the sum is 0
def scores(counts):
    hits = np.diagonal(counts)
    with np.errstate(all="ignore"):
        p, r = hits / counts.sum(axis=0), hits / counts.sum(axis=1)
        return p, r, 2 * p * r / (p + r)


# %% 0 / 0 in F1 alone
# fails: nothing_there
# hint: P and R may both be 0
def scores(counts):
    hits = np.diagonal(counts)
    p, r = hits / np.maximum(counts.sum(axis=0), 1), hits / np.maximum(counts.sum(axis=1), 1)
    with np.errstate(all="ignore"):
        return p, r, 2 * p * r / (p + r)


# %% divided by everything
# fails: shares
# hint: divided by all examples
def scores(counts):
    hits = np.diagonal(counts)
    p = hits / counts.sum()
    r = hits / np.maximum(counts.sum(axis=1), 1)
    return p, r, 2 * p * r / np.where(p + r == 0, 1, p + r)


# %% hits per mistake
# fails: shares
# hint: this is hits per mistake
def scores(counts):
    hits = np.diagonal(counts)
    p = hits / np.maximum(counts.sum(axis=0) - hits, 1)
    r = hits / np.maximum(counts.sum(axis=1), 1)
    return p, r, 2 * p * r / np.where(p + r == 0, 1, p + r)


# %% all mistakes in F1
# fails: many_classes
# hint: the mistakes among the other classes are in it
def scores(counts):
    hits, called, there = np.diagonal(counts), counts.sum(axis=0), counts.sum(axis=1)
    mistakes = counts.sum() - hits.sum()
    below = 2 * hits + mistakes
    f1 = 2 * hits / np.where(below == 0, 1, below)
    return hits / np.where(called == 0, 1, called), hits / np.where(there == 0, 1, there), f1
