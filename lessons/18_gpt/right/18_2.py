# %% by sorting, in a list of words and numbers
def learn_merges(words, count):
    texts = [(list(word), times) for word, times in words.items()]
    merges = []
    while len(merges) < count:
        seen = sorted({(t[i], t[i + 1]) for t, _ in texts for i in range(len(t) - 1)})
        if not seen:
            return merges
        how_often = [
            sum(
                times * (tuple(tokens[i : i + 2]) == pair)
                for tokens, times in texts
                for i in range(len(tokens))
            )
            for pair in seen
        ]
        merges.append(seen[int(np.argmax(how_often))])
        texts = [(merge(tokens, merges[-1]), times) for tokens, times in texts]
    return merges


# %% only words that changed are counted again
def learn_merges(words, count):
    from collections import Counter

    split, total, found = {}, Counter(), []

    def add(word, sign):
        for i in range(len(split[word]) - 1):
            total[split[word][i], split[word][i + 1]] += sign * words[word]

    for word in words:
        split[word] = [*word]
        add(word, 1)
    for _ in range(count):
        alive = [pair for pair, n in total.items() if n > 0]
        if not alive:
            break
        pair = max(sorted(alive), key=lambda pair: total[pair])
        found.append(pair)
        for word in words:
            new = merge(split[word], pair)
            if len(new) < len(split[word]):
                add(word, -1)
                split[word] = new
                add(word, 1)
    return found
