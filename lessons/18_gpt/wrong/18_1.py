# %% only the first place
# fails: every_place
# hint: only the first place
def merge(tokens, pair):
    for i in range(len(tokens) - 1):
        if (tokens[i], tokens[i + 1]) == pair:
            return [*tokens[:i], tokens[i] + tokens[i + 1], *tokens[i + 2 :]]
    return tokens


# %% the second of the two stays
# fails: every_place
# hint: go on behind both
def merge(tokens, pair):
    merged = []
    for i in range(len(tokens)):
        if tuple(tokens[i : i + 2]) == pair:
            merged.append(tokens[i] + tokens[i + 1])
        else:
            merged.append(tokens[i])
    return merged


# %% the last token is lost
# fails: every_place
# hint: the last token is lost
def merge(tokens, pair):
    merged, i = [], 0
    while i < len(tokens) - 1:
        if (tokens[i], tokens[i + 1]) == pair:
            merged.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


# %% over the end
# fails: every_place
# hint: has no right neighbour
def merge(tokens, pair):
    merged, i = [], 0
    while i < len(tokens):
        if (tokens[i], tokens[i + 1]) == pair:
            merged.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


# %% letters are compared
# fails: not_again
# hint: is not the pair
def merge(tokens, pair):
    merged, i = [], 0
    while i < len(tokens):
        if i + 1 < len(tokens) and tokens[i] + tokens[i + 1] == pair[0] + pair[1]:
            merged.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


# %% again and again
# fails: not_again
# hint: In a, a, a only two
def merge(tokens, pair):
    whole = pair[0] + pair[1]
    merged = []
    for token in tokens:
        if merged and merged[-1] + token == whole and merged[-1] == pair[0] and token == pair[1]:
            merged[-1] = whole
        elif merged and merged[-1] == whole and pair[0] == pair[1] == token:
            merged[-1] += token
        else:
            merged.append(token)
    return merged


# %% a list is no tuple
# fails: every_place
# hint: nothing was joined
def merge(tokens, pair):
    merged, i = [], 0
    while i < len(tokens):
        if tokens[i : i + 2] == pair:
            merged.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


# %% one string
# fails: of_anything
# hint: compare the tokens themselves
def merge(tokens, pair):
    return " ".join(tokens).replace(" ".join(pair), "".join(pair)).split()


# %% a call for each token
# fails: of_anything
# hint: a loop does not
def merge(tokens, pair):
    if len(tokens) < 2:
        return list(tokens)
    if (tokens[0], tokens[1]) == pair:
        return [tokens[0] + tokens[1], *merge(tokens[2:], pair)]
    return [tokens[0], *merge(tokens[1:], pair)]
