# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 9. Training
#
# **How does one know that a network has learned, and has not only memorised?**
#
# A pupil who knows all solutions of last year's exam by heart has the best marks in last year's
# exam. A network is that pupil, if we let it: it is judged on the examples that it has seen, and it
# has room to store them. This lesson is about the exam: how to set one, how not to give it away,
# and what helps a network to learn what will be of use there.

# %% [markdown]
# ## 2,400 opinions
#
# Sentences from reviews of films, products and restaurants, half of them pleased, half of them not.
# One in five is *held out*: the network never learns from it. A sentence becomes a row with a 1 for
# each word that is in it. The vocabulary, too, is made from the training sentences alone (lesson
# 1).

# %%
import re
from collections import Counter

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import nn, optim

opinions, exam = mg.data.sentiment()
order = np.random.default_rng(0).permutation(len(opinions))
held_out, learned = [opinions[i] for i in order[:480]], [opinions[i] for i in order[480:]]


def words(sentence):
    return set(re.findall(r"[a-z']+", sentence.lower()))


seen = Counter(word for sentence, _ in learned for word in words(sentence))
place = {word: i for i, word in enumerate(sorted(w for w in seen if seen[w] >= 3))}


def rows(some):
    found = np.zeros((len(some), len(place)), dtype=np.float32)
    for row, (sentence, _) in zip(found, some, strict=True):
        row[[place[w] for w in words(sentence) if w in place]] = 1
    return mg.tensor(found), mg.tensor([label for _, label in some])


(x, y), (x_held, y_held) = rows(learned), rows(held_out)
print("learned from", tuple(x.shape), " held out", tuple(x_held.shape))
print(*learned[:2], sep="\n")

# %% [markdown]
# **One trap before we begin.** People write the same things. Is any sentence in both parts?

# %%
both = {sentence for sentence, _ in learned} & {sentence for sentence, _ in held_out}
print(sorted(both))

# %% [markdown]
# A few short ones are. The network will be asked about them in the exam, with the answer learned by
# heart. Here that is harmless; among photographs, ten of each patient, or songs, twenty of each
# singer, it is not: the network recognises the patient. **What belongs together stays on one
# side.** **Exercise 9.1.**
#
# ## The loop
#
# All training, of this network and of GPT, is this loop. Each of its lines is here because its
# absence is a well-known mistake.


# %%
def network(drop=0.0):
    mg.manual_seed(0)
    return nn.Sequential(nn.Linear(len(place), 32), nn.ReLU(), nn.Dropout(drop), nn.Linear(32, 2))


def measured(net, x, y):
    net.eval()  # no dropout in an exam
    with mg.no_grad():  # no slopes either
        scores = net(x)
        loss = nn.functional.cross_entropy(scores, y)
    return loss.item(), (scores.argmax(1) == y).float().mean().item()


def train(net, y=y, epochs=12, size=96, decay=0.0, l1=0.0):
    optimizer = optim.AdamW(net.parameters(), lr=5e-3, weight_decay=decay)
    rng = np.random.default_rng(0)
    history = []
    for _ in range(epochs):
        net.train()  # measured() has switched it off
        shuffled = rng.permutation(len(x))  # a new order in each epoch
        for start in range(0, len(x), size):
            batch = shuffled[start : start + size]  # the last may be smaller
            loss = nn.functional.cross_entropy(net(x[batch]), y[batch])
            if l1:
                loss = loss + l1 * net[0].weight.abs().sum()
            optimizer.zero_grad()  # or the slopes of all steps add up
            loss.backward()
            optimizer.step()
        history.append([*measured(net, x, y), *measured(net, x_held, y_held)])
    return np.array(history)


# %% [markdown]
# *An epoch* is one pass over the data. It is cut into *batches*: the slope of 96 sentences is noisy
# but twenty times cheaper than that of all, and twenty rough steps lead farther than one exact
# step. Why shuffle: sorted data has batches of one kind only, and each batch undoes what the last
# has taught. **Stop here and write exercise 9.2.**

# %% [markdown]
# **Predict.** After twelve epochs: what share of the 1,920 training sentences does it judge
# rightly, what share of the held-out ones? And will the *loss* on the held-out ones fall, or rise?

# %%
plain = train(network())
for epoch in (0, 1, 2, 5, 11):
    numbers = "  {:.3f} {:.3f}   {:.3f} {:.3f}".format(*plain[epoch])
    print(f"after epoch {epoch + 1:2}: loss and share right {numbers}")

# %%
figure = Figure(figsize=(7.5, 2.8), layout="constrained")
left, right = figure.subplots(1, 2)
epochs = np.arange(1, 13)
left.plot(epochs, plain[:, 0], "o-", epochs, plain[:, 2], "o-", markersize=3)
left.axvline(1 + plain[:, 2].argmin(), color="gray", linestyle=":")
left.set(title="loss", xlabel="epoch")
left.legend(["learned from", "held out"])
right.plot(epochs, plain[:, 1], "o-", epochs, plain[:, 3], "o-", markersize=3)
right.set(title="share right", xlabel="epoch", ylim=(0.7, 1.01))
figure

# %% [markdown]
# On what it has learned from it is soon perfect. On the rest it is right in four of five cases,
# from the second epoch to the last. And its held-out *loss* falls, turns (the dotted line), and
# climbs to nearly twice what it was: the network makes as many mistakes as before and becomes
# *certain* of them (lesson 7). The distance between the curves is *overfitting*.

# %% [markdown]
# **Predict.** Now the labels of the training sentences are thrown by a coin. There is nothing to
# learn. What share of them will it have right after thirty epochs? And of the held-out sentences?

# %%
coin = mg.tensor(np.random.default_rng(1).integers(0, 2, len(y)))
by_heart = train(network(), y=coin, epochs=30)
loss, share, _, held_share = by_heart[-1]
print(f"learned: loss {loss:.3f}, right {share:.3f}; held out: right {held_share:.3f}")

# %% [markdown]
# It knows the coin by heart, and about new sentences nothing: 0.54 is one half and the luck of 480
# throws. The training loss alone cannot tell this network from the other: Chiyuan Zhang and others
# showed in 2017 that large networks for images do the same. Only what is held out can tell.
#
# ## Stop in time
#
# The cheapest remedy: measure after each epoch, keep the weights of the best one, stop when there
# was no better one for so many epochs (the *patience*), and go back to the best. **Exercise 9.3.**
# By hand, with patience 2 and the losses 0.5, 0.4, 0.45, 0.38, 0.39, 0.41: at 0.45 one waits once;
# 0.38 is better, so the count begins anew; after 0.39 and 0.41 one stops, with the weights of 0.38.
#
# Keep a *copy* of the weights. What most libraries give you are the arrays themselves, and the next
# step writes into them.
#
# ## Make memorising expensive
#
# **L2**: add $\frac{\lambda}{2} \sum w^2$ to the loss. Its slope is $\lambda w$: in each step every
# weight shrinks by a small share of itself. A weight that no sentence needs dies out, and the
# network must divide its work over many words. (AdamW takes the shrinking past the optimizer's
# other arithmetic: *weight decay*.)
#
# **L1**: add $\lambda \sum |w|$. Its slope is $\lambda$ or $-\lambda$, whatever the size of $w$. By
# hand, with $\lambda = 1$ and a step of 0.1: under L2, 2 goes to 1.8, and 0.02 to 0.018; under L1,
# 2 goes to 1.9, and 0.02 all the way past 0 and back in the next step. L2 makes weights small, L1
# makes many of them *zero*.
#
# **Dropout** (Srivastava and others, 2014): in each step, each hidden unit is set to 0 with
# probability $p$. No unit can rely on its neighbour, and nothing can be stored in one place. Those
# that remain are multiplied by $1/(1-p)$. By hand, $p = 0.5$ and units 1, 3: the four outcomes
# (0,0), (2,0), (0,6), (2,6) have the mean (1, 3). That is why in an exam, where nothing is dropped,
# nothing has to be scaled. **Exercise 9.4**, with its slope.


# %%
def dropout(x, p, rng):
    return x * (rng.random(x.shape) >= p) / (1 - p)


rng = np.random.default_rng(0)
print(np.mean([dropout(np.array([1.0, 3.0]), 0.5, rng) for _ in range(100_000)], axis=0).round(2))

# %% [markdown]
# **Predict.** Which of them will have the best held-out loss, and by how much will the share of
# right answers grow? (Write a number down.)

# %%
runs = {
    "nothing": (network(), {}),
    "weight decay": (network(), {"decay": 3.0}),
    "L1": (network(), {"l1": 3e-4}),
    "dropout 0.8": (network(drop=0.8), {}),
}
for name, (net, options) in runs.items():
    history = train(net, **options)
    best, last = history[history[:, 2].argmin()], history[-1]
    small = np.mean(np.abs(net[0].weight.detach().numpy()) < 1e-2)
    print(f"{name:12} held out: best {best[2]:.3f}, last {last[2]:.3f}, right {last[3]:.3f}; "
          f"learned: right {last[1]:.3f}; weights near 0: {small:.2f}")  # fmt: skip

# %% [markdown]
# Each of them nearly halves the last loss, and the network is far less certain of its mistakes. The
# share of right answers hardly moves, for any of them: 480 sentences cannot tell 0.80 from 0.81
# (see below). Regularisation makes better use of what is in the data; it puts nothing in. A bag of
# words does not know that "not good" is not good. And see what L1 did: two of three weights are as
# good as gone.
#
# ## More data for nothing
#
# A 3 that is moved by a pixel is a 3. Whoever knows that can make five images of one:
# *augmentation*. Take 200 digits and the nearest image of lesson 1, without and with copies moved
# up, down, left, right; and, as a third, with mirror images.

# %%
digits, digits_test = mg.data.digits()
images, labels = (part.numpy() for part in digits.tensors)
images_test, labels_test = (part.numpy() for part in digits_test.tensors)
few = np.random.default_rng(0).permutation(len(images))[:200]
a, b = images[few], labels[few]


def moved(images, down, right):
    wide = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    return wide[:, 1 - down : 9 - down, 1 - right : 9 - right].reshape(-1, 64)


def nearest(known, names, new):
    return names[((known**2).sum(axis=1) - 2 * new @ known.T).argmin(axis=1)]


ways = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
mirrored = a.reshape(-1, 8, 8)[:, :, ::-1].reshape(-1, 64)
for name, known, names in [
    ("200 images", a, b),
    ("with moved ones", np.vstack([moved(a, *way) for way in ways]), np.tile(b, 5)),
    ("with mirror images", np.vstack([a, mirrored]), np.tile(b, 2)),
]:
    right = np.mean(nearest(known, names, images_test) == labels_test)
    aside = np.mean(nearest(known, names, moved(images_test, 0, 1)) == labels_test)
    print(f"{name:18}: right {right:.3f}, on test images moved by a pixel {aside:.3f}")

# %% [markdown]
# The test images stand in the middle, all of them; there nothing is gained. Move them by *one*
# pixel, and the plain reader fails for nearly half of them, while the other does not even notice.
# And mirror images do harm: a mirrored 2 is no 2. **An augmentation is a claim about the world:
# this change does not change the answer.** It must be true.
#
# ## Noise
#
# Another such claim: a little noise does not change the answer. Add noise of size $\sigma$ to the
# inputs, and fit a linear model $Wx$ by least squares. On the average over the noise, the loss is
#
# $$\sum_i \Vert W(x_i + \text{noise}) - t_i\Vert^2 =
#   \sum_i \Vert W x_i - t_i\Vert^2 + n \sigma^2 \Vert W\Vert^2 .$$
#
# That is L2 with the strength $n\sigma^2$: **noise on the inputs is weight decay**, for a linear
# model exactly (Christopher Bishop, 1995). For 200 digits and $\sigma = 0.3$: 18. And there is a
# formula for the best $W^T$, $(X^T X + \lambda I)^{-1} X^T T$, so that no training is needed.


# %%
def with_ones(x):
    return np.hstack([x.astype(float), np.ones((len(x), 1))])


def ridge(x, names, strength):
    x = with_ones(x)
    penalty = np.diag([strength + 1e-9] * 64 + [1e-9])  # none on the last, the bias
    return np.linalg.solve(x.T @ x + penalty, x.T @ (2 * np.eye(10)[names] - 1))


def share_right(weights, x, names):
    return np.mean((with_ones(x) @ weights).argmax(axis=1) == names)


rng = np.random.default_rng(0)
noisy_test = images_test + 0.3 * rng.standard_normal(images_test.shape)
noisy = np.vstack([a + 0.3 * rng.standard_normal(a.shape) for _ in range(50)])
fitted = {f"strength {s:4}": ridge(a, b, s) for s in (0, 1, 18, 1000)}
fitted["trained on noise"] = ridge(noisy, np.tile(b, 50), 0)
for name, weights in fitted.items():
    print(f"{name:16}: learned {share_right(weights, a, b):.3f}, "
          f"test {share_right(weights, images_test, labels_test):.3f}, "
          f"noisy test {share_right(weights, noisy_test, labels_test):.3f}")  # fmt: skip

# %% [markdown]
# Without a penalty, noise of 0.3, a third of the way from white to black, reduces the reader nearly
# to guessing. The penalty of 18 makes it *robust*; training on noisy copies makes nearly the same
# weights. And with 1000 it can no longer learn: *underfitting*. Somewhere between is the best
# strength. Where?
#
# ## Choosing without fooling oneself
#
# Not by the training set: there, a penalty of 0 always has the smallest loss. By the held-out one,
# then. But whoever chooses by it has *used* it.

# %% [markdown]
# **Predict.** 200 "models" that throw a coin for each answer are tried on 100 held-out questions,
# and the best of them is taken. What share does it have right there? And on new questions?

# %%
rng = np.random.default_rng(0)
truth, answers = rng.integers(0, 2, 200), rng.integers(0, 2, (200, 200))
right = answers == truth
best = right[:, :100].mean(axis=1).argmax()
print(f"the best: {right[best, :100].mean():.2f}, on new questions {right[best, 100:].mean():.2f}")

# %% [markdown]
# The best of many is lucky as well as good, or, as here, only lucky; and luck does not last. So
# there are three sets: *training* for the weights, *validation* for all choices (strength, size,
# epochs, which model), and *test* for one number at the end, looked at once. Of the four networks
# as they stand after twelve epochs, the held-out sentences choose weight decay (0.443). Its exam,
# 600 sentences that nobody has looked at until now:

# %%
loss, share = measured(runs["weight decay"][0], *rows(exam))
print(f"test: loss {loss:.3f}, right {share:.3f}")

# %% [markdown]
# And a held-out set is itself a throw of dice: a share $p$ of $n$ has the standard error
# $\sqrt{p(1-p)/n}$, for 0.8 and 480 about 0.018. Where data is scarce, let every example be held
# out once: cut the data into $k$ parts, train $k$ times on all but one, and take the mean. That is
# *cross-validation*. **Exercise 9.5.**

# %%
parts = np.array_split(np.random.default_rng(1).permutation(200), 5)
for strength in (0.1, 1, 3, 10, 100):
    shares = []
    for part in parts:
        rest = np.setdiff1d(np.arange(200), part)
        shares.append(share_right(ridge(a[rest], b[rest], strength), a[part], b[part]))
    tested = share_right(ridge(a, b, strength), images_test, labels_test)
    print(f"strength {strength:5}: parts {np.round(shares, 3)}, mean {np.mean(shares):.3f}"
          f"   (test {tested:.3f})")  # fmt: skip

# %% [markdown]
# Look along a row: between one part and another lies more than between most rows. Each part alone
# could have chosen wrongly; the mean chooses well. (The test column stands in brackets because one
# would not look at it while choosing.) Everything that learns, the mean of a column too, is learned
# anew for each part, or the parts leak.
#
# ## Which share?
#
# One digit in ten is an 8. A program that says "no 8" to everything is right in 90 of 100 cases. So
# a share of right answers needs company. Of 100 images, 10 are eights; a detector calls 8 images
# eights, and 6 of them are:
#
# $$\text{precision} = \frac{6}{8} = 0.75, \quad \text{recall} = \frac{6}{10} = 0.6, \quad
#   F_1 = \frac{2 \cdot 6}{8 + 10} = 0.667 .$$
#
# *Precision*: of what it calls an eight, how much is one. *Recall*: of the eights, how many it
# finds. Say "eight" always and recall is 1; say it once, when certain, and precision is. $F_1$ is
# their harmonic mean, high only if both are. Which matters more is no mathematics: a test for a
# disease, or a filter for spam? All of it is read off one table, the *confusion matrix*: row, what
# it is; column, what it was called. **Exercises 9.6 and 9.7.**

