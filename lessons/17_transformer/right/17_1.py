# %% with einsum, and an exponent of logarithms
def attention(q, k, v, mask=None):
    scores = np.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + np.where(mask, 0.0, -np.inf)
    top = np.max(scores, axis=-1, keepdims=True)
    log_sum = top + np.log(np.sum(np.exp(scores - top), axis=-1, keepdims=True))
    weights = np.exp(scores - log_sum)
    return np.einsum("...ts,...sd->...td", weights, v), weights


# %% the queries are scaled, hidden weights are taken out and the rest shared out
def attention(q, k, v, mask=None):
    scores = (q / np.sqrt(q.shape[-1])) @ np.moveaxis(k, -1, -2)
    if mask is None:
        mask = np.ones(scores.shape, dtype=bool)
    mask = np.broadcast_to(mask, scores.shape)
    top = np.max(scores, axis=-1, keepdims=True, where=mask, initial=-1e308)
    weights = np.where(mask, np.exp(np.minimum(scores - top, 0)), 0.0)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ v, weights
