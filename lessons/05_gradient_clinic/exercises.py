# %% [markdown]
# # Exercises to lesson 5: the gradient clinic
#
# First the instruments, then a ward of patients, then two operations. An op is a function that
# returns (value, pullback). `minigrad check 5` asks the questions.

# %%
import numpy as np

import minigrad as mg

# %% [markdown]
# ## The ward
#
# Seven ops with right values and wrong pullbacks, for exercise 5.6. `examine("bias")` prints what
# minigrad's gradient check says of one.


# %%
def bias(x, b):
    return x + b, lambda g: (g, g.mean(0))


def log_soft(x):
    return x - np.log(np.sum(np.exp(x), axis=1, keepdims=True)), lambda g: g


def fifth_powers(x):
    return np.sum(x**5, axis=1), lambda g: g[:, None] * x**4


def move_axes(x):
    return x.transpose(1, 2, 0), lambda g: g.transpose(1, 2, 0)


def gate(x):
    open_by = 1 / (1 + np.exp(-x))
    return x * open_by, lambda g: g * open_by


def normalize(x):
    centre, width = x.mean(0), x.std(0)
    return (x - centre) / width, lambda g: g / width


def leaky(x):
    return np.where(x > 0, x, x / 10), lambda g: np.where(g > 0, g, g / 10)


WARD = {
    "bias": (bias, [(5, 3), (3,)]),
    "log_soft": (log_soft, [(2, 3)]),
    "fifth_powers": (fifth_powers, [(3, 5)]),
    "move_axes": (move_axes, [(2, 2, 2)]),
    "gate": (gate, [(7,)]),
    "normalize": (normalize, [(5, 2)]),
    "leaky": (leaky, [(7,)]),
}


def examine(name):
    """Print the report on one of the ward."""
    function, shapes = WARD[name]
    rng = np.random.default_rng(0)
    inputs = [
        mg.tensor(rng.standard_normal(s), dtype=mg.float64, requires_grad=True) for s in shapes
    ]
    print(mg.gradcheck(mg.op(function), inputs, raise_exception=False))


# %% Exercise 5.1: the two Jacobians
def jacobians(op, x, h=1e-6):
    """(A, N): the Jacobian of op at x as its pullback has it, and as central differences do.

    x: an array of floats of any shape; the value has any shape too. A and N have a row for each
    entry of the value and a column for each entry of x, both in the order of .ravel().

    >>> def product(x):
    ...     return np.array([x[0] * x[1]]), lambda g: g * np.array([x[1], 0.0])
    >>> a, n = jacobians(product, np.array([2.0, 5.0]))
    >>> a, n.round(6)
    (array([[5., 0.]]), array([[5., 2.]]))
    """
    ### BEGIN SOLUTION
    value, pullback = op(x)
    rows, columns = [], []
    for i in np.ndindex(value.shape):
        one = np.zeros(value.shape)
        one[i] = 1.0
        rows.append(np.ravel(pullback(one)))
    for j in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[j] = h
        columns.append(np.ravel(op(x + step)[0] - op(x - step)[0]) / (2 * h))
    return np.array(rows), np.stack(columns, axis=1)
    ### END SOLUTION


# %% Exercise 5.2: is it a constant factor?
def factor(a, n):
    """(alpha, left_over): the number alpha that brings alpha n nearest to a, and what is left.

    alpha = <a, n> / <n, n>, with <a, n> the sum of all products of entries; left_over is
    |a - alpha n| / |a|, with |a| the square root of <a, a>. Where it is 0, a is a multiple of n.
    (0.0, 0.0) where a is all zeros; n is not. Returns two numbers.

    >>> alpha, left_over = factor(np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]]))
    >>> float(alpha), float(left_over)
    (0.5, 0.0)
    """
    ### BEGIN SOLUTION
    if not a.any():
        return 0.0, 0.0
    alpha = np.sum(a * n) / np.sum(n * n)
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)
    ### END SOLUTION


# %% Exercise 5.3: what every pullback must keep
def broken_contract(op, x, g):
    """What is broken of what holds for every pullback, whatever the op; None if nothing.

    "ignores-upstream": a gradient of zeros must give zeros. "stale-accumulation": called again with
    the same g, it gives twice as much. "mask-redrawn": called again with the same g, it gives
    something else. "float32": every entry that comes back is a float32 number, though x and g
    have digits that no float32 has.

    g: a gradient to try, of the value's shape. Get a new pullback, op(x)[1], for each question.
    No differences are needed for this.

    >>> def sine(x):
    ...     return np.sin(x), lambda g: np.cos(x)
    >>> broken_contract(sine, np.array([0.5, 1.0]), np.array([0.3, 0.7]))
    'ignores-upstream'
    """
    ### BEGIN SOLUTION
    value, pullback = op(x)
    if np.any(pullback(np.zeros(value.shape))):
        return "ignores-upstream"
    pullback = op(x)[1]
    first = np.array(pullback(g))
    second = np.array(pullback(g))
    if not np.allclose(first, second):
        return "stale-accumulation" if np.allclose(second, 2 * first) else "mask-redrawn"
    if np.array_equal(first, first.astype(np.float32)):
        return "float32"
    return None
    ### END SOLUTION


