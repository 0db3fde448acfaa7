# %% a step from the old state
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    size, width = h.shape[1], x.shape[1]
    gates = sigmoid(x @ w_gates[:width] + h @ w_gates[width:] + b_gates)
    new = np.tanh(x @ w_new[:width] + (gates[:, :size] * h) @ w_new[width:] + b_new)
    return h + (1 - gates[:, size:]) * (new - h)


# %% one text after the other
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    rows = []
    for one, state in zip(x, h, strict=True):
        r, z = sigmoid(np.append(one, state) @ w_gates + b_gates).reshape(2, -1)
        new = np.tanh(np.append(one, r * state) @ w_new + b_new)
        rows.append(new - z * (new - state))
    return np.stack(rows)
