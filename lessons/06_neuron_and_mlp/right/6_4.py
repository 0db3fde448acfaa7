# %% one layer and the rest
def mlp(x, layers):
    value, back = deeper(x, layers)
    return value, lambda g: back(g)[1]


def deeper(x, layers):
    (w, b), *rest = layers
    value, through_linear = linear(x, w, b)
    if not rest:

        def last(g):
            dx, *of_layer = through_linear(g)
            return dx, [tuple(of_layer)]

        return value, last
    value, through_relu = relu(value)
    value, through_rest = deeper(value, rest)

    def pullback(g):
        g, later = through_rest(g)
        dx, *of_layer = through_linear(through_relu(g))
        return dx, [tuple(of_layer), *later]

    return value, pullback


# %% all values kept, and the formulas written out
def mlp(x, layers):
    values = [x]
    for w, b in layers[:-1]:
        values.append(np.maximum(values[-1] @ w.T + b, 0))
    w, b = layers[-1]

    def pullback(g):
        found = [None] * len(layers)
        for i in range(len(layers) - 1, -1, -1):
            found[i] = (g.T @ values[i], g.sum(0))
            g = (g @ layers[i][0]) * (values[i] > 0)
        return found

    return values[-1] @ w.T + b, pullback
