# %% [markdown]
# # Exercises to lesson 17: the Transformer
#
# Write each function where it says so, with NumPy. `minigrad check 17` asks the questions. Shapes:
# T queries, S keys and values, D numbers in a query and a key, E numbers in a token's vector.

# %%
import numpy as np


# %% Exercise 17.1: scaled dot-product attention
def attention(q, k, v, mask=None):
    """softmax(q k^T / sqrt(D)) v, with the softmax over the keys.

    q: (..., T, D); k: (..., S, D); v: (..., S, Dv). mask: booleans that broadcast to (..., T, S),
    True where a query sees a key; every query sees at least one. A key that is hidden has the
    weight 0, and the weights of the others sum to 1. Scores may be in the thousands.
    Returns (output, weights) of shapes (..., T, Dv) and (..., T, S).

    >>> q, k = np.array([[2.0, 0, 0, 0]]), np.array([[np.log(3), 0, 0, 0], [0, 1, 0, 0]])
    >>> output, weights = attention(q, k, np.array([[8.0], [0.0]]))
    >>> weights.round(6), output.round(6)
    (array([[0.75, 0.25]]), array([[6.]]))
    """
    ### BEGIN SOLUTION
    scores = q @ np.swapaxes(k, -2, -1) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ v, weights
    ### END SOLUTION


# %% Exercise 17.2: who sees whom
def causal_mask(t):
    """Booleans (t, t): True where query i (row) sees key j (column), itself and those before it.

    >>> causal_mask(3).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    ### BEGIN SOLUTION
    return np.tri(t, dtype=bool)
    ### END SOLUTION


def padding_mask(lengths, s):
    """Booleans (B, 1, s): True for the first lengths[b] keys of text b; the others are padding.

    lengths: B integers from 0 to s, a list or an array; s: how many keys there are. The axis of
    length 1 is that of the queries: all of a text see the same keys.

    >>> padding_mask([1, 3], 3).astype(int).tolist()
    [[[1, 0, 0]], [[1, 1, 1]]]
    """
    ### BEGIN SOLUTION
    return np.arange(s) < np.asarray(lengths)[:, None, None]
    ### END SOLUTION


# %% Exercise 17.3: the derivative of attention (needs 17.1)
def attention_pullback(q, k, v):
    """Attention without a mask, and its pullback.

    q: (T, D); k: (S, D); v: (S, Dv). Returns (output, pullback): the output is (T, Dv), and
    pullback(g), with g of its shape, the derivative of the loss by the output, returns a tuple
    of those by q, k and v, in this order and of their shapes. It may be called again with another
    g. As in 17.1, scores may be in the thousands.

    >>> q, k, v = np.ones((1, 4)), np.ones((2, 4)), np.array([[8.0], [0.0]])
    >>> output, pullback = attention_pullback(q, k, v)
    >>> dq, dk, dv = pullback(np.ones((1, 1)))
    >>> dk.tolist(), dv.tolist()
    ([[1.0, 1.0, 1.0, 1.0], [-1.0, -1.0, -1.0, -1.0]], [[0.5], [0.5]])
    """
    ### BEGIN SOLUTION
    output, p = attention(q, k, v)
    scale = 1 / np.sqrt(q.shape[-1])

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        return scale * ds @ k, scale * ds.T @ q, p.T @ g

    return output, pullback
    ### END SOLUTION


# %% Exercise 17.4: several heads (needs 17.1)
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    """Attention of x to context with several heads, each on its own columns.

    x: (T, E), from which the queries are made; context: (S, E), from which keys and values are
    made (the same array as x in self-attention). wq, wk, wv, wo: (E, E): the queries are x @ wq,
    and so on. Head 0 has the first E / heads columns of the queries, the keys and the values,
    head 1 the next, and so on. The outputs of the heads are put side by side in this order, and
    multiplied by wo. mask: as in `attention`, booleans that broadcast to (T, S), the same for all
    heads. Returns (T, E).

    >>> x, one = np.array([[1.0, 2.0], [3.0, 4.0]]), np.eye(2)
    >>> multi_head(x, x, 0 * one, 0 * one, one, one, heads=2)
    array([[2., 3.],
           [2., 3.]])
    """

    ### BEGIN SOLUTION
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(x), -1) @ wo
    ### END SOLUTION


# %% Exercise 17.5: where a word stands
def positions(t, e):
    """The table of Vaswani and others (2017), (t, e), e even: one row for each place 0 to t - 1.

    Columns 2 i and 2 i + 1 of the row p are sin(p / w) and cos(p / w) with w = 10000**(2 i / e).

    >>> positions(2, 4).round(4)
    array([[0.    , 1.    , 0.    , 1.    ],
           [0.8415, 0.5403, 0.01  , 1.    ]])
    """
    ### BEGIN SOLUTION
    angles = np.arange(t)[:, None] / 10000 ** (np.arange(0, e, 2) / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)
    ### END SOLUTION


# %% Exercise 17.6: find the bug
def layer_norm(x, gain, bias, eps=1e-5):
    """Each row of x with its mean taken away, divided by its deviation; times gain, plus bias.

    x: (T, E); gain, bias: (E,). The deviation of a row is sqrt(variance + eps), the variance the
    mean of the squares. Returns (y, pullback): pullback(g), g of y's shape, returns the
    derivatives by x, gain and bias, of their shapes.

    The value is right. The pullback has two bugs.

    >>> y, pullback = layer_norm(np.array([[2.0, 2.0, 6.0, 6.0]]), np.ones(4), np.zeros(4), eps=0)
    >>> y
    array([[-1., -1.,  1.,  1.]])
    >>> pullback(np.array([[1.0, 0.0, 0.0, 0.0]]))[0]
    array([[ 0.25, -0.25,  0.  ,  0.  ]])
    """
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    ### BEGIN SOLUTION
    def pullback(g):
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    ### END SOLUTION
    ### BEGIN STUB
    # def pullback(g):
    #     dz = g * gain
    #     return dz / deviation, np.sum(g * x, axis=0), np.sum(g, axis=0)
    #
    ### END STUB
    return gain * z + bias, pullback


# %% Exercise 17.7: find the bug (needs 17.2)
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    """One layer of a decoder, with the norms before the steps:

        x + attend_self(norm(x), norm(x), mask)     each place sees itself and those before it
        x + attend_memory(norm(x), memory, None)    each place sees the whole input
        x + mlp(norm(x))

    each on the result of the one before. x: (T, E), what is written so far; memory: (S, E), what
    the encoder made of the input. attend_self and attend_memory take (queries from, keys and
    values from, mask), all three, by their places, not by names; the mask is of booleans, or None
    where nothing is hidden. norm and mlp take and return (T, E). Returns (T, E).

    It has four bugs: in what is passed on beside each step, in what a place sees, in who asks
    whom, and in where the norm is.

    >>> def nothing(*args): return 0.0
    >>> x = np.array([[1.0, 2.0]])
    >>> decoder_block(x, np.zeros((3, 2)), lambda x: x / 2, nothing, nothing, lambda x: 10 * x)
    array([[ 6., 12.]])
    """
    ### BEGIN SOLUTION
    y = norm(x)
    x = x + attend_self(y, y, causal_mask(len(x)))
    x = x + attend_memory(norm(x), memory, None)
    return x + mlp(norm(x))
    ### END SOLUTION
    ### BEGIN STUB
    # x = norm(x)
    # x = x + attend_self(x, x, None)
    # x = x + attend_memory(memory, norm(x), None)
    # return norm(x + mlp(x))
    ### END STUB
