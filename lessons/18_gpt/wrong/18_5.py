# %% times the temperature
# fails: heat
# hint: multiplies by the temperature
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) * temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


# %% temperature after the softmax
# fails: heat
# hint: the temperature is not used
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp(logits - np.max(logits)) / temperature
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


# %% no largest taken away
# fails: heat
# hint: take away the largest logit
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp(logits / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


# %% not renormalized
# fails: the_best_k
# hint: divide by its sum
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    p = p / p.sum()
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    if top_p is not None:
        p[order[np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1 :]] = 0.0
    return p


# %% the least likely
# fails: the_best_k
# hint: the k least likely
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[: max(len(p) - top_k, 0)]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


# %% one too many
# fails: the_best_k
# hint: one too many is kept
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k + 1 :]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


# %% below p
# fails: enough_of_them
# hint: is kept too
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12)
        p[order[enough:]] = 0.0
    return p / p.sum() if p.sum() else np.full_like(p, np.nan)


# %% each by itself
# fails: enough_of_them
# hint: whose own probability
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        p[p < top_p] = 0.0
    return p / max(p.sum(), 1e-300)


# %% top_p before top_k
# fails: enough_of_them
# hint: that top_k left
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    p = p / p.sum()
    order = np.argsort(-p)
    if top_p is not None:
        p[order[np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1 :]] = 0.0
    if top_k is not None:
        p[order[top_k:]] = 0.0
    return p / p.sum()


# %% into the caller's logits
# fails: logits_stay
# hint: writes into the caller's
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    logits /= temperature
    p = np.exp(logits - np.max(logits))
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


# %% the largest size is taken away
# fails: many_tokens
# hint: with its sign
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    z = logits / temperature
    p = np.exp(z - np.abs(z).max())
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p - 1e-12) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()
