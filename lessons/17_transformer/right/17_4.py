# %% a loop over the heads
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    outputs = []
    for columns in np.split(np.arange(x.shape[1]), heads):
        q, k, v = x @ wq[:, columns], context @ wk[:, columns], context @ wv[:, columns]
        outputs.append(attention(q, k, v, mask)[0])
    return np.hstack(outputs) @ wo


# %% each head has its rows of wo, and the results are added
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    size = x.shape[1] // heads
    total = np.zeros_like(x)
    for h in range(heads):
        c = slice(h * size, (h + 1) * size)
        score = (x @ wq)[:, c] @ (context @ wk)[:, c].T / size**0.5
        if mask is not None:
            score = np.where(mask, score, -np.inf)
        p = np.exp(score - score.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        total += p @ (context @ (wv[:, c] @ wo[c]))
    return total
