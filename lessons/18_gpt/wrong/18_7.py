# %% the cache is not used
# fails: any_cut
# hint: the cache is not used
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv

    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% a mask for the first tokens
# fails: any_cut
# hint: not all of the cache
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% no mask with a cache
# fails: any_cut
# hint: new ones that come after
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(
        np.tri(n, s, s - n, dtype=bool) | (cache is not None),
        q @ k.T / np.sqrt(q.shape[1]),
        -np.inf,
    )
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% no mask at all
# fails: no_cache
# hint: come after it
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(np.True_, q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% the new keys before the old ones
# fails: any_cut
# hint: put before the old ones
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([k, cache[0]]), np.concatenate([v, cache[1]])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% only the last call is kept
# fails: any_cut
# hint: not those before it
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    new = k, v
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, new


# %% no scale
# fails: no_cache
# hint: not divided by the square root
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / 1.0, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% one list for all
# fails: twice
# hint: make a new one
def cached_attention(x, wq, wk, wv, cache=None, kept={}):
    if cache is None:
        kept.clear()
        kept["k"], kept["v"] = np.zeros((0, wk.shape[1])), np.zeros((0, wv.shape[1]))
    q = x @ wq
    kept["k"] = k = np.concatenate([kept["k"], x @ wk])
    kept["v"] = v = np.concatenate([kept["v"], x @ wv])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, True


# %% the vectors are kept
# fails: not_again_computed
# hint: computed again
def cached_attention(x, wq, wk, wv, cache=None):
    every = x if cache is None else np.concatenate([cache, x])
    q, k, v = x @ wq, every @ wk, every @ wv
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, every


# %% exp of the scores as they are
# fails: large_scores_in_many_calls
# hint: is infinite
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    weights = np.exp(q @ k.T / np.sqrt(q.shape[1])) * np.tri(n, s, s - n)
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


# %% the largest score may be one that is hidden
# fails: large_scores_in_many_calls
# hint: hide first
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = q @ k.T / np.sqrt(q.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True)) * np.tri(n, s, s - n)
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)
