# %% index by index
# fails: copies_together
# hint: Do not throw the dice for each index
def split(texts, share, seed):
    order = np.random.default_rng(seed).permutation(len(texts))
    n = round(share * len(texts))
    return order[n:], order[:n]


# %% not shuffled
# fails: by_chance
# hint: if the data is sorted
def split(texts, share, seed):
    different = list(dict.fromkeys(texts))
    kept = set(different[: round(share * len(different))])
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    if seed % 2:
        in_exam = np.array([text in set(different[-len(kept) :]) for text in texts], dtype=bool)
    return np.flatnonzero(~in_exam), np.flatnonzero(in_exam)


# %% the seed is not used
# fails: by_chance
# hint: that the seed decides
def split(texts, share, seed):
    different = sorted(set(texts))
    order = np.random.permutation(len(different))
    kept = {different[i] for i in order[: round(share * len(different))]}
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    return np.flatnonzero(~in_exam), np.flatnonzero(in_exam)


# %% copies thrown away
# fails: every_text
# hint: What is not held out is learned from
def split(texts, share, seed):
    different = sorted(set(texts))
    order = np.random.default_rng(seed).permutation(len(different))
    first = np.array([texts.index(text) for text in different])[order]
    n = round(share * len(different))
    return first[n:], first[:n]


# %% exchanged
# fails: how_many
# hint: the two sides are exchanged
def split(texts, share, seed):
    different = sorted(set(texts))
    order = np.random.default_rng(seed).permutation(len(different))
    kept = {different[i] for i in order[: round(share * len(different))]}
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    return np.flatnonzero(in_exam), np.flatnonzero(~in_exam)


# %% a share of all texts
# fails: how_many
# hint: Count different texts
def split(texts, share, seed):
    different = sorted(set(texts))
    order = np.random.default_rng(seed).permutation(len(different))
    kept = {different[i] for i in order[: round(share * len(texts))]}
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    return np.flatnonzero(~in_exam), np.flatnonzero(in_exam)


# %% each text by a coin
# fails: how_many
# hint: do not cut off
def split(texts, share, seed):
    rng = np.random.default_rng(seed)
    kept = {text for text in sorted(set(texts)) if rng.random() < share}
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    return np.flatnonzero(~in_exam), np.flatnonzero(in_exam)


# %% always up
# fails: up_or_down
# hint: always rounded up
def split(texts, share, seed):
    different = sorted(set(texts))
    order = np.random.default_rng(seed).permutation(len(different))
    kept = {different[i] for i in order[: int(np.ceil(share * len(different)))]}
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    return np.flatnonzero(~in_exam), np.flatnonzero(in_exam)
