# %% [markdown]
# # Exercises to lesson 15: recurrent networks
#
# Write each function where it says so, with NumPy. `minigrad check 15` asks the questions. Shapes:
# T steps, B texts, I numbers in an input, H numbers in a state. Vectors are rows: x @ u.

# %%
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# %% Exercise 15.1: the recurrence
def rnn(xs, h, u, w, b):
    """The states h_1, ..., h_T of h_t = tanh(x_t u + h_(t-1) w + b).

    xs: (T, I), one input in a row, floats or integers (as one-hot letters are), which may be in the
    thousands; h: (H,), the state before the first; u: (I, H); w: (H, H); b: (H,). Returns (T, H).

    >>> one = np.ones((1, 1))
    >>> rnn(np.array([[1.0], [0.0]]), np.zeros(1), one, 0.5 * one, np.zeros(1)).round(4)
    array([[0.7616],
           [0.3634]])
    """
    ### BEGIN SOLUTION
    hs = []
    for x in xs:
        h = np.tanh(x @ u + h @ w + b)
        hs.append(h)
    return np.array(hs)
    ### END SOLUTION


# %% Exercise 15.2: backpropagation through time (needs 15.1)
def rnn_pullback(xs, h, u, w, b):
    """The states, as `rnn` gives them, and their pullback.

    Returns (hs, pullback). pullback(g): g (T, H) is the derivative of the loss by each state, as
    far as the loss looks at that state itself; what it gets through later states is yours to add.
    Returns a tuple: the derivatives by xs, h, u, w and b, in this order and of their shapes. g
    stays as it is, and pullback may be called again with another.

    >>> one = np.ones((1, 1))
    >>> hs, pullback = rnn_pullback(np.ones((2, 1)), np.zeros(1), 0 * one, 3 * one, np.zeros(1))
    >>> [d.tolist() for d in pullback(np.array([[0.0], [1.0]]))]
    [[[0.0], [0.0]], [9.0], [[4.0]], [[0.0]], [4.0]]
    """
    ### BEGIN SOLUTION
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da = np.zeros_like(hs)
        dh = np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback
    ### END SOLUTION


# %% Exercise 15.3: clipping
def clip(gradients, limit):
    """All gradients shortened together, so that their common length is at most `limit`.

    gradients: a list of arrays; their length is that of the one vector of all their entries. If
    it is above limit, all are multiplied by one and the same number, so that it becomes limit
    exactly; if not, they stay as they are. Tiny gradients are no exception. The arrays given are
    the same afterwards. Returns (list of arrays, the length before).

    >>> clipped, length = clip([np.array([3.0]), np.array([[0.0, 4.0]])], 1.0)
    >>> float(length), [c.round(6).tolist() for c in clipped]
    (5.0, [[0.6], [[0.0, 0.8]]])
    """
    ### BEGIN SOLUTION
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1.0, limit / length) if length > 0 else 1.0
    return [g * factor for g in gradients], length
    ### END SOLUTION


# %% Exercise 15.4: an LSTM cell
def lstm_cell(x, h, c, w, b):
    """One step of an LSTM (Hochreiter and Schmidhuber, 1997; with the forget gate of 2000).

    a = [x, h] w + b is cut into four parts of H columns, in this order: input gate, forget gate,
    new, output gate. The gates go through a sigmoid, new through tanh. Then

        c' = forget * c + input * new,        h' = output * tanh(c') .

    x: (B, I); h, c: (B, H); w: (I + H, 4 H), the rows of x before those of h; b: (4 H,).
    Returns (h', c'), two new arrays: those given are the same afterwards.

    >>> h, c = lstm_cell(np.ones((1, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.zeros((2, 4)),
    ...                  np.array([-50.0, 50.0, 3.0, 50.0]))
    >>> h.round(4), c.round(4)
    (array([[0.7616]]), array([[1.]]))
    """
    ### BEGIN SOLUTION
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), c
    ### END SOLUTION


# %% Exercise 15.5: the derivative of an LSTM cell (needs 15.4)
def lstm_cell_pullback(x, h, c, w, b):
    """`lstm_cell` and its pullback.

    Returns ((h', c'), pullback). pullback(gh, gc): the derivatives of the loss by h' and by c', of
    their shapes, both as if the other did not depend on it. Returns a tuple of those by x, h, c,
    w and b. gh and gc stay as they are, and pullback may be called again with others.

    >>> zero = np.zeros((1, 1))
    >>> _, pullback = lstm_cell_pullback(zero, zero, zero, np.zeros((2, 4)), np.zeros(4))
    >>> pullback(zero, np.ones((1, 1)))[2]
    array([[0.5]])
    """
    ### BEGIN SOLUTION
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
        return dxh[:, : x.shape[1]], dxh[:, x.shape[1] :], dc * f, xh.T @ da, da.sum(axis=0)

    return (o * t, new_c), pullback
    ### END SOLUTION


# %% Exercise 15.6: a GRU cell (needs 15.4)
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    """One step of a gated recurrent unit (Cho and others, 2014).

    sigmoid([x, h] w_gates + b_gates) is cut into two parts of H columns: reset r, then update z.

        new = tanh([x, r * h] w_new + b_new),        h' = z * h + (1 - z) * new .

    x: (B, I), which may be in the thousands; h: (B, H); w_gates: (I + H, 2 H); b_gates: (2 H,);
    w_new: (I + H, H); b_new: (H,). Returns h', a new array: h is the same afterwards.

    >>> x, h, b = np.ones((1, 1)), np.full((1, 1), 0.5), np.array([0.0, 50.0])
    >>> gru_cell(x, h, np.zeros((2, 2)), b, np.ones((2, 1)), np.zeros(1)).round(6)
    array([[0.5]])
    """
    ### BEGIN SOLUTION
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    new = np.tanh(np.concatenate([x, r * h], axis=1) @ w_new + b_new)
    return z * h + (1 - z) * new
    ### END SOLUTION


# %% Exercise 15.7: find the bug
def next_letter_loss(logits, targets, lengths):
    """The mean of -log of the probability of the right letter, over the letters that there are.

    logits: (B, T, V); targets: (B, T) integers; lengths: B integers, a list or an array. Text b has
    the first lengths[b] places, which may be none; the others are padding and count for nothing.
    There is at least one letter in all. The probabilities are the softmax of the logits. Returns
    (loss, pullback); pullback(g), g a number, returns the derivative by the logits and None, None
    for the two others.

    It has three bugs: in what is averaged, in the derivative of the softmax, and in what padding
    gets.

    >>> loss, pullback = next_letter_loss(np.zeros((1, 3, 2)), np.zeros((1, 3), int), [2])
    >>> float(np.round(loss, 6)), (pullback(1.0)[0] + 0).tolist()
    (0.693147, [[[-0.25, 0.25], [-0.25, 0.25], [0.0, 0.0]]])
    """
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    ### BEGIN SOLUTION
    loss = -np.sum(np.log(right) * there) / there.sum()

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / there.sum(), None, None

    ### END SOLUTION
    ### BEGIN STUB
    # loss = -np.mean(np.log(right) * there)
    #
    # def pullback(g):
    #     d = p - p * np.eye(logits.shape[-1])[targets]
    #     return g * d / there.sum(), None, None
    #
    ### END STUB
    return loss, pullback
