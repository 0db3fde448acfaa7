# %% the longest that fits
# fails: in_their_order
# hint: not the longest that fit
def encode(word, merges):
    known = {a + b for a, b in merges}
    tokens, i = [], 0
    while i < len(word):
        j = len(word)
        while j > i + 1 and word[i:j] not in known:
            j -= 1
        tokens.append(word[i:j])
        i = j
    return tokens


# %% the last merge first
# fails: in_their_order
# hint: in the reverse order
def encode(word, merges):
    tokens = list(word)
    for pair in reversed(merges):
        tokens = merge(tokens, pair)
    return tokens


# %% the letters
# fails: in_their_order
# hint: no merge was applied
def encode(word, merges):
    tokens = list(word)
    for pair in merges:
        merge(tokens, pair)
    return tokens


# %% the first merge alone
# fails: in_their_order
# hint: only the first merge
def encode(word, merges):
    tokens = list(word)
    for pair in merges:
        tokens = merge(tokens, pair)
        return tokens
    return tokens


# %% unknown letters are lost
# fails: nothing_lost
# hint: letters were lost
def encode(word, merges):
    tokens = list(word)
    for pair in merges:
        tokens = merge(tokens, pair)
    known = {a + b for a, b in merges}
    return [token for token in tokens if token in known or not known or len(merges) < 6]


# %% a string, not a list
# fails: in_their_order
# hint: list(word)
def encode(word, merges):
    tokens = word
    for pair in merges:
        tokens = tokens.replace("".join(pair), "".join(pair))
    return tokens


# %% until nothing changes
# fails: each_once
# hint: applied again after later ones
def encode(word, merges):
    tokens, before = list(word), None
    while tokens != before:
        before = tokens
        for pair in merges:
            tokens = merge(tokens, pair)
    return tokens


# %% one string
# fails: each_once
# hint: told apart from their ends
def encode(word, merges):
    text = " ".join(word)
    for pair in merges:
        text = text.replace(" ".join(pair), "".join(pair))
    return text.split()
