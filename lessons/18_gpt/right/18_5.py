# %% minus infinity, then softmax
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    z = np.array(logits, dtype=float) / temperature

    def softmax(z):
        e = np.exp(z - z.max())
        return e / e.sum()

    if top_k is not None and top_k < len(z):
        z[z < np.sort(z)[-top_k]] = -np.inf
    if top_p is not None:
        p = softmax(z)
        above = np.array([p[p > own].sum() for own in p])  # what is more likely than each
        z[above >= top_p - 1e-12] = -np.inf
    return softmax(z)


# %% a loop over the most likely ones
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    weight = [float(np.exp((z - max(logits)) / temperature)) for z in logits]
    best = sorted(range(len(weight)), key=lambda i: weight[i], reverse=True)
    best = best if top_k is None else best[:top_k]
    total = sum(weight[i] for i in best)
    kept, reached = [], 0.0
    for i in best:
        if top_p is not None and reached >= top_p * total * (1 - 1e-12):
            break
        kept.append(i)
        reached += weight[i]
    found = np.zeros(len(weight))
    for i in kept:
        found[i] = weight[i] / reached
    return found
