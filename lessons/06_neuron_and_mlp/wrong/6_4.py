# %% a ReLU at the end
# fails: layer_upon_layer
# hint: there is a ReLU after the last layer
def mlp(x, layers):
    back = []
    for w, b in layers:
        x, through_linear = linear(x, w, b)
        x, through_relu = relu(x)
        back.append((through_linear, through_relu))

    def pullback(g):
        found = []
        for through_linear, through_relu in reversed(back):
            g, dw, db = through_linear(through_relu(g))
            found.append((dw, db))
        return found[::-1]

    return x, pullback


# %% no ReLU
# fails: layer_upon_layer
# hint: no ReLU anywhere
def mlp(x, layers):
    back = []
    for w, b in layers:
        x, through = linear(x, w, b)
        back.append(through)

    def pullback(g):
        found = []
        for through in reversed(back):
            g, dw, db = through(g)
            found.append((dw, db))
        return found[::-1]

    return x, pullback


# %% from last to first
# fails: all_gradients
# hint: turn it round
def mlp(x, layers):
    back = []
    for i, (w, b) in enumerate(layers):
        x, through_linear = linear(x, w, b)
        x, through_relu = relu(x) if i < len(layers) - 1 else (x, lambda g: g)
        back.append((through_linear, through_relu))

    def pullback(g):
        found = []
        for through_linear, through_relu in reversed(back):
            g, dw, db = through_linear(through_relu(g))
            found.append((dw, db))
        return found

    return x, pullback


# %% past the ReLU
# fails: all_gradients
# hint: past the ReLU as if it were not there
def mlp(x, layers):
    back = []
    for i, (w, b) in enumerate(layers):
        x, through = linear(x, w, b)
        back.append(through)
        if i < len(layers) - 1:
            x, _ = relu(x)

    def pullback(g):
        found = []
        for through in reversed(back):
            g, dw, db = through(g)
            found.append((dw, db))
        return found[::-1]

    return x, pullback


# %% the same g for every layer
# fails: all_gradients
# hint: is the g of the layer before
def mlp(x, layers):
    back = []
    for i, (w, b) in enumerate(layers):
        x, through = linear(x, w, b)
        back.append(through)
        if i < len(layers) - 1:
            x, _ = relu(x)
    return x, lambda g: [through(g)[1:] for through in back]


# %% a list that all calls share
# fails: pullbacks_do_not_mix
# hint: not one outside of it
back = []


def mlp(x, layers):
    back.clear()
    for i, (w, b) in enumerate(layers):
        x, through_linear = linear(x, w, b)
        x, through_relu = relu(x) if i < len(layers) - 1 else (x, lambda g: g)
        back.append((through_linear, through_relu))

    def pullback(g):
        found = []
        for through_linear, through_relu in reversed(back):
            g, dw, db = through_linear(through_relu(g))
            found.append((dw, db))
        return found[::-1]

    return x, pullback


# %% a list that is emptied on the way
# fails: pullbacks_do_not_mix
# hint: it may be called twice
def mlp(x, layers):
    back = []
    for i, (w, b) in enumerate(layers):
        x, through_linear = linear(x, w, b)
        x, through_relu = relu(x) if i < len(layers) - 1 else (x, lambda g: g)
        back.append((through_linear, through_relu))

    def pullback(g):
        found = []
        while back:
            through_linear, through_relu = back.pop()
            g, dw, db = through_linear(through_relu(g))
            found.append((dw, db))
        return found[::-1]

    return x, pullback


# %% turned round if the shapes say so
# fails: deep_and_square
# hint: begins with the last layer
def mlp(x, layers):
    back = []
    for i, (w, b) in enumerate(layers):
        x, through_linear = linear(x, w, b)
        x, through_relu = relu(x) if i < len(layers) - 1 else (x, lambda g: g)
        back.append((through_linear, through_relu))

    def pullback(g):
        found = []
        for through_linear, through_relu in reversed(back):
            g, dw, db = through_linear(through_relu(g))
            found.append((dw, db))
        fits = all(w.shape == dw.shape for (w, _), (dw, _) in zip(layers, found, strict=True))
        return found if fits else found[::-1]

    return x, pullback


# %% one, two or three layers
# fails: deep_and_square
# hint: a loop, not a line for each
def mlp(x, layers):
    first, last = layers[0], layers[-1]
    if len(layers) == 1:
        value, only = linear(x, *last)
        return value, lambda g: [only(g)[1:]]
    h, to_first = linear(x, *first)
    h, bent = relu(h)
    if len(layers) == 2:
        value, to_last = linear(h, *last)

        def of_two(g):
            dh, *of_last = to_last(g)
            return [to_first(bent(dh))[1:], tuple(of_last)]

        return value, of_two
    h, to_middle = linear(h, *layers[1])
    h, bent_again = relu(h)
    value, to_last = linear(h, *last)

    def of_three(g):
        dh, *of_last = to_last(g)
        dh, *of_middle = to_middle(bent_again(dh))
        return [to_first(bent(dh))[1:], tuple(of_middle), tuple(of_last)]

    return value, of_three
