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
# # 15. Recurrent networks
#
# **How can a network of a fixed size read a text of any length?**
#
# A layer has so many inputs and no more. A name has two letters or eleven, a sentence any number of
# words, a song never the same number of samples. One could make the layer large enough for the
# longest text and fill up the others. But then what it learns about an *e* in the third place says
# nothing about an *e* in the fourth. Recurrent networks do what you do now: they read one thing
# after the other, always with the same weights, and keep in mind what they need.

# %% [markdown]
# ## Which letter comes next?
#
# Here are the 5,163 most frequent first names of the United States' census of 1990. Cover the end
# of one and guess: after *christophe*, what? After *q*? Whoever guesses well knows something about
# how names are made. A guess is a probability for each of 27 things (26 letters, and the end), and
# the loss is the mean of $-\log$ of the probability that the right one got.

# %%
import math
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import names
from minigrad.nn import functional as F

mg.manual_seed(0)
rng = np.random.default_rng(0)

shuffled = rng.permutation(names())
training, held_out = shuffled[:-500], shuffled[-500:]
LETTERS = "$abcdefghijklmnopqrstuvwxyz"  # $ is the beginning and the end


def count_loss(pairs):
    """The loss on held-out names of counting: which letter follows which context, how often?"""
    counts = {}
    for name in training:
        for context, letter in pairs(f"${name}$"):
            counts.setdefault(context, np.ones(27))[LETTERS.index(letter)] += 1
    losses = [
        -math.log(counts[context][LETTERS.index(letter)] / counts[context].sum())
        for name in held_out
        for context, letter in pairs(f"${name}$")
    ]
    return np.mean(losses)


print(f"all equally likely:             {math.log(27):.3f}")
print(f"how frequent each letter is:    {count_loss(lambda s: [('', c) for c in s[1:]]):.3f}")
print(f"counted by the letter before:   {count_loss(lambda s: pairwise(s)):.3f}")

# %% [markdown]
# Looking at one letter before helps a lot. At two, three, four? The tables grow by a factor of 27
# with each, and soon most contexts have never been seen. A network has to find by itself what of
# the past is worth keeping.
#
# ## A state that is passed on
#
# The network has a **state** $h$, a vector. At each step it makes a new one from the input and the
# old one, with the same three arrays at every step:
#
# $$h_t = \tanh(x_t U + h_{t-1} W + b) .$$
#
# By hand, with numbers for vectors, $U = 1$, $W = 0.5$, $b = 0$, $h_0 = 0$, and the inputs 1, 0, 0:
#
# | t | $x_t$ | $a_t = x_t + 0.5\,h_{t-1}$ | $h_t = \tanh a_t$ |
# |---|---|---|---|
# | 1 | 1 | 1 | 0.7616 |
# | 2 | 0 | 0.3808 | 0.3634 |
# | 3 | 0 | 0.1817 | 0.1797 |
#
# The 1 came in the first step, and at the third there is still a trace of it. That is the memory
# of the network, all of it. **Stop here and write exercise 15.1.**


# %%
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        h = np.tanh(x @ u + h @ w + b)
        hs.append(h)
    return np.array(hs)


one, zero = np.ones((1, 1)), np.zeros(1)
hs = rnn(np.array([[1.0], [0.0], [0.0]]), zero, one, 0.5 * one, zero)
print(hs.ravel().round(4))

# %% [markdown]
# For an answer at each step there is one more layer, $y_t = \mathrm{softmax}(h_t V + c)$. The tanh
# belongs inside, in the state, where something between -1 and 1 is wanted; the answer among several
# classes is a softmax (lesson 7 tried it with a tanh).
#
# ## Back through time
#
# How does one differentiate a loop? Write it out: T steps are T layers, one upon the other, that
# happen to have the same weights. Then go back as in lesson 4. Two things are new. A state is used
# twice, by the loss and by the next step, so what comes back from both is **added**. And the
# weights are used T times, so their derivative is a **sum of T shares**.
#
# By hand, for the three steps above, with the loss $L = (h_3 - 1)^2/2$. Its derivative by $h_3$ is
# $h_3 - 1 = -0.8203$. From the last step to the first:
#
# | t | $dh_t$ | $1 - h_t^2$ | $da_t$ | share of W: $h_{t-1}\,da_t$ | share of U: $x_t\,da_t$ |
# |---|---|---|---|---|---|
# | 3 | -0.8203 | 0.9677 | -0.7938 | 0.3634 · (-0.7938) = -0.2885 | 0 |
# | 2 | 0.5 · (-0.7938) = -0.3969 | 0.8679 | -0.3445 | 0.7616 · (-0.3445) = -0.2624 | 0 |
# | 1 | 0.5 · (-0.3445) = -0.1723 | 0.4200 | -0.0723 | 0 · (-0.0723) = 0 | -0.0723 |
#
# $dL/dW$ is the sum of the shares, -0.5508 (with more digits than the table shows), and
# $dL/dU = -0.0723$. This is all of *backpropagation through time*. **Exercise 15.2.**


# %%
@mg.op
def recurrence(xs, h, u, w, b):
    hs = rnn(xs, h, u, w, b)
    before = np.concatenate([h[None], hs[:-1]])

    def pullback(g):
        da, dh = np.zeros_like(hs), np.zeros_like(h)
        for t in reversed(range(len(hs))):
            da[t] = (g[t] + dh) * (1 - hs[t] ** 2)  # from the loss, and from the next step
            dh = da[t] @ w.T
        return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(axis=0)

    return hs, pullback


arrays = [np.array([[1.0], [0.0], [0.0]]), zero, one, 0.5 * one, zero]
leaves = [mg.tensor(a, requires_grad=True) for a in arrays]
loss = (recurrence(*leaves)[2] - 1).square().sum() / 2
loss.backward()
print(f"dW {leaves[3].grad.item():.4f}   dU {leaves[2].grad.item():.4f}")
print("as differences say:", mg.gradcheck(recurrence, leaves))

# %% [markdown]
# ## What is left after fifty steps
#
# Look at the column $dh_t$ again: -0.82, -0.40, -0.17. At each step it is multiplied by $W$ and by
# $1 - h^2$, which is at most 1. After T steps it has been multiplied T times.

# %% [markdown]
# **Predict.** Without the tanh, for $W$ = 0.9, 1 and 1.1: what is left of a derivative after 50
# steps? And after 200?

# %%
for w in (0.9, 1.0, 1.1):
    print(f"W = {w}: after 50 steps {w**50:.2g}, after 200 steps {w**200:.2g}")

# %% [markdown]
# There is no middle. A factor a little below 1 makes nothing of it, a little above 1 a number that
# wrecks the next step; only exactly 1 lasts. With matrices it is the same in the long run, and the
# size that counts is that of the largest eigenvalue of $W$. Here it is set to 0.7, 1.0 and 1.5, in
# networks of 64 units that are given noise to read. Drawn is how much the state at the end depends
# on the state k steps before, with tanh and without:


# %%
def influence(radius, bend, steps=60, size=64):
    """The length of what comes back, of a vector of length 1, after each of so many steps."""
    draws = np.random.default_rng(3)
    w = draws.standard_normal((size, size))
    w *= radius / np.abs(np.linalg.eigvals(w)).max()
    xs = 0.5 * draws.standard_normal((steps, size))
    hs = rnn(xs, np.zeros(size), np.eye(size), w, np.zeros(size))
    dh, lengths = np.ones(size) / math.sqrt(size), [1.0]
    for h in hs[::-1]:
        dh = (dh * (1 - h**2) if bend else dh) @ w.T
        lengths.append(np.linalg.norm(dh))
    return lengths


figure = Figure(figsize=(6.4, 3.6), layout="constrained")
axes = figure.subplots()
for radius, color in ((0.7, "tab:blue"), (1.0, "tab:green"), (1.5, "tab:red")):
    axes.semilogy(influence(radius, True), color=color, label=f"eigenvalue {radius}, tanh")
    axes.semilogy(influence(radius, False), ":", color=color, label=f"eigenvalue {radius}, none")
    print(f"{radius}: after 60 steps {influence(radius, True)[-1]:.1e} with tanh, "
          f"{influence(radius, False)[-1]:.1e} without")  # fmt: skip
axes.set(xlabel="steps back", ylabel="what is left of the gradient")
axes.legend(fontsize=8)
figure

# %% [markdown]
# Nearly straight lines on a logarithmic axis: at each step it shrinks or grows by a factor. The
# tanh takes from all of them, most from the one that would explode: large states have small
# slopes. This is the **vanishing gradient**, and it does not mean that the network cannot *hold*
# something for long. It means that it cannot *learn* to: what happened sixty steps ago changes the
# loss by so little that the last few steps drown it.
#
# ## The wall
#
# **Exploding** is the easier half. Take the smallest network there is, $h_t = w\,h_{t-1}$ with
# $h_0 = 1$, so that $h_{50} = w^{50}$, and let it learn to end at 2: $L(w) = (w^{50} - 2)^2$. Left
# of $w = 1$ there is a plain, right of it a wall. At $w = 1.06$: $1.06^{50} = 18.4$, the loss is
# 270, and the slope $2 \cdot 16.4 \cdot 50 \cdot 18.4 / 1.06 \approx 28{,}500$.

# %% [markdown]
# **Predict.** We start at 1.06, on the wall, and go down with the learning rate 0.00005. The
# minimum is at 1.014. Where are we after one step, and after a thousand?


# %%
def slope(w):
    return 2 * (w**50 - 2) * 50 * w**49


def descend(limit, steps=1000):
    path = [1.06]
    for _ in range(steps):
        g = slope(path[-1])
        g *= min(1, limit / max(abs(g), 1e-300))
        path.append(path[-1] - 0.00005 * g)
    return path


for limit in (math.inf, 20.0):
    path = descend(limit)
    print(f"limit {limit}: after 1 step {path[1]:.4f}, after 50 {path[50]:.4f}, "
          f"after 1000 {path[-1]:.4f}")  # fmt: skip

# %% [markdown]
# One step threw it across the plain, to -0.37, and there it stays: $0.37^{50}$ is nothing, and so
# is the slope. Exploding and vanishing are one and the same curve. **Clipping** keeps the
# direction of the gradient and limits its length. It does not know where the minimum is; it only
# does not believe in a slope that holds for no more than a hair's breadth. Of several arrays the
# length is that of all together, or else the direction would change. **Exercise 15.3.**
#
# ## A road through time
#
# Vanishing needs another network. Its cause is that the state is *replaced* at each step. The
# **LSTM**, long short-term memory, adds to it instead. Beside $h$ it has a second state, the cell
# $c$, and three gates, numbers from 0 to 1, which it computes from input and state:
#
# $$c_t = f_t \circ c_{t-1} + i_t \circ n_t, \qquad h_t = o_t \circ \tanh(c_t) .$$
#
# The **forget gate** $f$ says how much of the cell is kept, the **input gate** $i$ how much of the
# new, $n$, is added, the **output gate** $o$ how much is shown. From $c_t$ back to $c_{t-1}$ there
# is no $W$ and no tanh, only a factor $f_t$. If the gate is open, $f = 1$, the gradient comes back
# as it was, through any number of steps. You will meet this road again in lesson 20: it is
# the residual, invented eighteen years later. **Exercises 15.4 and 15.5.**


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), c


layer = nn.LSTM(3, 5)
u, w, b, more = (p.detach().numpy() for p in layer.parameters())
w, b = np.concatenate([u.T, w.T]), b + more
xs = rng.standard_normal((7, 1, 3)).astype(np.float32)
h = c = np.zeros((1, 5), np.float32)
for x in xs:
    h, c = lstm_cell(x, h, c, w, b)
_, (h_layer, c_layer) = layer(mg.tensor(xs))
print("as nn.LSTM has it:", np.allclose(h, h_layer.detach().numpy()[0], atol=1e-6),
      np.allclose(c, c_layer.detach().numpy()[0], atol=1e-6))  # fmt: skip

# %% [markdown]
# ## Does it remember?
#
# A task that is nothing but memory: a sign, one of four, then noise for T - 1 steps, then: which
# sign was it? Guessing is right in 25 % of the cases.


# %%
def recall(kind, t, forget_bias=0.0, steps=300, seed=0):
    """The share of right answers at the end of training."""
    mg.manual_seed(seed)
    draws = np.random.default_rng(seed)
    net, out = kind(6, 32, batch_first=True), nn.Linear(32, 4)
    if kind is nn.LSTM:
        with mg.no_grad():
            net.bias_hh_l0[32:64] = forget_bias  # the part of the forget gate
    parameters = [*net.parameters(), *out.parameters()]
    optimizer = optim.Adam(parameters, lr=5e-3)
    right = []
    for _ in range(steps):
        sign = draws.integers(0, 4, 32)
        x = np.zeros((32, t, 6), np.float32)
        x[np.arange(32), 0, sign] = 1
        x[:, 1:, 4:] = 0.5 * draws.standard_normal((32, t - 1, 2))
        scores = out(net(mg.tensor(x))[0][:, -1])
        loss = F.cross_entropy(scores, mg.tensor(sign))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        right.append((scores.detach().numpy().argmax(-1) == sign).mean())
    return np.mean(right[-20:])


# %% [markdown]
# **Predict.** T = 10, 20, 40. Which will learn it: the plain network? An LSTM, as it is made by
# default, with all biases near 0? One whose forget gate has the bias 3 at the start?

# %%
print(" T    plain    LSTM, bias 0    LSTM, bias 1    LSTM, bias 3    GRU")
for t in (10, 20, 40):
    shares = [
        recall(nn.RNN, t), recall(nn.LSTM, t), recall(nn.LSTM, t, 1.0), recall(nn.LSTM, t, 3.0),
        recall(nn.GRU, t),
    ]  # fmt: skip
    print(f"{t:2}  {shares[0]:6.0%}  {shares[1]:14.0%}  {shares[2]:14.0%}  {shares[3]:14.0%}"
          f"  {shares[4]:5.0%}")  # fmt: skip
for bias in (0, 1, 3):
    gate = 1 / (1 + math.exp(-bias))
    print(f"bias {bias}: the gate is {gate:.3f}; after 20 steps {gate**20:.1e}, "
          f"after 40 {gate**40:.1e} is left")  # fmt: skip

# %% [markdown]
# An LSTM as it comes is *worse* than the plain network: with a bias near 0 its forget gate stands
# at one half, and of what happened twenty steps ago a millionth comes back. What helps is not the
# gate, but that it stands open. With the bias 3 it forgets 5 % a step, enough comes back over
# forty steps to begin with, and the rest the training does. (Felix Gers, Jürgen Schmidhuber and
# Fred Cummins, who added the forget gate in 2000, began with it open. It was often left out, and
# found again by Rafal Jozefowicz and others in 2015, who measured ten thousand variants of such
# cells.) A road through time has to be there from the first step of training, or it will hardly
# ever be found.
#
# The powers are a rule, not a law. The last column, which the next part explains, has a gate that
# begins at one half as well, and learns 20 steps all the same, though not 40. And the plain network
# at 40 is right in 46 %: it was on its way. Count on what you have measured.
#
# ## Two gates are enough
#
# The **GRU**, gated recurrent unit, does without the second state. One gate, $z$, does the work of
# forget and input gate at once: what is not kept is replaced. A second, $r$, says how much of the
# old state the new one gets to see:
#
# $$n_t = \tanh([x_t, r_t \circ h_{t-1}] W_n + b_n), \qquad
# h_t = z_t \circ h_{t-1} + (1 - z_t) \circ n_t .$$
#
# By hand: $h = 0.5$, $n = -1$, $z = 0.9$ gives $0.45 - 0.1 = 0.35$. **Exercise 15.6.**


