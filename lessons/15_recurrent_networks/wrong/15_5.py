# %% nothing through h'
# fails: by_c
# hint: through h' too
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% nothing from c' itself
# fails: by_c
# hint: c' goes on by itself
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% the tanh of the way out
# fails: by_c
# hint: a tanh: its slope is missing
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% forget left out
# fails: by_c
# hint: times forget
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% the output gate left out
# fails: by_c
# hint: lies the output gate
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% no slopes of the sigmoids
# fails: by_the_gates
# hint: s * (1 - s)
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n, dc * c, dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% new with the slope of a sigmoid
# fails: by_the_gates
# hint: that of tanh is
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * n * (1 - n)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% the forget gate with the new c
# fails: by_the_gates
# hint: forget gets dc' * c
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * new_c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% the output gate from dc
# fails: by_the_gates
# hint: gets gh * tanh(c')
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, dc * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback


# %% a mean over the batch
# fails: by_the_gates
# hint: mean over the batch
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.mean(axis=0)

    return (o * t, new_c), pullback


# %% w from h alone
# fails: cell_by_differences
# hint: as for a linear layer
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return (
            dxh[:, : x.shape[1]],
            dxh[:, x.shape[1] :],
            dc * f,
            np.concatenate([0 * x, h], axis=1).T @ da,
            da.sum(axis=0),
        )

    return (o * t, new_c), pullback


# %% the output gate found again from h'
# fails: from_zeros
# hint: Is anything divided by tanh(c')
def lstm_cell_pullback(x, h, c, w, b):
    new_h, new_c = lstm_cell(x, h, c, w, b)
    xh = np.concatenate([x, h], axis=1)
    i, f, n, _ = np.split(xh @ w + b, 4, axis=1)
    i, f, n = sigmoid(i), sigmoid(f), np.tanh(n)
    t = np.tanh(new_c)
    o = new_h / t

    def pullback(gh, gc):
        dc = gc + gh * o * (1 - t**2)
        parts = [dc * n * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * new_h * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (new_h, new_c), pullback


# %% into the caller's gc
# fails: from_zeros
# hint: the pullback wrote into gc
def lstm_cell_pullback(x, h, c, w, b):
    xh = np.concatenate([x, h], axis=1)
    i, f, n, o = np.split(xh @ w + b, 4, axis=1)
    i, f, n, o = sigmoid(i), sigmoid(f), np.tanh(n), sigmoid(o)
    new_c = f * c + i * n
    t = np.tanh(new_c)

    def pullback(gh, gc):
        gc += gh * o * (1 - t**2)
        parts = [gc * n * i * (1 - i), gc * c * f * (1 - f), gc * i * (1 - n**2)]
        da = np.concatenate([*parts, gh * t * o * (1 - o)], axis=1)
        dxh = da @ w.T
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], gc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback
