# %% by names, with the shares of w added
def lstm_cell_pullback(x, h, c, w, b):
    size, width = h.shape[1], x.shape[1]
    wx, wh = w[:width], w[width:]
    a = x @ wx + h @ wh + b
    gate = {k: sigmoid(a[:, j * size : (j + 1) * size]) for j, k in enumerate("if_o")}
    new = np.tanh(a[:, 2 * size : 3 * size])
    new_c = gate["f"] * c + gate["i"] * new

    def pullback(gh, gc):
        t = np.tanh(new_c)
        total = gc + gh * gate["o"] / np.cosh(new_c) ** 2
        da = np.empty_like(a)
        da[:, :size] = total * new
        da[:, size : 2 * size] = total * c
        da[:, 3 * size :] = gh * t
        for j, k in enumerate("if_o"):
            da[:, j * size : (j + 1) * size] *= gate[k] - gate[k] ** 2
        da[:, 2 * size : 3 * size] = total * gate["i"] * (1 - new**2)
        dw = np.concatenate([x.T @ da, h.T @ da])
        return da @ wx.T, da @ wh.T, total * gate["f"], dw, np.ones(len(x)) @ da

    return (gate["o"] * np.tanh(new_c), new_c), pullback


# %% one text after the other
def lstm_cell_pullback(x, h, c, w, b):
    value = lstm_cell(x, h, c, w, b)

    def pullback(gh, gc):
        dx, dh, dc = np.zeros_like(x), np.zeros_like(h), np.zeros_like(c)
        dw, db = np.zeros_like(w), np.zeros_like(b)
        for k in range(len(x)):
            v = np.concatenate([x[k], h[k]])
            i, f, n, o = np.split(v @ w + b, 4)
            i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
            t = np.tanh(value[1][k])
            d = gc[k] + gh[k] * o * (1 - t) * (1 + t)
            da = np.hstack(
                [
                    d * n * (i - i * i),
                    d * c[k] * (f - f * f),
                    d * i * (1 - n * n),
                    gh[k] * t * (o - o * o),
                ]
            )
            dx[k], dh[k], dc[k] = (w @ da)[: x.shape[1]], (w @ da)[x.shape[1] :], d * f
            dw += np.outer(v, da)
            db += da
        return dx, dh, dc, dw, db

    return value, pullback
