# %% words count once
# fails: the_most_frequent
# hint: counts five times
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges


# %% counted once for all
# fails: the_most_frequent
# hint: count anew
def learn_merges(words, count):
    counts = {}
    for word, n in words.items():
        for pair in zip(word, word[1:], strict=False):
            counts[pair] = counts.get(pair, 0) + n
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:count]


# %% the pair met first
# fails: ties_and_end
# hint: not the first one met
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = max(counts, key=counts.get)
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges


# %% the last of the alphabet
# fails: ties_and_end
# hint: the smaller tuple is taken
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges


# %% nothing is merged
# fails: the_most_frequent
# hint: merge it in every word
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        split = {word: tokens for word, tokens in split.items()}
    return merges


# %% no end
# fails: ties_and_end
# hint: When every word is one token
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges


# %% the rarest
# fails: the_most_frequent
# hint: take the best
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges


# %% across the words
# fails: the_most_frequent
# hint: must not reach into the next
def learn_merges(words, count):
    tokens = list("".join(words))
    merges = []
    for _ in range(count):
        counts = {}
        for pair in zip(tokens, tokens[1:], strict=False):
            counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        merges.append(min(counts, key=lambda pair: (-counts[pair], pair)))
        tokens = merge(tokens, merges[-1])
    return merges


# %% the alphabet of the joined tokens
# fails: longer_tokens
# hint: ('a', 'c') is smaller than ('ab', 'b')
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], "".join(pair), pair))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges


# %% the first token decides alone
# fails: longer_tokens
# hint: the second ones decide
def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair[0]))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges
