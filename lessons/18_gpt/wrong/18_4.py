# %% writing alone
# fails: by_the_table
# hint: only the share for writing
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g / len(after)
        dh = d @ e
        de = d.T @ h
        pass
        return de, x.T @ dh, None

    return loss, pullback


# %% reading alone
# fails: by_the_table
# hint: only the share for reading
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g / len(after)
        dh = d @ e
        de = np.zeros_like(e)
        np.add.at(de, before, dh @ w.T)
        return de, x.T @ dh, None

    return loss, pullback


# %% equal indices
# fails: by_the_table
# hint: += with equal indices
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g / len(after)
        dh = d @ e
        de = d.T @ h
        de[before] += dh @ w.T
        return de, x.T @ dh, None

    return loss, pullback


# %% no mean
# fails: by_w
# hint: divide by their number
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g
        dh = d @ e
        de = d.T @ h
        np.add.at(de, before, dh @ w.T)
        return de, x.T @ dh, None

    return loss, pullback


# %% g forgotten
# fails: by_w
# hint: g is not used
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d /= len(after)
        dh = d @ e
        de = d.T @ h
        np.add.at(de, before, dh @ w.T)
        return de, x.T @ dh, None

    return loss, pullback


# %% the sign
# fails: by_w
# hint: the sign is turned
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d = -d
        d[np.arange(len(after)), after] += 1
        d *= g / len(after)
        dh = d @ e
        de = d.T @ h
        np.add.at(de, before, dh @ w.T)
        return de, x.T @ dh, None

    return loss, pullback


# %% w skipped on the way back
# fails: tied_by_differences
# hint: Two shares of e
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g / len(after)
        dh = d @ e
        de = d.T @ h
        np.add.at(de, before, dh @ w)
        return de, x.T @ dh, None

    return loss, pullback


# %% dw turned round
# fails: by_w
# hint: dw is turned round
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    logits = h @ e.T
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(after)), after]))

    def pullback(g):
        d = p.copy()
        d[np.arange(len(after)), after] -= 1
        d *= g / len(after)
        dh = d @ e
        de = d.T @ h
        np.add.at(de, before, dh @ w.T)
        return de, dh.T @ x, None

    return loss, pullback


# %% one-hot rows of a table
# fails: large_vocabulary
# hint: A table of V by V numbers
def tied_loss(e, w, tokens):
    one = np.eye(len(e))[tokens]
    read, wanted = one[:-1], one[1:]
    z = read @ e @ w @ e.T
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    n = len(wanted)

    def pullback(g):
        d = g * (np.exp(log_p) - wanted) / n
        return read.T @ d @ e @ w.T + d.T @ read @ e @ w, (read @ e).T @ d @ e, None

    return -(wanted * log_p).sum() / n, pullback


# %% the Jacobian of each softmax
# fails: large_vocabulary
# hint: A table of V by V numbers
def tied_loss(e, w, tokens):
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    z = h @ e.T
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)

    def pullback(g):
        de, dh = np.zeros_like(e), np.zeros_like(h)
        for t, right in enumerate(after):
            jacobian = np.diag(p[t]) - np.outer(p[t], p[t])
            dz = -jacobian[right] / p[t, right] * g / len(after)
            dh[t] = dz @ e
            de += np.outer(dz, h[t])
        np.add.at(de, before, dh @ w.T)
        return de, x.T @ dh, None

    return -np.mean(np.log(p[np.arange(len(after)), after])), pullback
