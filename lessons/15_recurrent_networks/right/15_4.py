# %% each gate by itself, the sigmoid by tanh
def lstm_cell(x, h, c, w, b):
    size = h.shape[1]

    def part(k):
        columns = slice(k * size, (k + 1) * size)
        return x @ w[: x.shape[1], columns] + h @ w[x.shape[1] :, columns] + b[columns]

    def gate(k):
        return (1 + np.tanh(part(k) / 2)) / 2

    c = gate(1) * c + gate(0) * np.tanh(part(2))
    return gate(3) * np.tanh(c), c


# %% one text after the other
def lstm_cell(x, h, c, w, b):
    new_h, new_c = np.empty_like(h), np.empty_like(c)
    for n in range(len(x)):
        i, f, new, o = (np.hstack([x[n], h[n]]) @ w + b).reshape(4, -1)
        new_c[n] = c[n] * sigmoid(f) + np.tanh(new) * sigmoid(i)
        new_h[n] = np.tanh(new_c[n]) * sigmoid(o)
    return new_h, new_c
