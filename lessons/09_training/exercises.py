# %% [markdown]
# # Exercises to lesson 9: training
# Write each function where it says so. `minigrad check 9` asks the questions. Where there is
# chance, take it from `np.random.default_rng(seed)`: the same seed must give the same answer.

# %%
import numpy as np

import minigrad as mg
from minigrad import nn, optim


class Dropping(nn.Module):
    """A layer of dropout, for exercise 9.8: net.train() switches it on, net.eval() off."""

    def __init__(self, p):
        super().__init__()
        self.p, self.rng = p, np.random.default_rng(0)

    def forward(self, x):
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * mg.tensor(kept / (1 - self.p)).float()


# %% Exercise 9.1: an exam that is not given away
def split(texts, share, seed):
    """(learn, held_out): which texts to learn from, which to keep for the exam. At random.

    The same text may occur several times: all its copies are on one side. Of the n *different*
    texts round(share * n) are held out.

    texts: a list of strings; share: from 0 to 1. Returns two arrays of indices into `texts`, which
    together have every index once.

    >>> learn, held_out = split(["good", "bad", "good", "fair", "good"], 1 / 3, seed=0)
    >>> sorted([*learn, *held_out]) == [0, 1, 2, 3, 4], (0 in learn) == (2 in learn)
    (True, True)
    """
    ### BEGIN SOLUTION
    different = sorted(set(texts))
    order = np.random.default_rng(seed).permutation(len(different))
    kept = {different[i] for i in order[: round(share * len(different))]}
    in_exam = np.array([text in kept for text in texts], dtype=bool)
    return np.flatnonzero(~in_exam), np.flatnonzero(in_exam)
    ### END SOLUTION


# %% Exercise 9.2: batches
def batches(n, size, seed):
    """The numbers 0 to n - 1, each once, in random order, cut into arrays of `size`.

    The last one is smaller, if n is not a multiple of size; none is empty. Returns a list of arrays
    of integers.

    >>> [len(batch) for batch in batches(10, 4, seed=0)]
    [4, 4, 2]
    """
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]
    ### END SOLUTION


# %% Exercise 9.3: the loop, and when to leave it (needs 9.2)
def fit(step, judge, weights, n, size, epochs, patience, seed):
    """Train for up to `epochs` epochs; stop when there was no better loss for `patience` of them.

    In epoch e = 0, 1, ...: for each batch of batches(n, size, seed + e), weights become
    step(weights, batch). After that, once, judge(weights) is the held-out loss. It is better if
    it is smaller than all before it.

    step: takes weights and an array of row numbers, returns new weights; judge: takes weights,
    returns a number. Returns (the weights of the best epoch, the list of the losses of all epochs
    that were trained).

    >>> scores = iter([0.5, 0.4, 0.45, 0.38, 0.39, 0.41, 0.1])
    >>> fit(lambda w, rows: w + 1, lambda w: next(scores), 0, 8, 8, 7, 2, seed=0)
    (4, [0.5, 0.4, 0.45, 0.38, 0.39, 0.41])
    """
    ### BEGIN SOLUTION
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses
    ### END SOLUTION


# %% Exercise 9.4: dropout
def dropout(x, p, seed):
    """x, each entry set to 0 with probability p, the others times 1 / (1 - p); and its pullback.

    Each entry has its own throw. x: an array of floats, which is the same afterwards; p: from 0
    to less than 1. Returns (value, pullback); pullback(g) takes and returns arrays of x's shape.

    >>> value, pullback = dropout(np.ones(1000), 0.75, seed=0)
    >>> print(np.unique(value), np.unique(pullback(np.ones(1000))))
    [0. 4.] [0. 4.]
    """
    ### BEGIN SOLUTION
    scale = (np.random.default_rng(seed).random(x.shape) >= p) / (1 - p)
    return x * scale, lambda g: g * scale
    ### END SOLUTION


# %% Exercise 9.5: everyone is examined once
def folds(n, k, seed):
    """k ways to cut the numbers 0 to n - 1 into those to learn from and those held out. At random.

    Each number is held out exactly once. The k held-out parts differ in size by at most 1. Returns
    a list of k pairs (learn, held_out) of arrays of integers.

    >>> [(len(learn), len(held_out)) for learn, held_out in folds(7, 3, seed=0)]
    [(4, 3), (5, 2), (5, 2)]
    """
    ### BEGIN SOLUTION
    parts = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [
        (np.concatenate([other for j, other in enumerate(parts) if j != i]), part)
        for i, part in enumerate(parts)
    ]
    ### END SOLUTION


# %% Exercise 9.6: what was taken for what
def confusion(labels, called, classes):
    """Entry (i, j): how many examples of class i were called j.

    labels: what they are, called: what the model said: integers (n,) from 0 to classes - 1. Returns
    integers (classes, classes).

    >>> confusion(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0]), 2)
    array([[1, 1],
           [1, 2]])
    """
    ### BEGIN SOLUTION
    pairs = np.bincount(labels * classes + called, minlength=classes * classes)
    return pairs.reshape(classes, classes)
    ### END SOLUTION


# %% Exercise 9.7: precision, recall, F1
def scores(counts):
    """Of each class: precision, recall and F1, from a table as `confusion` makes it.

    Precision: of what was called so, how much is so. Recall: of what is so, how much was called so.
    F1: their harmonic mean, 2 PR / (P + R). Where it is 0 / 0, it is 0.

    counts: integers (classes, classes). Returns three arrays of floats (classes,).

    >>> for of_each_class in scores(np.array([[88, 2], [4, 6]])):
    ...     print(np.round(of_each_class, 3))
    [0.957 0.75 ]
    [0.978 0.6  ]
    [0.967 0.667]
    """
    ### BEGIN SOLUTION
    hits, called, there = np.diagonal(counts), counts.sum(axis=0), counts.sum(axis=1)

    def share(above, below):
        return above / np.where(below == 0, 1, below)

    return share(hits, called), share(hits, there), share(2 * hits, called + there)
    ### END SOLUTION


# %% Exercise 9.8: find the bug
def learn(x, y, x_held, y_held, epochs, rate, drop):
    """Train a small network, each epoch one step on all of x, and keep the best weights.

    Dropout is on in each step, and off whenever the held-out loss is measured.

    x: floats (n, d), y: integers (n,) from 0 to 2, and the same held out. rate: of plain gradient
    descent; drop: the probability of dropout. Returns (the held-out loss after each epoch, the
    weights of the best epoch, the weights of the last epoch); weights are a list of four arrays.

    It has three bugs. The network and the optimizer are right.

    >>> x, y = np.eye(3), np.arange(3)
    >>> losses, best, last = learn(x, y, x, y, epochs=20, rate=0.5, drop=0.0)
    >>> losses[-1] < losses[0], [w.shape for w in best]
    (True, [(8, 3), (8,), (3, 8), (3,)])
    """
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    ### BEGIN SOLUTION
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    ### END SOLUTION
    ### BEGIN STUB
    # for _ in range(epochs):
    #     net.train()
    #     loss = nn.functional.cross_entropy(net(x), y)
    #     loss.backward()
    #     optimizer.step()
    #     with mg.no_grad():
    #         losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
    #     if losses[-1] == min(losses):
    #         best = [p.detach().numpy() for p in net.parameters()]
    ### END STUB
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]
