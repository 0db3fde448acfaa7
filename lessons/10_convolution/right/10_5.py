# %% a loop over the kernel
def conv2d(x, w, stride=1, padding=0):
    (n, _, h, wide), (k, _, r, s) = x.shape, w.shape
    edge = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), edge, edge))
    oh = (padded.shape[2] - r) // stride + 1
    ow = (padded.shape[3] - s) // stride + 1

    def seen(a, u, v):
        return a[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]

    value = np.zeros((n, k, oh, ow))
    for u, v in np.ndindex(r, s):
        value += np.einsum("ncij,kc->nkij", seen(padded, u, v), w[:, :, u, v])

    def pullback(g):
        dx, dw = np.zeros_like(padded), np.zeros_like(w)
        for u, v in np.ndindex(r, s):
            seen(dx, u, v)[...] += np.einsum("nkij,kc->ncij", g, w[:, :, u, v])
            dw[:, :, u, v] = np.einsum("nkij,ncij->kc", g, seen(padded, u, v))
        return dx[:, :, padding : padding + h, padding : padding + wide], dw

    return value, pullback


# %% place by place
def conv2d(x, w, stride=1, padding=0):
    (n, _, h, wide), (k, _, r, s) = x.shape, w.shape
    edge = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), edge, edge))
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    value = np.zeros((n, k, oh, ow))
    for i, j in np.ndindex(oh, ow):
        a, b = i * stride, j * stride
        value[:, :, i, j] = np.tensordot(padded[:, :, a : a + r, b : b + s], w, ((1, 2, 3),) * 2)

    def pullback(g):
        dx, dw = np.zeros_like(padded), np.zeros_like(w)
        for i, j in np.ndindex(oh, ow):
            a, b = i * stride, j * stride
            dx[:, :, a : a + r, b : b + s] += np.tensordot(g[:, :, i, j], w, (1, 0))
            dw += np.tensordot(g[:, :, i, j], padded[:, :, a : a + r, b : b + s], (0, 0))
        return dx[:, :, padding : padding + h, padding : padding + wide], dw

    return value, pullback
