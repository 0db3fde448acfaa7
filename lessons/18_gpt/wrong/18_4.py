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
