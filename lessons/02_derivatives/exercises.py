# %% [markdown]
# # Exercises to lesson 2: derivatives
#
# Write each function where it says so. `minigrad check 2` asks the questions.

# %%
import numpy as np


# %% Exercise 2.1: the slope of a secant
def forward_difference(f, x, h):
    """The slope of f between x and x + h: (f(x + h) - f(x)) / h.

    f: a function of one number; x, h: numbers, h not 0. Returns a number.

    >>> forward_difference(lambda x: x**2, 3.0, 0.5)
    6.5
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x)) / h
    ### END SOLUTION


# %% Exercise 2.2: the same on both sides
def central_difference(f, x, h):
    """The slope of f between x - h and x + h. Its error is of the order h**2, not h.

    f: a function of one number; x, h: numbers, h not 0. Returns a number.

    >>> central_difference(lambda x: x**2, 3.0, 0.5)
    6.0
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% Exercise 2.3: a slope with nothing subtracted
def complex_step(f, x, h=1e-30):
    """The imaginary part of f(x + ih), divided by h (Squire and Trapp, 1998).

    f: a function of one number that also takes complex ones; x: a real number. Returns a real
    number, right to the last digit.

    >>> complex_step(lambda x: x**3, 2.0)
    12.0
    """
    ### BEGIN SOLUTION
    return f(complex(x, h)).imag / h
    ### END SOLUTION


# %% Exercise 2.4: many inputs (needs 2.2)
def gradient(f, x, h=1e-5):
    """All partial derivatives of f at x, by central differences: entry i moves only x[i], by h.

    f: a function of an array that returns a number; x: an array of floats of any shape, which is
    the same afterwards. Returns an array of x's shape.

    >>> np.round(gradient(lambda x: x[0] * x[1], np.array([2.0, 5.0])), 6)
    array([5., 2.])
    """
    ### BEGIN SOLUTION
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):

        def along(value, i=i):
            moved = x.copy()
            moved[i] = value
            return f(moved)

        found[i] = central_difference(along, x[i], h)
    return found
    ### END SOLUTION


# %% Exercise 2.5: find the bug
def relative_error(a, b):
    """How far two arrays are apart beside their size: the largest |a - b| / max(|a|, |b|).

    Entries that are both 0 count as 0. a, b: arrays of one shape. Returns a number from 0 to 2.

    It has two bugs. With them, a check passes that should fail, and one fails that should pass.

    >>> float(relative_error(np.array([1.0, 0.0]), np.array([-1.0, 0.0])))
    2.0
    """
    ### BEGIN SOLUTION
    size = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.abs(a - b) / np.where(size == 0, 1, size), initial=0)
    ### END SOLUTION
    ### BEGIN STUB
    # size = np.maximum(a, b)
    # return np.mean(np.abs(a - b) / np.where(size == 0, 1, size))
    ### END STUB


# %% Exercise 2.6: a gradient check (needs 2.4, 2.5)
def gradient_is_right(f, df, x, tolerance=1e-6):
    """Whether df(x) is the gradient of f at x: its relative error to `gradient` is < tolerance.

    f: a function of an array that returns a number; df: what somebody claims its gradient is, an
    array of x's shape. Returns True or False.

    >>> bool(gradient_is_right(lambda x: np.sum(x**2), lambda x: 2 * x, np.array([1.0, -3.0])))
    True
    """
    ### BEGIN SOLUTION
    claimed = df(x)
    if claimed.shape != x.shape:
        return False
    return bool(relative_error(claimed, gradient(f, x)) < tolerance)
    ### END SOLUTION
