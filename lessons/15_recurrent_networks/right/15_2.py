# %% sums in the loop
def rnn_pullback(xs, h, u, w, b):
    start, hs = h, rnn(xs, h, u, w, b)

    def pullback(g):
        dxs, du, dw, db = np.zeros_like(xs), np.zeros_like(u), np.zeros_like(w), np.zeros_like(b)
        dh = np.zeros_like(start)
        for t in range(len(xs) - 1, -1, -1):
            dh = dh + g[t]
            da = dh * (1 - hs[t] * hs[t])
            db += da
            du += np.outer(xs[t], da)
            dw += np.outer(hs[t - 1] if t > 0 else start, da)
            dxs[t] = u @ da
            dh = w @ da
        return dxs, dh, du, dw, db

    return hs, pullback


# %% pullbacks of the steps, one after the other
def rnn_pullback(xs, h, u, w, b):
    steps, hs = [], []
    for x in xs:
        new = np.tanh(x @ u + h @ w + b)

        def back(g, x=x, h=h, slope=1 - new**2):
            da = g * slope
            return u @ da, w @ da, x[:, None] * da, h[:, None] * da, da

        steps.append(back)
        hs.append(new)
        h = new

    def pullback(g):
        dxs, total, dh = [], [0.0, 0.0, 0.0], 0.0
        for back, own in zip(steps[::-1], g[::-1], strict=True):
            dx, dh, *shares = back(own + dh)
            dxs.insert(0, dx)
            total = [a + s for a, s in zip(total, shares, strict=True)]
        return np.array(dxs), dh, *total

    return np.array(hs), pullback