# %% Exercise 5.4: right, wrong, or a kink
def verdict(f, slope, x):
    """What differences say of the claim that f has this slope at x: "right", "wrong" or "kink".

    f: a function of one number. "kink": to the left and to the right of x, f has two slopes, and
    the claim is one of them or lies between: nothing is against it. A claim outside of them is
    "wrong". Where f is smooth it is "right" if it agrees to one part in 10,000, or to 1e-6.

    A curve, too, has different secants to the left and to the right. But the difference gets
    smaller with h. That of a kink stays.

    >>> verdict(abs, 0.0, 0.0), verdict(abs, -1.5, 0.0), verdict(abs, 1.0, 3.0)
    ('kink', 'wrong', 'right')
    """
    ### BEGIN SOLUTION
    gaps = []
    for h in (1e-4, 1e-5):
        left, right = (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h
        gaps.append(abs(right - left))
    if gaps[1] > 1e-4 and gaps[1] > gaps[0] / 2:
        low, high = min(left, right), max(left, right)
        return "kink" if low - 1e-4 <= slope <= high + 1e-4 else "wrong"
    found = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return "right" if abs(slope - found) <= 1e-6 + 1e-4 * abs(found) else "wrong"
    ### END SOLUTION


# %% Exercise 5.5: name the fault (needs 5.2)
def name_the_fault(a, n):
    """The code of the fault that explains why a pullback's Jacobian a is not the true one, n.

    None: they agree (to 1e-6 of the largest entry). Then, in this order:
    "wrong-sign": a is -n. "missing-factor": a is another multiple of n, not 0.
    "diagonal-softmax": a has n's diagonal, and zeros everywhere else.
    "kept-one-slice": some entries of a are 0, all others are those of n.
    "input-for-output": a and n are both diagonal, and their ratio differs from entry to entry.
    "unknown": none of these.

    >>> n = np.array([[0.25, -0.25], [-0.25, 0.25]])
    >>> name_the_fault(n / 2, n), name_the_fault(np.diag(np.diag(n)), n), name_the_fault(n, n)
    ('missing-factor', 'diagonal-softmax', None)
    """
    ### BEGIN SOLUTION
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return bool(np.all(np.abs(p - q) <= small))

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = n.shape[0] == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if np.all((np.abs(a) <= small) | (np.abs(a - n) <= small)):
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"
    ### END SOLUTION


# %% Exercise 5.6: the ward
def diagnoses():
    """For each op of the ward the code of its fault, from the table of 30 in the lesson.

    A dict, {"bias": "...", ...}. Look at the op, and at examine(name). Where a report has more
    than one explanation, the op itself decides. `minigrad check` says nothing of leaky: there you
    are on your own.

    >>> sorted(diagnoses())
    ['bias', 'fifth_powers', 'gate', 'leaky', 'log_soft', 'move_axes', 'normalize']
    """
    ### BEGIN SOLUTION
    return {
        "bias": "averaged-broadcast",
        "log_soft": "softmax-missing-sum",
        "fifth_powers": "missing-factor",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "normalize": "norm-ignores-statistics",
        "leaky": "mask",
    }
    ### END SOLUTION


# %% Exercise 5.7: repair softmax
def softmax(x):
    """Each row of x, (n, k), made positive with the sum 1: exp(x) / sum(exp(x)).

    Returns (value, pullback), which leave x and g as they are. The value is right; the pullback has
    the fault "diagonal-softmax": it says that an output depends on its own input only.

    >>> value, pullback = softmax(np.zeros((1, 2)))
    >>> value, pullback(np.array([[1.0, 0.0]]))
    (array([[0.5, 0.5]]), array([[ 0.25, -0.25]]))
    """
    ### BEGIN SOLUTION
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: y * (g - np.sum(g * y, axis=1, keepdims=True))
    ### END SOLUTION
    ### BEGIN STUB
    # e = np.exp(x - x.max(axis=1, keepdims=True))
    # y = e / e.sum(axis=1, keepdims=True)
    # return y, lambda g: g * y * (1 - y)
    ### END STUB


# %% Exercise 5.8: repair two that choose
def rows(table, index):
    """The rows of a table, (n, k), that a list of whole numbers names, which may name one twice.

    Returns (value, pullback); the pullback returns the gradient of the table. Its fault is
    "duplicate-index".

    >>> value, pullback = rows(np.array([[1.0], [2.0]]), np.array([1, 1, 0]))
    >>> pullback(np.array([[10.0], [20.0], [30.0]]))
    array([[30.],
           [30.]])
    """

    ### BEGIN SOLUTION
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        return found

    return table[index], pullback
    ### END SOLUTION
    ### BEGIN STUB
    # def pullback(g):
    #     found = np.zeros_like(table)
    #     found[index] += g
    #     return found
    #
    # return table[index], pullback
    ### END STUB


def largest(x):
    """The largest of each row of x, (n, k): an array (n,). Returns (value, pullback).

    Its fault is "ties": where several are the largest, each of them gets all of g. Together they
    must get it once; which of them, or how it is shared, is up to you.

    >>> value, pullback = largest(np.array([[1.0, 3.0, 2.0]]))
    >>> value, pullback(np.array([10.0]))
    (array([3.]), array([[ 0., 10.,  0.]]))
    """
    ### BEGIN SOLUTION
    value = x.max(axis=1)
    is_largest = x == value[:, None]
    share = is_largest / is_largest.sum(axis=1, keepdims=True)
    return value, lambda g: g[:, None] * share
    ### END SOLUTION
    ### BEGIN STUB
    # value = x.max(axis=1)
    # return value, lambda g: g[:, None] * (x == value[:, None])
    ### END STUB
