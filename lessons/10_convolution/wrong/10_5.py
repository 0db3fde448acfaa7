# %% reshaped, not transposed
# fails: value_of_the_layer
# hint: where they must be transposed
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, k, oh, ow)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% channels last
# fails: value_of_the_layer
# hint: move them to axis 1
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k)

    def pullback(g):
        rows = g.reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% the kernel turned round
# fails: value_of_the_layer
# hint: a layer does not
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w[:, :, ::-1, ::-1].reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% assigned, not added
# fails: gradient_of_the_image
# hint: is ADDED
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into[...] = patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% turned round on the way back
# fails: gradient_of_the_image
# hint: turned round on the way back
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ w[:, :, ::-1, ::-1].reshape(flat.shape)).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% g reshaped only
# fails: gradient_of_the_kernel
# hint: k to the end first
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% a mean over the images
# fails: gradient_of_the_kernel
# hint: the mean over the images
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape) / n

    return value, pullback


# %% the border is kept
# fails: gradient_of_the_image
# hint: cut the border off
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return dx, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% the wrong side of the border is cut off
# fails: gradient_of_the_image
# hint: cut the border off
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, :h, :wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% the stride is forgotten on the way back
# fails: gradient_of_the_image
# hint: Add it where it came from
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh, v : v + ow]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% no g
# fails: gradient_of_the_kernel
# hint: this ignores g
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (np.ones_like(rows).T @ columns).reshape(w.shape)

    return value, pullback


# %% zeros that are made once
# fails: other_layers
# hint: what earlier calls have added is still in it
def conv2d(x, w, stride=1, padding=0):
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        for i in range(oh):
            for j in range(ow):
                a, b = i * stride, j * stride
                dx[:, :, a : a + r, b : b + s] += patches[:, i, j]
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback


# %% as high as wide, or higher
# fails: other_layers
# hint: wider than high
def conv2d(x, w, stride=1, padding=0):
    (n, _, h, wide), (k, _, r, s) = x.shape, w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    places = [(u, v) for u in range(r) for v in range(r) if v < s]

    def seen(a, u, v):
        return a[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]

    value = sum(np.einsum("ncij,kc->nkij", seen(padded, u, v), w[:, :, u, v]) for u, v in places)

    def pullback(g):
        dx, dw = np.zeros_like(padded), np.zeros_like(w)
        for u, v in places:
            seen(dx, u, v)[...] += np.einsum("nkij,kc->ncij", g, w[:, :, u, v])
            dw[:, :, u, v] = np.einsum("nkij,ncij->kc", g, seen(padded, u, v))
        return dx[:, :, padding : padding + h, padding : padding + wide], dw

    return value, pullback
