# %% [markdown]
# # Exercises to lesson 7: losses
#
# Write each function where it says so. `minigrad check 7` asks the questions. Logarithms are
# natural.

# %%
import numpy as np


# %% Exercise 7.1: how likely were these numbers?
def gaussian_nll(mean, log_sigma, y):
    """The negative log-likelihood of y, if each is mean + bell-shaped noise; and its slopes.

    The mean over all i of (y_i - mean_i)^2 / (2 sigma^2) + log(sigma) + log(2 pi) / 2, with
    sigma = exp(log_sigma).

    mean, y: arrays (n,); log_sigma: any number. Returns (value, pullback); pullback(g) returns two
    things: g times the slopes for mean, an array (n,), and for log_sigma, a number.

    >>> value, pullback = gaussian_nll(np.array([1.0, 2.0]), 0.0, np.array([1.0, 4.0]))
    >>> print(f"{value:.4f}")
    1.9189
    >>> for slope in pullback(1.0):
    ...     print(slope)
    [ 0. -1.]
    -1.0
    """
    ### BEGIN SOLUTION
    sigma = np.exp(log_sigma)
    z = (mean - y) / sigma
    value = np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2
    return value, lambda g: (g * z / sigma / z.size, g * (1 - np.mean(z**2)))
    ### END SOLUTION


# %% Exercise 7.2: the logarithm of a sum of exponentials
def log_sum_exp(z):
    """log(sum(exp(z))) along the last axis, for scores of any size.

    z: floats (..., n). Returns an array without the last axis.

    >>> np.round(log_sum_exp(np.array([[0.0, 0.0], [1000.0, 0.0]])), 4)
    array([6.931e-01, 1.000e+03])
    """
    ### BEGIN SOLUTION
    largest = z.max(axis=-1, keepdims=True)
    return largest[..., 0] + np.log(np.exp(z - largest).sum(axis=-1))
    ### END SOLUTION


# %% Exercise 7.3: probabilities from scores
def softmax(z):
    """exp(z_c) / sum_k exp(z_k) along the last axis, for scores of any size; and its pullback.

    z: floats (n, classes). Returns (p, pullback), p of z's shape. pullback(g): of an array of that
    shape too, where row by row the slope for z_c is the sum over k of g_k dp_k/dz_c, and
    dp_k/dz_c is p_k (1 - p_k) for k = c and -p_k p_c otherwise.

    >>> p, pullback = softmax(np.log([[1.0, 2.0, 5.0]]))
    >>> print(p)
    [[0.125 0.25  0.625]]
    >>> print(np.round(pullback(np.array([[0.0, 0.0, 1.0]])), 4))
    [[-0.0781 -0.1562  0.2344]]
    """
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(axis=-1, keepdims=True))
    ### END SOLUTION


# %% Exercise 7.4: cross-entropy (needs 7.2)
def cross_entropy(z, labels):
    """The mean over the rows of minus the log-probability that softmax gives to the label.

    z: scores (n, classes), of any size; labels: integers (n,). Returns a number, and never
    infinity: that of the label is log_sum_exp(z) - z[label]. z and labels are the same afterwards.

    >>> print(f"{cross_entropy(np.log([[1.0, 2.0, 5.0], [1.0, 2.0, 5.0]]), np.array([2, 0])):.4f}")
    1.2747
    """
    ### BEGIN SOLUTION
    return np.mean(log_sum_exp(z) - z[np.arange(len(z)), labels])
    ### END SOLUTION


# %% Exercise 7.5: p - y (needs 7.3, 7.4)
def softmax_cross_entropy(z, labels):
    """`cross_entropy` with its slope, in one step.

    z: scores (n, classes), of any size; labels: integers (n,). Returns (value, pullback);
    pullback(g) is g times the slopes for z, an array (n, classes). g: a number.

    >>> value, pullback = softmax_cross_entropy(np.log([[1.0, 2.0, 5.0]]), np.array([0]))
    >>> print(f"{value:.4f}", pullback(1.0))
    2.0794 [[-0.875  0.25   0.625]]
    """
    ### BEGIN SOLUTION
    n, (p, _) = len(z), softmax(z)

    def pullback(g):
        slopes = p.copy()
        slopes[np.arange(n), labels] -= 1
        return g * slopes / n

    return cross_entropy(z, labels), pullback
    ### END SOLUTION


# %% Exercise 7.6: a little less certain (needs 7.2)
def smoothed_cross_entropy(z, labels, amount):
    """The mean over the rows of -sum_c t_c log p_c, where p is the softmax of z.

    The target t has 1 - amount at the label, and `amount` spread evenly over *all* classes, the
    label's included. z: scores (n, classes), of any size; labels: integers (n,); amount: from 0 to
    1. Returns a number. z and labels are the same afterwards.

    >>> z = np.log([[1.0, 2.0, 5.0]])
    >>> print(f"{smoothed_cross_entropy(z, np.array([2]), 0.3):.4f}")
    0.7226
    """
    ### BEGIN SOLUTION
    log_p = z - log_sum_exp(z)[:, None]
    exact = log_p[np.arange(len(z)), labels]
    return -np.mean((1 - amount) * exact + amount * log_p.mean(axis=1))
    ### END SOLUTION


# %% Exercise 7.7: find the bug
def perplexity(log_p, counts):
    """exp(-the mean log-probability), over all signs of all texts that count.

    log_p: (texts, longest), the natural logarithm of the probability of each sign; counts: truth
    values of that shape, False where a text has ended and the row is only filled up. What stands in
    log_p there may be anything, -inf and NaN too. One text may have no sign at all, but not all.
    Returns a number.

    It has three bugs. Without filling and with texts that are equally hard, none of them shows.

    >>> log_p = np.log([[0.5, 0.5, 0.5], [0.125, 1.0, 1.0]])
    >>> counts = np.array([[True, True, True], [True, False, False]])
    >>> print(f"{perplexity(log_p, counts):.4f}")
    2.8284
    """
    ### BEGIN SOLUTION
    return np.exp(-np.mean(log_p[counts]))
    ### END SOLUTION
    ### BEGIN STUB
    # of_each_text = np.exp(-log_p.mean(axis=1))
    # return of_each_text.mean()
    ### END STUB
