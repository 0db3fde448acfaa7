# %% z for 1 - z
# fails: the_gru
# hint: z is how much of h stays
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(np.concatenate([x, r * h], axis=1) @ w_new + b_new)
    return (1 - z) * h + z * new


# %% the gates exchanged
# fails: the_gru
# hint: reset first, then update
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    z, r = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(np.concatenate([x, r * h], axis=1) @ w_new + b_new)
    return z * h + (1 - z) * new


# %% no reset
# fails: the_gru
# hint: the reset gate is not used
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(np.concatenate([x, h], axis=1) @ w_new + b_new)
    return z * h + (1 - z) * new


# %% the reset gate after the product
# fails: the_gru
# hint: not onto all of it
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(r * (np.concatenate([x, h], axis=1) @ w_new + b_new))
    return z * h + (1 - z) * new


# %% no tanh
# fails: the_gru
# hint: must go through tanh
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.concatenate([x, r * h], axis=1) @ w_new + b_new
    return z * h + (1 - z) * new


# %% a sum that grows
# fails: gru_keeps
# hint: z = 1 must give h itself
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(np.concatenate([x, r * h], axis=1) @ w_new + b_new)
    return z * h + new


# %% a tanh of one's own
# fails: large_inputs
# hint: inf / inf is NaN
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    up = np.exp(2 * (np.concatenate([x, r * h], axis=1) @ w_new + b_new))
    return z * h + (1 - z) * (up - 1) / (up + 1)


# %% into the caller's h
# fails: large_inputs
# hint: the cell wrote into h
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(np.concatenate([x, r * h], axis=1) @ w_new + b_new)
    h *= z
    h += (1 - z) * new
    return h
