"""Training of byte-pair encoding: which pairs of tokens are joined, and in which order."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping

BOUNDARY = -1  # in the place of a token: the end of a word, or a token that has been joined away


def learn_merges(words: Mapping[bytes, int], count: int) -> list[tuple[int, int]]:
    """The first `count` merges of byte-pair encoding; merge i makes token 256 + i of two others.

    words: how often each word occurs. Begin with one token a byte; then again and again join the
    pair of neighbours that occurs most often, wherever it stands, from left to right. Of equally
    frequent pairs the one with the smaller (left, right) goes first, so the result depends on
    nothing but the counts. There are fewer merges if every word has become a single token.

    Sennrich, Haddow & Birch (2016), Neural Machine Translation of Rare Words with Subword Units,
    algorithm 1. A merge costs as much as the pair has places in distinct words: a pair's count is
    corrected at those places, and the most frequent pair is found with a heap.

    >>> learn_merges({b"ababc": 2, b"abc": 1}, 2)  # ab, then ab + c
    [(97, 98), (256, 99)]
    """
    token, times = [BOUNDARY], [0]
    for word, n in words.items():
        token += [*word, BOUNDARY]
        times += [n] * (len(word) + 1)
    before = list(range(-1, len(token) - 1))  # the place of each place's left neighbour
    after = list(range(1, len(token) + 1))

    counts: Counter[tuple[int, int]] = Counter()
    places: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for i in range(1, len(token) - 1):
        if token[i] != BOUNDARY != token[i + 1]:
            counts[token[i], token[i + 1]] += times[i]
            places[token[i], token[i + 1]].append(i)

    heap = [(-n, pair) for pair, n in counts.items()]
    heapq.heapify(heap)
    merges: list[tuple[int, int]] = []
    while heap and len(merges) < count:
        n, pair = heapq.heappop(heap)
        if counts[pair] != -n:  # other merges took some of its places since it was pushed
            if counts[pair]:
                heapq.heappush(heap, (-counts[pair], pair))
            continue
        new = 256 + len(merges)
        merges.append(pair)
        made = set()
        for i in places.pop(pair):
            j = after[i]
            if (token[i], token[j]) != pair:  # gone since: it overlapped with another pair
                continue
            left, right = before[i], after[j]
            if token[left] != BOUNDARY:
                counts[token[left], token[i]] -= times[i]
                counts[token[left], new] += times[i]
                places[token[left], new].append(left)
                made.add((token[left], new))
            if token[right] != BOUNDARY:
                counts[token[j], token[right]] -= times[i]
                counts[new, token[right]] += times[i]
                places[new, token[right]].append(i)
                made.add((new, token[right]))
            token[i], token[j] = new, BOUNDARY
            after[i], before[right] = right, i
        # Only pairs with the new token have become more frequent: all others are in the heap.
        for pair in made:
            if counts[pair]:
                heapq.heappush(heap, (-counts[pair], pair))
    return merges