# %%
def gru_cell(x, h, w_gates, b_gates, w_new, b_new):
    r, z = np.split(sigmoid(np.concatenate([x, h], axis=1) @ w_gates + b_gates), 2, axis=1)
    n = np.tanh(np.concatenate([x, r * h], axis=1) @ w_new + b_new)
    return z * h + (1 - z) * n


x, h, none = np.zeros((1, 1)), np.full((1, 1), 0.5), np.zeros((2, 1))
nine_tenths = np.array([0.0, math.log(9)])  # sigmoid(log 9) = 9 / (9 + 1)
print(gru_cell(x, h, np.zeros((2, 2)), nine_tenths, none, np.array([-20.0])).round(4))

# %% [markdown]
# (PyTorch and minigrad multiply by $r$ after the product with $W_n$, not before it: then all
# products with $h$ can be made at once. Both work as well.)
#
# ## A network that invents names
#
# Now the names. A batch has names of different lengths, so it is filled up, and what was filled up
# must count for nothing, neither in the loss nor in its gradient. **Exercise 15.7** has three bugs
# of this kind. `F.cross_entropy` leaves out what is marked with `ignore_index`.


# %%
def batch_of(some):
    """Letters in, (B, T), beginning with $; letters that should come out, -100 where none is."""
    x = np.zeros((len(some), max(map(len, some)) + 1), dtype=np.int64)
    y = np.full(x.shape, -100)
    for i, name in enumerate(some):
        ids = [LETTERS.index(letter) for letter in name]
        x[i, 1 : len(ids) + 1] = ids
        y[i, : len(ids) + 1] = [*ids, 0]
    return mg.tensor(x), mg.tensor(y)


class Speller(nn.Module):
    def __init__(self, kind, width=96):
        super().__init__()
        self.letter = nn.Embedding(27, 24)
        self.layer = kind(24, width, batch_first=True)
        self.out = nn.Linear(width, 27)

    def forward(self, letters, state=None):
        hs, state = self.layer(self.letter(letters), state)
        return self.out(hs), state

    def loss(self, some):
        x, y = batch_of(some)
        return F.cross_entropy(self(x)[0].flatten(0, 1), y.flatten(), ignore_index=-100)


def trained(kind, steps=400):
    mg.manual_seed(1)
    draws = np.random.default_rng(1)
    model = Speller(kind)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        loss = model.loss(draws.choice(training, 64))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model


models = {}
for kind in (nn.RNN, nn.GRU, nn.LSTM):
    models[kind.__name__] = trained(kind)
    with mg.no_grad():
        print(f"{kind.__name__:5} held-out loss {models[kind.__name__].loss(held_out).item():.3f}")

# %% [markdown]
# All three are far below 2.34, the table of pairs: they use more than one letter of the past.
# Between them there is little. In names of six letters nothing is far away, and a road through
# time is of little use where no one has to go far.

# %% [markdown]
# **Predict.** The GRU reads *christopher* and says after each letter what comes next. Where will it
# be sure, where will it be wrong?

# %%
model = models["GRU"]
name = "christopher"
with mg.no_grad():
    probabilities = model(batch_of([name])[0])[0].softmax(-1).numpy()[0]
figure = Figure(figsize=(7, 5), layout="constrained")
axes = figure.subplots()
axes.imshow(probabilities.T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(len(name) + 1), ["$", *name])
axes.set_yticks(range(27), LETTERS, fontsize=8)
for t, letter in enumerate(f"{name}$"):
    axes.plot(t, LETTERS.index(letter), "r.", markersize=5)
axes.set(xlabel="read so far, up to this letter", ylabel="probability of the next (red: right)")
figure

