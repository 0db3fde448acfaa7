# %% an iterator, and what was put aside
def merge(tokens, pair):
    merged, waiting = [], None
    for token in tokens:
        if waiting is not None and (waiting, token) == pair:
            merged.append(waiting + token)
            waiting = None
        else:
            merged += [] if waiting is None else [waiting]
            waiting = token
    return merged if waiting is None else [*merged, waiting]


# %% places first
def merge(tokens, pair):
    places, i = set(), 0
    while i < len(tokens) - 1:
        if (tokens[i], tokens[i + 1]) == tuple(pair):
            places.add(i)
            i += 1
        i += 1
    return [
        token + tokens[i + 1] if i in places else token
        for i, token in enumerate(tokens)
        if i - 1 not in places
    ]
