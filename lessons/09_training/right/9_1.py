# %% by a dict of indices
def split(texts, share, seed):
    where = {}
    for i, text in enumerate(texts):
        where.setdefault(text, []).append(i)
    groups = list(where.values())
    np.random.default_rng(seed).shuffle(groups)
    n = round(share * len(groups))
    held_out = [i for group in groups[:n] for i in group]
    return sorted(set(range(len(texts))) - set(held_out)), held_out


# %% by numbers of texts
def split(texts, share, seed):
    _, number = np.unique(np.array(texts), return_inverse=True)
    n = number.max() + 1
    chosen = np.random.default_rng(seed).choice(n, size=round(share * n), replace=False)
    in_exam = np.isin(number, chosen)
    return np.nonzero(~in_exam)[0], np.nonzero(in_exam)[0]