# %% [markdown]
# At the beginning anything may come. After *chr*, *chri* and *chris* its first guess is right, and
# gets half of the probability or more. After *christo* it expects *n* (0.56: houston, preston,
# winston) and gives the *p* less than one in a hundred, though *christopher* was among the names
# that it learned from: one name against many. After *christop* it is on the right way again. It
# does not look names up, it has found out what names are like.
#
# To invent a name, draw a letter from the probabilities, give it back as the next input, and so on
# until the `$` is drawn. The state goes along.


# %%
def invent(model, draws):
    letter, state, name = 0, None, ""
    with mg.no_grad():
        while len(name) < 15:
            scores, state = model(mg.tensor([[letter]]), state)
            p = scores.softmax(-1).numpy()[0, 0].astype(float)
            letter = draws.choice(27, p=p / p.sum())
            if letter == 0:
                break
            name += LETTERS[letter]
    return name


draws = np.random.default_rng(4)
invented = [invent(model, draws) for _ in range(24)]
known = set(names())
print(" ".join(f"{name}*" if name in known else name for name in invented))
print(f"(* is a name of the census: {sum(name in known for name in invented)} of 24)")

# %% [markdown]
# Most are no names of the census, and many could be.
#
# ## How it came about
#
# Jeffrey Elman (*Finding Structure in Time*, 1990) let a network of this kind read sentences, word
# by word, and found nouns and verbs lying apart in its states, although nobody had told it of
# either. Backpropagation through time had been known for some years; Paul Werbos's much-read
# description is of the same year. Sepp Hochreiter saw
# in his diploma thesis of 1991 why it does not reach far; Yoshua Bengio, Patrice Simard and Paolo
# Frasconi (1994) showed that a network which holds something safely is one whose gradient
# vanishes. Hochreiter and Jürgen Schmidhuber built the way out in 1997, the LSTM. It was little
# noticed for a decade. In 2009 it won competitions in reading handwriting, and by 2016 it
# recognized speech and translated in many telephones. Clipping was Tomas Mikolov's remedy, and was
# explained with the wall by Razvan Pascanu, Mikolov and Bengio (2013); the GRU from Kyunghyun Cho
# and others (2014).
#
# ## Beliefs that are wrong
#
# **"An LSTM has no vanishing gradients."** Along the cell they shrink by the forget gate at each
# step. Closed by half, it forgets like any other. You have measured it.
#
# **"Vanishing gradients mean that the network forgets."** It is the *training* that does not reach
# back. A network with $W = 1$ and no tanh keeps the sum of all that it has read for ever.
#
# **"Clipping cures vanishing gradients too."** It only shortens. And dividing all gradients by
# their length would not help either: the share of the distant past would stay as small, beside
# that of the last few steps, with which it is added up.
#
# **"Tanh is for problems with several classes."** It makes states. Probabilities of classes that
# exclude one another are made by softmax.
#
# **"One must train on whole texts."** A book would be a million layers. One cuts it into stretches,
# hands the state on from one to the next, and lets the gradient end at the cut: *truncated*
# backpropagation through time.
#
# ## What a large model does differently
#
# It is not recurrent, mostly. A Transformer (lesson 17) keeps every token it has read and looks
# back at all of them, so that nothing has to be carried through a narrow state; and it learns at
# all places at once, where a recurrent network has to wait for the step before. The price is that
# its memory grows with the text, and the time for each new token too. A recurrent network needs the
# same for the millionth token as for the first. So recurrence comes back where texts are long: in
# state space models such as Mamba (Albert Gu and Tri Dao, 2023), whose step has a kind of forget
# gate and no tanh. Without the tanh the steps are linear, and can be computed for all places at
# once.
#
# **Read on.** Hochreiter and Schmidhuber, *Long Short-Term Memory*, Neural Computation 9(8), 1997.
# Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013,
# with the picture of the wall. Jozefowicz, Zaremba and Sutskever, *An Empirical Exploration of
# Recurrent Network Architectures*, ICML 2015. Andrej Karpathy, *The Unreasonable Effectiveness of
# Recurrent Neural Networks*, 2015, on the web.
