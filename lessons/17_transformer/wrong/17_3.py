# %% no scale on the way back
# fails: by_queries_and_keys
# hint: the scale 1 / sqrt(D) is missing
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return ds @ k, ds.T @ q, p.T @ g

    return output, pullback


# %% the slope of a sigmoid
# fails: by_queries_and_keys
# hint: only how a weight depends on its own score
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (1 - p) * dp
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return output, pullback


# %% the sum is forgotten
# fails: by_queries_and_keys
# hint: if one grows the others shrink
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * dp
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return output, pullback


# %% the sum goes over the queries
# fails: by_queries_and_keys
# hint: along the keys, for each query
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=0, keepdims=True))
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return output, pullback


# %% the softmax is skipped
# fails: by_queries_and_keys
# hint: without the softmax
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = dp
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return output, pullback


# %% dv without the transpose
# fails: by_the_values
# hint: p transposed is needed
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return scale * ds @ k, scale * ds.T @ q, p @ g if p.shape[0] == p.shape[1] else p.T @ g

    return output, pullback


# %% dq and dk exchanged
# fails: by_queries_and_keys
# hint: Go back step by step
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return scale * ds.T @ q, scale * ds @ k, p.T @ g

    return output, pullback


# %% the scale for the keys alone
# fails: by_differences
# hint: One entry of q was moved
def attention_pullback(q, k, v):
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return ds @ k, scale * ds.T @ q, p.T @ g

    return output, pullback


# %% the weights once more, without care
# fails: back_from_large_scores
# hint: Are the weights computed once more
def attention_pullback(q, k, v):
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        p = np.exp(scale * q @ k.T)
        p = p / p.sum(axis=-1, keepdims=True)
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return attention(q, k, v)[0], pullback


# %% one largest score for all queries
# fails: back_from_large_scores
# hint: safe from overflow
def attention_pullback(q, k, v):
    scale = 1 / np.sqrt(q.shape[-1])
    scores = scale * q @ k.T
    p = np.exp(scores - scores.max())
    p = p / p.sum(axis=-1, keepdims=True)

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return p @ v, pullback
