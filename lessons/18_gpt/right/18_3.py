# %% the best rank among the pairs, again and again
def encode(word, merges):
    rank = {}
    for i, pair in enumerate(merges):
        rank.setdefault(tuple(pair), i)
    tokens = list(word)
    last = -1
    while len(tokens) > 1:
        pairs = [(tokens[i], tokens[i + 1]) for i in range(len(tokens) - 1)]
        pairs = [pair for pair in pairs if rank.get(pair, -1) > last]
        if not pairs:
            break
        best = min(pairs, key=rank.get)
        last = rank[best]
        tokens = merge(tokens, best)
    return tokens


# %% a fold
def encode(word, merges):
    from functools import reduce

    return reduce(lambda tokens, pair: merge(tokens, tuple(pair)), merges, [*word])
