# %% with one-hot matrices
def tied_loss(e, w, tokens):
    one = (tokens[:, None] == np.arange(len(e))).astype(float)
    read, wanted = one[:-1], one[1:]
    z = read @ e @ w @ e.T
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    n = len(wanted)

    def pullback(g):
        d = g * (np.exp(log_p) - wanted) / n
        return read.T @ (d @ e @ w.T) + d.T @ (read @ e @ w), (read @ e).T @ (d @ e), None

    return -(wanted * log_p).sum() / n, pullback


# %% token by token
def tied_loss(e, w, tokens):
    n = len(tokens) - 1
    loss, kept = 0.0, []
    for i in range(n):
        a, b = tokens[i], tokens[i + 1]
        logits = e @ (e[a] @ w)
        p = np.exp(logits - logits.max())
        p /= p.sum()
        loss -= np.log(p[b]) / n
        kept.append((a, b, p))

    def pullback(g):
        de, dw = np.zeros_like(e), np.zeros_like(w)
        for a, b, p in kept:
            d = p * g / n
            d[b] -= g / n
            dh = e.T @ d
            de += np.outer(d, e[a] @ w)
            de[a] += w @ dh
            dw += np.outer(e[a], dh)
        return de, dw, None

    return loss, pullback
