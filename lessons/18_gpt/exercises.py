# %% [markdown]
# # Exercises to lesson 18: GPT
#
# Write each function where it says so, with NumPy. `minigrad check 18` asks the questions. A token
# is a string in 18.1 to 18.3, and an integer from 0 on in the others.

# %%
import numpy as np


# %% Exercise 18.1: one merge
def merge(tokens, pair):
    """The tokens, with every place where the two of `pair` stand side by side made one token.

    tokens: a list of strings, of any letters, spaces too, and thousands of them if need be; pair: a
    tuple of two. From left to right; what has been joined is not joined again in the same pass.
    Returns a new list.

    >>> merge(["b", "a", "n", "a", "n", "a"], ("a", "n"))
    ['b', 'an', 'an', 'a']
    >>> merge(["a", "a", "a"], ("a", "a"))
    ['aa', 'a']
    """
    ### BEGIN SOLUTION
    merged = []
    i = 0
    while i < len(tokens):
        if tuple(tokens[i : i + 2]) == pair:
            merged.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged
    ### END SOLUTION


# %% Exercise 18.2: byte-pair encoding, learned (needs 18.1)
def learn_merges(words, count):
    """The first `count` merges of byte-pair encoding (Sennrich, Haddow and Birch, 2016).

    words: a dict of words and how often each is there. Each word begins as its letters. Again and
    again the pair of neighbours that is most frequent in all words is merged, everywhere; a pair
    in a word that is there five times counts five times. Pairs go from one word into the next
    nowhere. Of equally frequent pairs the first in the order of the alphabet is taken, that is
    the smaller tuple. It ends early when no word has two tokens. Returns a list of tuples.

    >>> learn_merges({"sing": 3, "king": 2, "singer": 1}, 3)
    [('i', 'n'), ('in', 'g'), ('s', 'ing')]
    """
    ### BEGIN SOLUTION
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for i in range(len(tokens) - 1):
                pair = tokens[i], tokens[i + 1]
                counts[pair] = counts.get(pair, 0) + words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        split = {word: merge(tokens, best) for word, tokens in split.items()}
    return merges
    ### END SOLUTION


# %% Exercise 18.3: byte-pair encoding, used (needs 18.1)
def encode(word, merges):
    """The tokens of a word: its letters, joined by the merges in the order they were learned, each
    of them once.

    word: a string, which may hold letters that no merge knows, and spaces; merges: a list of
    tuples. Returns a list of strings, which joined give the word.

    >>> encode("ringer", [("i", "n"), ("in", "g"), ("s", "ing"), ("e", "r")])
    ['r', 'ing', 'er']
    """
    ### BEGIN SOLUTION
    tokens = list(word)
    for pair in merges:
        tokens = merge(tokens, pair)
    return tokens
    ### END SOLUTION


# %% Exercise 18.4: one table for reading and writing
def tied_loss(e, w, tokens):
    """The loss of the smallest language model with tied embeddings, and its pullback.

    e: (V, E), a row for each token; w: (E, E); tokens: (T + 1,) integers, a text. Token t becomes
    its row of e, times w; the products of that with *all* rows of e are the logits of token t + 1.
    The loss is the mean of -log of the probability of the right one. All this is given.

    Returns (loss, pullback); pullback(g), with g a number, returns a tuple: the derivatives by e
    and by w, and None for the tokens. The table is used twice, and a token may come more than once.
    V may be in the ten thousands: (T, V) numbers are few then, (V, V) too many.

    >>> loss, pullback = tied_loss(np.eye(2), np.zeros((2, 2)), np.array([0, 0, 1]))
    >>> float(loss.round(6)), pullback(1.0)[1].tolist()
    (0.693147, [[0.0, 0.0], [0.0, 0.0]])
    """
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    ### BEGIN SOLUTION
    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g / len(after)
        dh = d @ e
        de = d.T @ h
        np.add.at(de, before, dh @ w.T)
        return de, x.T @ dh, None

    ### END SOLUTION
    return loss, pullback


# %% Exercise 18.5: from logits to the probabilities that are drawn from
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    """The distribution from which the next token is drawn.

    logits: (V,), no two of them equal; temperature: above 0, by which they are divided before the
    softmax. top_k: only the k most likely tokens are kept; k may be larger than V. top_p: only the
    most likely ones are kept, as few as have together a probability of at least top_p; top_k goes
    first, and top_p counts in the probabilities that it left. What is not kept has the probability
    0, and what is kept sums to 1. Returns (V,).

    >>> probabilities(np.log([0.5, 0.3, 0.2]), top_k=2).round(4)
    array([0.625, 0.375, 0.   ])
    >>> probabilities(np.log([0.2, 0.1, 0.7]), top_p=0.8).round(4)
    array([0.2222, 0.    , 0.7778])
    """
    ### BEGIN SOLUTION
    p = np.exp((logits - np.max(logits)) / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()
    ### END SOLUTION


# %% Exercise 18.6: find the bug
def generate(next_logits, prompt, max_length, stop, draw):
    """A text written token by token.

    next_logits: takes the list of *all* tokens so far and gives the logits of the next one; it
    can be asked at any length. draw: takes logits and gives a token. prompt: a list of tokens, at
    least one. It ends when the text has max_length tokens, those of the prompt among them, or
    after the token `stop`, which is part of the text. A prompt that is as long already comes back
    as it is. Returns a list.

    It has three bugs.

    >>> def next_logits(tokens): return np.eye(9)[tokens[-1] + 1]
    >>> generate(next_logits, [1, 2], 5, stop=8, draw=lambda logits: int(np.argmax(logits)))
    [1, 2, 3, 4, 5]
    """
    ### BEGIN SOLUTION
    tokens = list(prompt)
    while len(tokens) < max_length:
        tokens.append(draw(next_logits(list(tokens))))
        if tokens[-1] == stop:
            break
    return tokens
    ### END SOLUTION
    ### BEGIN STUB
    # tokens = list(prompt)
    # for _ in range(max_length):
    #     new = draw(next_logits(tokens[-1:]))
    #     if new == stop:
    #         break
    #     tokens.append(new)
    # return tokens
    ### END STUB


# %% Exercise 18.7: the cache of keys and values
def cached_attention(x, wq, wk, wv, cache=None):
    """Causal attention of one head for new tokens, which computes nothing of the old ones again.

    x: (N, E), the vectors of the N new tokens; wq, wk: (E, D); wv: (E, Dv): queries are x @ wq and
    so on. cache: None at the beginning, then what the call before returned as its second result.
    A new token sees all those that came in earlier calls, itself, and the new ones before it. The
    scores are divided by the square root of D; they may be in the thousands.

    Returns (output, cache): the output (N, Dv), and the keys and values of all tokens so far, as
    you like to keep them. A cache that was given is not changed: one may go on from it twice.

    >>> one = np.ones((1, 1))
    >>> y, cache = cached_attention(np.array([[2.0]]), 0 * one, one, one)
    >>> cached_attention(np.array([[4.0], [9.0]]), 0 * one, one, one, cache)[0]
    array([[3.],
           [5.]])
    """
    ### BEGIN SOLUTION
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)
    ### END SOLUTION
