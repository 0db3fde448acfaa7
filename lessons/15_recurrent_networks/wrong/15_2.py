# %% no slope of tanh
# fails: by_the_first_state
# hint: the slope of tanh
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = g[t] + dh
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% nothing through the later states
# fails: by_the_first_state
# hint: nothing through the later states
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = g[t] * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% only the loss at the last state
# fails: by_the_first_state
# hint: add g[t] at each step
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = ((g[t] if t == len(hs) - 1 else 0) + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% not turned round
# fails: by_the_first_state
# hint: goes @ w.T
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% w with the states after
# fails: shares_of_all_steps
# hint: not by h_t
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, hs.T @ da, da.sum(axis=0)

    return hs, pullback


# %% the share of the last step
# fails: shares_of_all_steps
# hint: the last step alone
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, np.outer(xs[-1], da[-1]), np.outer(before[-1], da[-1]), da[-1]

    return hs, pullback


# %% overwritten in the loop
# fails: shares_of_all_steps
# hint: the first step alone
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, np.outer(xs[0], da[0]), np.outer(before[0], da[0]), da[0]

    return hs, pullback


# %% a mean over the steps
# fails: shares_of_all_steps
# hint: they add up
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da / len(xs), before.T @ da / len(xs), da.mean(axis=0)

    return hs, pullback


# %% the first state left out
# fails: shares_of_all_steps
# hint: the first step is missing
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, hs[:-1].T @ da[1:], da.sum(axis=0)

    return hs, pullback


# %% the slope of the state before
# fails: by_the_first_state
# hint: Through tanh
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - before[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% dxs with u as it is
# fails: rnn_by_differences
# hint: All five derivatives
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T * (len(xs) < 4), dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% cut off after four steps
# fails: a_long_way_back
# hint: How many steps does your loop go back
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da, dh = np.zeros_like(hs), np.zeros_like(h)
        for last in range(len(hs)):
            back = g[last]
            for t in range(last, max(last - 4, -1), -1):
                here = back * (1 - hs[t] ** 2)
                da[t] += here
                back = here @ w.T
                if t == 0:
                    dh += back
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


# %% into the caller's g
# fails: a_long_way_back
# hint: wrote into g
def rnn_pullback(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        for t in reversed(range(len(hs))):
            da[t] = g[t] * (1 - hs[t] ** 2)
            if t > 0:
                g[t - 1] += da[t] @ w.T
        return da @ u.T, da[0] @ w.T, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback
