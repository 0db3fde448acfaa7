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
# # 7. Losses
#
# **How is a mistake made into one number, and what does the choice of that number teach?**
#
# A network is trained on one number, the loss. It sees no goal behind it and takes no hint: it will
# do whatever makes that number small. So the loss is the place where we say what we want. This
# lesson is about saying it rightly: first which number, then how to compute it without losing it to
# rounding, and then its slope, which turns out to be a difference.

# %% [markdown]
# ## One guess for 2,400 sentences
#
# Here are the lengths, in words, of 2,400 sentences from reviews of films, products and
# restaurants. You must answer *one* number, the same for all of them. Which one is best?

# %%
import numpy as np
from matplotlib.figure import Figure

import minigrad as mg

train, test = mg.data.sentiment()
lengths = np.array([len(sentence.split()) for sentence, _ in train])
print(lengths[:12], "shortest", lengths.min(), "longest", lengths.max())

# %% [markdown]
# **Predict.** Two judges. One charges the square of your error, the other its absolute value. Will
# the best answer be the same number for both? Most sentences are short, and a few are very long.

# %%
guesses = np.arange(1, 40, 0.5)
errors = lengths[:, None] - guesses
print("best for the squared error: ", guesses[np.mean(errors**2, axis=0).argmin()])
print("best for the absolute error:", guesses[np.mean(np.abs(errors), axis=0).argmin()])
print("mean", lengths.mean(), "median", np.median(lengths))

# %% [markdown]
# Not the same. The squared error asks for the *mean* (11.8; 12 among our guesses), and one sentence
# of 71 words pulls at it with all its weight. The absolute error asks for the *median* (10), and
# does not care how long the long ones are. Nobody made a mistake; the judges asked two different
# questions. **A loss is a question, and the network answers the question that was asked.**
#
# ## Where losses come from
#
# Which question should one ask? There is a recipe. Let the model give a *probability* to what may
# happen, and choose the model that gave the highest probability to what did. A coin fell heads 7
# times in 10. If heads has the probability $p$, that sequence has $p^7 (1-p)^3$:
#
# | p | $p^7 (1-p)^3$ | minus its logarithm |
# |---|---|---|
# | 0.5 | 0.000977 | 6.93 |
# | 0.7 | 0.002224 | 6.11 |
# | 0.9 | 0.000478 | 7.65 |
#
# The best is $p = 0.7$, as one hoped. This is *maximum likelihood*. Products of many probabilities
# are too small for a float (that of two thousand throws is rounded to 0), so one takes the
# logarithm, which makes sums of products; and minus it, so that smaller is better: the *negative
# log-likelihood*.

# %%
for p in (0.5, 0.7, 0.9):
    likelihood = p**7 * (1 - p) ** 3
    print(f"p = {p}: {likelihood:.6f} {-np.log(likelihood):.2f}")

# %% [markdown]
# Now numbers. Say that the target $y$ is the model's $\mu$ plus noise of the bell-shaped kind, with
# the standard deviation $\sigma$. Its density, and minus the logarithm of that, are
#
# $$p(y) = (2\pi\sigma^2)^{-1/2}\; e^{-(y-\mu)^2 / (2\sigma^2)}, \qquad
#   -\log p(y) = \frac{(y-\mu)^2}{2\,\sigma^2} + \log\sigma + \frac12 \log(2\pi) .$$
#
# For a fixed $\sigma$ all but $(y-\mu)^2$ is constant. **The squared error is the likelihood of
# bell-shaped noise**, and with a noise of the kind $e^{-|y-\mu|}$, in which large errors are not so
# rare, the same two lines give the absolute error. So the two judges above differ about the noise.
# If $\sigma$ is left open, the model can also say how sure it is. **Stop here and write exercise
# 7.1**, with its slopes.


# %%
def gaussian_nll(mean, log_sigma, y):
    squares = np.mean((y - mean) ** 2)
    return squares / (2 * np.exp(2 * log_sigma)) + log_sigma + np.log(2 * np.pi) / 2


for sigma in (4.0, lengths.std(), 16.0):
    print(f"sigma {sigma:5.2f}: {gaussian_nll(lengths.mean(), np.log(sigma), lengths):.4f}")

# %% [markdown]
# (The middle one, the sentences' own standard deviation, is the best. Why the logarithm of $\sigma$
# is the knob: any number is allowed for it, and $\sigma$ stays positive.)
#
# ## From scores to probabilities
#
# Is it a 3, or an 8? The answer is a name, not a quantity (lesson 1). So the model gives each class
# a score $z_c$, any number, called a *logit*, and we make probabilities of them: positive, and with
# the sum 1. Positive by exponentials, sum 1 by division:
#
# $$p_c = \frac{e^{z_c}}{\sum_k e^{z_k}} .$$
#
# By hand, with the scores $0, \log 2, \log 5$, that is 0, 0.693, 1.609: the exponentials are 1, 2,
# 5, their sum is 8, and $p = (0.125, 0.25, 0.625)$. What is added to all scores cancels: 10,
# 10.693, 11.609 give the same. Only differences count. This is *softmax*, in John Bridle's word of
# 1990; Ludwig Boltzmann had it in 1868, for molecules and their energies.


# %%
def softmax_as_written(z):
    return np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)


z = np.array([0.0, np.log(2), np.log(5)])
print(softmax_as_written(z), softmax_as_written(z + 10))

# %% [markdown]
# **Predict.** And `z + 1000`?

# %%
with np.errstate(all="ignore"):
    print(softmax_as_written(z + 1000), softmax_as_written(z - 1000))

# %% [markdown]
# $e^{1000}$ is larger than any float (the limit is near $e^{709}$; in float32 near $e^{88}$), and
# infinity divided by infinity is not a number. Downwards it is 0/0. And the remedy was just said:
# *only differences count*. Subtract the largest score first. Then the largest exponential is 1,
# nothing overflows, and the sum is at least 1, so nothing is divided by 0.
#
# The same for the logarithm of the sum, which is the heart of the next section:
#
# $$\log \sum_k e^{z_k} = m + \log \sum_k e^{z_k - m}, \qquad m = \max_k z_k .$$
#
# It lies between $m$ and $m + \log n$: a softened maximum. **Exercises 7.2 and 7.3.**


# %%
def log_sum_exp(z):
    m = z.max(axis=-1, keepdims=True)
    return np.squeeze(m, -1) + np.log(np.sum(np.exp(z - m), axis=-1))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


print(log_sum_exp(z), log_sum_exp(z + 1000), softmax(z - 1000))

# %% [markdown]
# ## Cross-entropy
#
# Maximum likelihood again: what happened is that the label was $y$; the model gave it $p_y$; the
# loss is $-\log p_y$. Put the softmax in, and the exponential is gone:
#
# $$L = -\log p_y = \log \sum_k e^{z_k} - z_y .$$
#
# By hand: if the label is the last class, the loss is $-\log 0.625 = 0.470$; if it is the first,
# $-\log 0.125 = 2.079$. Certain and right costs 0. Certain and wrong costs without limit.
# **Exercise 7.4.**


# %%
def cross_entropy(z, labels):
    return np.mean(log_sum_exp(z) - z[np.arange(len(z)), labels])


print(cross_entropy(z[None], [2]), cross_entropy(z[None], [0]))

# %% [markdown]
# **Predict.** A network for ten classes has not learned anything: all its scores are about 0. What
# is its loss? (This is the first thing to look at when a training begins.)

# %%
print(f"{cross_entropy(np.zeros((1, 10)), [3]):.4f}")

# %% [markdown]
# $\log 10 = 2.303$: every class has 0.1. A first loss far above that means scores that are large
# and arbitrary: the weights begin too large. And a loss of 2 says nothing before one knows the
# number of classes: for ten it is nearly nothing learned, for the 50,257 tokens of GPT-2 it is
# superb.
#
# ## The slope is p - y
#
# What is the slope for each score? $z_y$ stands in $L$ twice, all others once. The derivative of
# the logarithm of a sum is the sum's derivative by the sum, $e^{z_c} / \sum_k e^{z_k}$, and that is
# $p_c$ again:
#
# $$\frac{\partial L}{\partial z_c} = p_c - [c = y] .$$
#
# **What you said, minus what is true.** By hand, with the first class true:
# $(0.125, 0.25, 0.625) - (1, 0, 0) = (-0.875, 0.25, 0.625)$. The true class is pushed up by what it
# lacks, each other down by what it had too much, and the sum is 0. No exponential, no division by a
# small number: computed in one step from the scores, it cannot overflow. Computed in two, by a
# softmax and then a logarithm, a probability that was rounded to 0 gives $-\log 0$, infinity, and a
# slope of 1/0. That is why libraries have the two *fused*, in a function that takes scores and
# not probabilities. **Exercise 7.5.**

# %%
scores = mg.tensor(z[None], requires_grad=True)
loss = mg.nn.functional.cross_entropy(scores, mg.tensor([0]))
loss.backward()
print(f"{loss.item():.3f}", scores.grad)

# %% [markdown]
# ## Why not the squared error?
#
# One could also take probabilities and charge $\sum_c (p_c - [c = y])^2$. It is 0 when all is
# right, and grows with the mistake. Take two classes, and let $d$ be the score of the right one
# minus that of the wrong one, so $p = 1/(1 + e^{-d})$. The slopes for $d$ are
#
# $$\text{cross-entropy: } p - 1, \qquad \text{squared error: } -4 (1-p) \cdot p (1-p) .$$
#
# | d | p of the right class | slope of the cross-entropy | of the squared error |
# |---|---|---|---|
# | 5 | 0.993 | -0.007 | -0.0002 |
# | 0 | 0.5 | -0.5 | -0.5 |
# | -5 | 0.007 | -0.993 | -0.026 |
# | -10 | 0.00005 | -1.000 | -0.0002 |
#
# Read the last row. The model is certain and wrong. Cross-entropy pulls with full force; the
# squared error pulls no more than in the first row, where all is well.

# %%
d = np.linspace(-10, 10, 201)
p = 1 / (1 + np.exp(-d))
for at in (5, 0, -5, -10):
    q = 1 / (1 + np.exp(-at))
    print(f"d = {at:3}: p {q:.5f}, slopes {q - 1:.4f} and {-4 * (1 - q) * q * (1 - q):.4f}")
figure = Figure(figsize=(7, 2.8), layout="constrained")
left, right = figure.subplots(1, 2)
left.plot(d, -np.log(p), d, 2 * (1 - p) ** 2)
left.set(xlabel="d: right score minus wrong score", title="loss", ylim=(0, 6))
left.legend(["cross-entropy", "squared error"])
right.plot(d, p - 1, d, -4 * p * (1 - p) ** 2)
right.set(xlabel="d", title="slope")
figure

# %% [markdown]
# On the left side of the left picture the squared error is a plateau: high, and flat. Who stands
# there does not feel which way is down.
#
# **Does it matter?** Try it: the digits of lesson 1, one layer (64 pixels to 10 scores), 200 steps,
# and of three step sizes the best for each loss. The layer begins at zero, or with random weights
# that are too large, and so with certain answers, nine of ten of them wrong. The third loss takes
# literally what one can hear, that tanh is used for several classes: ten tanh
# outputs, 1 wanted for the label's and -1 for the others, squared error.

# %%
digits_train, digits_test = mg.data.digits()
x, y = (part.numpy() for part in digits_train.tensors)
x_test, y_test = (part.numpy() for part in digits_test.tensors)
one_hot = np.eye(10, dtype=np.float32)[y]


def slope_of_squares(z, t):
    p, g = softmax(z), 2 * (softmax(z) - t)
    return p * (g - np.sum(g * p, axis=1, keepdims=True))


slopes = {
    "cross-entropy": lambda z, t: softmax(z) - t,
    "squared error": slope_of_squares,
    "tanh": lambda z, t: 2 * (np.tanh(z) - (2 * t - 1)) * (1 - np.tanh(z) ** 2),
}


def fit(slope, start, rate, targets, steps=200):
    weights = start * np.random.default_rng(0).standard_normal((64, 10)).astype(np.float32)
    bias = np.zeros(10, dtype=np.float32)
    for _ in range(steps):
        g = slope(x @ weights + bias, targets) / len(x)
        weights, bias = weights - rate * x.T @ g, bias - rate * g.sum(axis=0)
    return weights, bias


# %% [markdown]
# **Predict.** Two starts, three losses. Where will the squared error be as good as cross-entropy,
# and where not?

# %%
for start in (0, 1):
    for name, slope in slopes.items():
        layers = [fit(slope, start, rate, one_hot) for rate in (0.1, 0.5, 2.0)]
        best = max(np.mean((x_test @ w + b).argmax(axis=1) == y_test) for w, b in layers)
        print(f"{'random' if start else 'zero':6} start, {name:13}: right {best:.3f}")

# %% [markdown]
# From zero, the squared error is as good; it would be a fable to say otherwise. Nobody is certain
# there, and no plateau is near. From the random start, cross-entropy walks off and the squared
# error sits on its plateau: two of three digits right after the same steps. A deep network passes
# through many states, and in some of them it is certain and wrong. (The flatness is made by the
# *softmax before the square*. The squared error of the scores themselves has no plateau, and Like
# Hui and Mikhail Belkin have shown, in 2021, that it does well in large networks too.)
#
# **And tanh?** Its plateaus are worse, since each of ten outputs has its own. And it does not
# answer the question. Look at what its ten outputs say about a test image:

# %%
weights, bias = fit(slopes["tanh"], 0, 0.1, one_hot)
outputs = np.tanh(x_test @ weights + bias)
for count in range(3):
    print(f"{count} classes say yes: {np.sum((outputs > 0).sum(axis=1) == count):3} images")
print(f"the largest sum of an image's ten outputs: {outputs.sum(axis=1).max():.2f}")
weights, bias = fit(slopes["tanh"], 0, 2.0, one_hot)
stuck = np.tanh(x_test @ weights + bias)
print("with a larger step size, classes that say yes, in all images:", np.sum(stuck > 0))

# %% [markdown]
# For some images no class says yes, for some there are two. The outputs are no probabilities: they
# are negative, they do not add up, and there is no $-\log$ of them. Worse, "no to everything" has
# nine of ten answers right and lies on a plateau; with a larger step the net went there and stayed.
# Tanh is a good *inner* layer. At the output, **several classes of which one is true: softmax;
# several of which each may be true: a sigmoid for each; a quantity: nothing at all.**
#
# ## Once is enough
#
# A frequent mistake with this loss is a softmax too many: probabilities are given to a
# function that takes scores.

# %%
print(f"the smallest loss that is then possible: {cross_entropy(np.eye(10)[[3]], [3]):.3f}")
model = mg.nn.Sequential(mg.nn.Linear(64, 10), mg.nn.Softmax(1))
batch, labels = mg.tensor(x[:32]), mg.tensor(y[:32])
print(mg.diagnose(model, lambda: mg.nn.functional.cross_entropy(model(batch), labels)))

# %% [markdown]
# It runs and it learns, slowly, and the loss never falls below 1.461. By hand: the best "scores"
# are a 1 and nine zeros, and $\log(e + 9) - 1 = 1.461$. If your ten-class loss settles near that
# number, you know where to look.
#
# ## Too certain
#
# $-\log p_y$ reaches 0 only when a score is infinite. So on data that can be told apart, the
# weights grow for ever, to make certain what is right already. *Label smoothing* (Szegedy and
# others, 2016) asks for a little less: the target is $1 - \varepsilon$ for the label, and
# $\varepsilon$ is spread evenly over all $K$ classes,
#
# $$t_c = (1 - \varepsilon) [c = y] + \frac{\varepsilon}{K}, \qquad
#   L = -\sum_c t_c \log p_c, \qquad \frac{\partial L}{\partial z_c} = p_c - t_c .$$
#
# By hand, $\varepsilon = 0.1$ and four classes: 0.925, 0.025, 0.025, 0.025. The best scores are now
# finite: $p = t$, a difference of $\log(0.925/0.025) = 3.61$. **Exercise 7.6.**

# %% [markdown]
# **Predict.** Without and with smoothing by 0.1: what happens to the largest weight, to the share
# of right answers, and to the mean of the probabilities that the net gives to its answers?

# %%
for amount in (0.0, 0.1):
    targets = one_hot * np.float32(1 - amount) + np.float32(amount / 10)
    weights, bias = fit(slopes["cross-entropy"], 0, 2.0, targets, steps=1500)
    p = softmax(x_test @ weights + bias)
    print(f"smoothing {amount}: largest weight {np.abs(weights).max():.1f}, right "
          f"{np.mean(p.argmax(axis=1) == y_test):.3f}, mean certainty {p.max(axis=1).mean():.3f}, "
          f"loss on the test {-np.mean(np.log(p[np.arange(len(p)), y_test])):.3f}")  # fmt: skip

# %% [markdown]
# The weights are smaller, and as many answers are right. But the net that says 0.82 is right in 97
# of 100 cases: it is now *less* certain than it should be, and its loss on the test set is worse.
# For this small layer, plain cross-entropy had the better probabilities. Smoothing is a remedy for
# nets that are too certain, as large ones often are; whoever has no illness needs no remedy. How
# well probabilities fit what happens is called *calibration* (lesson 28).
#
# ## Perplexity
#
# For text, the classes are the next letter or word, and the mean of $-\log p$ over a text is the
# loss. Its exponential is called *perplexity*: by how many equally likely choices is the model
# perplexed? A model that gives each of 27 signs 1/27 has $-\log \frac{1}{27} = 3.296$, and
# $e^{3.296} = 27$.
#
# Here are first names. Three models that only count: how often each letter occurs; how often after
# the letter before; how often after the two before. One name in ten is kept for the test.

# %%
names = mg.data.names()
sign = {letter: i for i, letter in enumerate(".abcdefghijklmnopqrstuvwxyz")}
order = np.random.default_rng(0).permutation(len(names))
coded = [[0, 0, *(sign[letter] for letter in names[i]), 0] for i in order]
counts = np.zeros((27, 27, 27))
for name in coded[500:]:
    for i in range(2, len(name)):
        counts[name[i - 2], name[i - 1], name[i]] += 1

tables = {
    "nothing": np.ones((27, 27, 27)),
    "no letter before": np.broadcast_to(counts.sum(axis=(0, 1)), (27, 27, 27)),
    "one letter before": np.broadcast_to(counts.sum(axis=0), (27, 27, 27)) + 0.2,
    "two letters before": counts + 0.2,
}
for known, table in tables.items():
    probabilities = table / table.sum(axis=2, keepdims=True)
    places = [tuple(n[i - 2 : i + 1]) for n in coded[:500] for i in range(2, len(n))]
    log_p = np.log([probabilities[place] for place in places])
    print(f"knows {known:18}: loss {-log_p.mean():.3f}, perplexity {np.exp(-log_p.mean()):5.2f}")

# %% [markdown]
# Two letters before, and of 27 signs there are 8 left, on average, to hesitate between. (The 0.2
# that is added gives what was never seen a small chance: one single zero, and the loss on the test
# is infinite.) Lesson 15 does better with a network. Three traps, which **exercise 7.7** has in it:
# the mean is over letters, not over names; the exponential comes after the mean; and signs that
# only fill up a batch do not count.
#
# ## Four beliefs that are wrong
#
# **"Cross-entropy is for classes and squared error for numbers, by convention."** Both are the same
# thing, $-\log$ of what the model gave to what happened. The noise differs.
#
# **"Softmax gives the probability that the answer is right."** It gives numbers that add up to 1.
# On noise, or a letter A, a net for digits answers too, and may be certain.
#
# **"When the loss rises, the net has become worse."** One answer that is certain and wrong can cost
# as much as a hundred that are slightly unsure. The loss on the test set often rises while more
# answers are right (lesson 9).
#
# **"A loss near 0 is the goal."** Text, dice and the weather are not certain. The smallest loss
# that can be reached is their *entropy*, and whoever is below it on the training set has learned it
# by heart.
#
# ## History
#
# Adrien-Marie Legendre published least squares in 1805; Carl Friedrich Gauss derived it from the
# bell curve in 1809. Ronald Fisher made maximum likelihood a general method (1922). Entropy is
# Claude Shannon's (1948), perplexity of the speech group at IBM (Jelinek and others, 1977). The
# networks of 1986 were trained with the squared error; that cross-entropy learns faster was shown,
# among others, by Sara Solla, Esther Levin and Michael Fleisher in 1988.
#
# ## What a large model does differently
#
# The loss of GPT is this one: the mean of $-\log p$ of the next token, and its slope is $p - y$.
# What differs is the size. A batch of 4,096 tokens with 50,257 scores each is 823 MB in float32,
# often the largest array of all, so some libraries compute loss and slope piece by piece and never
# store $p$; and the log-sum-exp is summed in 32 bits even where the scores have 16. The
# Transformer's paper used smoothing by 0.1, and says openly that it hurts perplexity and helps
# translation. PaLM (2022) added a small penalty on $\log^2 \sum_k e^{z_k}$, so that the scores,
# which softmax leaves free, do not drift.
#
# **Read on.** Bridle, *Probabilistic Interpretation of Feedforward Classification Network
# Outputs*, 1990. Solla, Levin and Fleisher, *Accelerated Learning in Layered Neural Networks*,
# Complex Systems 2, 1988. Szegedy and others, *Rethinking the Inception Architecture for Computer
# Vision*, CVPR 2016, section 7. Müller, Kornblith and Hinton, *When Does Label Smoothing Help?*,
# NeurIPS 2019. Hui and Belkin, *Evaluation of Neural Architectures Trained with Square Loss vs
# Cross-Entropy in Classification Tasks*, ICLR 2021. Bishop, *Pattern Recognition and Machine
# Learning*, 2006, section 5.2.