# %%
guessed = (with_ones(images_test) @ ridge(images, labels, 3)).argmax(axis=1)
matrix = mg.metrics.confusion_matrix(guessed, labels_test)
figure = Figure(figsize=(4, 3.6), layout="constrained")
axes = figure.subplots()
axes.imshow(np.where(np.eye(10), 0, matrix), cmap="Reds", vmax=5)
for (i, j), n in np.ndenumerate(matrix):
    axes.text(j, i, n or "", ha="center", va="center", fontsize=8)
axes.set(xlabel="called", ylabel="is", xticks=range(10), yticks=range(10))
figure

# %%
for name in ("precision", "recall", "f1"):
    print(f"{name:9}", getattr(mg.metrics, name)(guessed, labels_test, average=None).round(2))
print(f"right {mg.metrics.accuracy(guessed, labels_test):.3f}")

# %% [markdown]
# The table says what no single number does: the reader is good at zeros and has trouble with
# eights, which it takes for many things. There one would look next, at the images themselves.
#
# ## When the loop is wrong
#
# A wrong loop rarely crashes. It trains a little worse. Here is one in which somebody replaced the
# last layer, as one does to use a trained network for something new, *after* making the optimizer,
# and forgot that the network was still in its exam mode.

# %%
net = network(drop=0.5)
optimizer = optim.AdamW(net.parameters(), lr=5e-3)
net[3] = nn.Linear(32, 2)
net.eval()
report = mg.diagnose(
    net, lambda: nn.functional.cross_entropy(net(x[:96]), y[:96]), optimizer=optimizer
)
print(report)

# %% [markdown]
# `mg.diagnose` looks at one step and tells what is suspicious, with its evidence. **Exercise 9.8**
# is a loop with three such faults, for your own eyes. Three habits find most of them: the first
# loss must be near $\log K$ (lesson 7); a network must be able to learn *ten* examples by heart,
# and if it cannot, the loop is broken; and curves are looked at. `mg.train.fit` is this loop,
# written once and for all; `mg.train.TensorBoard("runs/1")`, one of its callbacks, writes the
# curves for TensorBoard, in which many runs can be laid over each other.
#
# ## Four beliefs that are wrong
#
# **"Training loss falls, so it learns."** It fell for the coin.
#
# **"More parameters than examples must overfit."** Ours has 17 times as many as sentences, and in
# its best epoch it is useful. Larger ones often generalise better (Belkin and others, 2019). How
# long and with which penalty one trains counts more.
#
# **"A better number on the test set means a better model."** With 480 examples, only if it is
# better by several hundredths. And not at all if it is the best of fifty attempts.
#
# **"Dropout is on in training, so I need not think of it."** It has to be switched *off* in each
# exam and *on* again after it. Both are forgotten, and neither makes an error message.
#
# ## History
#
# The theory of cross-validation is Mervyn Stone's (1974), ridge regression Hoerl and Kennard's
# (1970), L1 as the *lasso* Robert Tibshirani's (1996). Anders Krogh and John Hertz showed in 1991
# what weight decay does for networks. The $F$ measure comes from the search for documents (Keith
# van Rijsbergen, 1979), dropout from Geoffrey Hinton's group (2012).
#
# ## What a large model does differently
#
# A large language model sees most of its text *once*. Each batch is new, so training loss is nearly
# a held-out loss, and there is little to memorise by repetition: dropout is mostly 0, early
# stopping rare, weight decay 0.1 usual (GPT-3). What is left of this lesson becomes harder. Text
# that occurs a hundred times is learned by heart, so the data is searched for copies (Lee and
# others, 2022). And the test questions are on the internet: GPT-3's authors looked for them in
# their training data, found many, and a fault in the program had kept them from being removed; they
# say so in section 4 of their paper.
#
# **Read on.** Prechelt, *Early Stopping, But When?*, 1998. Bishop, *Training with Noise is
# Equivalent to Tikhonov Regularization*, Neural Computation 7(1), 1995. Srivastava and others,
# *Dropout*, JMLR 15, 2014. Zhang and others, *Understanding Deep Learning Requires Rethinking
# Generalization*, ICLR 2017. Belkin and others, *Reconciling Modern Machine-Learning Practice and
# the Classical Bias-Variance Trade-Off*, PNAS 116, 2019. Recht and others, *Do ImageNet Classifiers
# Generalize to ImageNet?*, ICML 2019, on what ten years of choosing by one test set have done (less
# than one would fear).
