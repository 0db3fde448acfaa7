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
# # 17. The Transformer
#
# **How can every word of a text look at every other, all at once?**
#
# A recurrent network reads a text as we read aloud: one token after the other, with one state that
# carries everything. What stood a hundred tokens ago has been rewritten a hundred times, and token
# 100 has to wait for the 99 before it. The Transformer drops both. Each token may look at any other
# directly, one step away, and all of them look at the same time, in a few matrix products. That is
# all there is to it, and it is what nearly every large model of today is made of.

# %% [markdown]
# ## A task that needs looking back
#
# Spell a first name backwards. It takes no knowledge, only this: to know at each moment *where to
# look*. The names are the most frequent ones of the United States' census of 1990.

# %%
import math

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import names
from minigrad.nn import functional as F

mg.manual_seed(0)
rng = np.random.default_rng(0)

short = rng.permutation([name for name in names() if 4 <= len(name) <= 8])
training, held_out = short[:-500], short[-500:]
print(len(training), "to learn from,", len(held_out), "held out")
for name in held_out[:4]:
    print(f"{name:9} {name[::-1]}")

# %% [markdown]
# ## A dictionary that is asked softly
#
# A Python dictionary has keys and values. A query that equals a key gets its value, any other gets
# an error. Make that soft. Queries, keys and values are now vectors. Instead of *equal* we say *how
# alike*, by the product $q \cdot k$, the **score**. And instead of one value the query gets a
# **mean of all values**, in which those with high scores count more.
#
# By hand, with one query and two keys of four numbers each:
#
# $$q = (2, 0, 0, 0), \quad k_1 = (\ln 3, 0, 0, 0), \quad k_2 = (0, 1, 0, 0),
# \quad v_1 = 8, \quad v_2 = 0 .$$
#
# | key | $q \cdot k$ | divided by $\sqrt 4$ | exp | share | share times value |
# |---|---|---|---|---|---|
# | 1 | 2.1972 | 1.0986 | 3 | 0.75 | 6 |
# | 2 | 0 | 0 | 1 | 0.25 | 0 |
#
# The answer is 6: three quarters of the first value and a quarter of the second. The shares are
# called **weights** here. They are positive and sum to 1, that is the softmax. For all queries at
# once, one in each row of $Q$:
#
# $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\!\left(\frac{QK^T}{\sqrt D}\right) V .$$
#
# **Stop here and write exercise 17.1.**


# %%
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention(q, k, v, mask=None):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    weights = softmax(scores if mask is None else np.where(mask, scores, -np.inf))
    return weights @ v, weights


q = np.array([[2.0, 0, 0, 0]])
k = np.array([[np.log(3), 0, 0, 0], [0, 1, 0, 0]])
v = np.array([[8.0], [0.0]])
output, weights = attention(q, k, v)
print(f"weights {weights.round(4)}, output {output.round(4)}")

# %% [markdown]
# ## Why the square root
#
# Let the entries of q and k be independent, of mean 0 and variance 1. Then each product of two
# entries has the variance 1, and a sum of $D$ of them the variance $D$. So scores are about as
# large as $\sqrt D$, and grow with the width of the model for no reason that has to do with the
# text. What does the softmax make of large scores?

# %% [markdown]
# **Predict.** 16 keys, drawn at random, so that none is meant to be better than another. D is 512.
# What is the largest of the 16 weights, on average, without the division? And with it?


# %%
def on_average(d, scale, keys=16, tries=200):
    """The largest weight, and how much it moves when its own score does: p (1 - p)."""
    draws = np.random.default_rng(1)
    q, k = draws.standard_normal((tries, 1, d)), draws.standard_normal((tries, keys, d))
    top = softmax((q * k).sum(-1) * scale).max(-1)
    return top.mean(), (top * (1 - top)).mean()


print("    D   not divided: weight, slope     divided: weight, slope")
for d in (1, 8, 64, 512):
    bare, scaled = on_average(d, 1.0), on_average(d, 1 / math.sqrt(d))
    print(f"{d:5}      {bare[0]:14.3f}, {bare[1]:.3f}   {scaled[0]:18.3f}, {scaled[1]:.3f}")

# %% [markdown]
# Without the division the softmax becomes a hard choice, at random, before anything is learned: at
# D = 512 one key of 16 has 94 % of the weight. And where the weight is close to 1 its slope
# $p(1-p)$ is close to 0, so that nothing can be learned from it either. Divided by $\sqrt D$ it
# stays about the same at every width. (Why not divide by $D$? Then the scores would shrink as the
# model gets wider, and attention would be a plain mean.)
#
# ## Who may see whom
#
# Two kinds of keys must not be seen. **Padding**: texts of one batch have different lengths, and
# what fills up the shorter ones means nothing. **The future**: a model that learns to say what
# comes next must not see it. Rows are queries, columns keys, 1 means *sees*:

# %%
causal = np.tri(4, dtype=bool)
padding = np.arange(4) < np.array([2, 4])[:, None, None]
print("the past and oneself:", causal.astype(int), sep="\n")
print("keys of two texts, of 2 and 4 tokens:", padding.astype(int).tolist())

# %% [markdown]
# A hidden key gets the score $-\infty$ before the softmax: $e^{-\infty} = 0$, and the others share
# 1 among them. **Exercise 17.2.** It is tempting to let the softmax run, and multiply its weights
# by 0 where they should not be.

# %% [markdown]
# **Predict.** Hide the future in this second way. Then change the *last* token. Will the output at
# the first place change? The value of the last token is multiplied by 0 there.

# %%
x = rng.standard_normal((4, 8))
changed = x.copy()
changed[3] += 1.0
late = [softmax(y @ y.T / math.sqrt(8)) * causal @ y for y in (x, changed)]
early = [attention(y, y, y, causal)[0] for y in (x, changed)]
print(f"hidden after the softmax:  place 0 moved by {np.abs(late[0] - late[1])[0].max():.3f}")
print(f"hidden before the softmax: place 0 moved by {np.abs(early[0] - early[1])[0].max():.3f}")

# %% [markdown]
# It moved. The hidden key still stands in the denominator of the softmax, and so its score leaks
# into all other weights. A model can learn to read that leak, and is then better in training than
# it will ever be afterwards, when there is no future to look at. (Whoever divides by the sum of
# what is left gets the first way again, if that sum has not been rounded to 0.)
#
# ## The way back
#
# Let $g$ be the derivative of the loss by the output. Attention is three steps, and each has a
# pullback that you know from lesson 4. Go through them backwards:
#
# | step | forward | backward |
# |---|---|---|
# | mean of the values | $O = PV$ | $dV = P^T g, \quad dP = g V^T$ |
# | softmax, each row | $P = \mathrm{softmax}(S)$ | $dS = P \circ (dP - \sum_s P \circ dP)$ |
# | scale and product | $S = QK^T / \sqrt D$ | $dQ = dS\,K / \sqrt D, \quad dK = dS^T Q / \sqrt D$ |
#
# The middle row is the only one that is not a matrix product. The weights of a query sum to 1, so
# one can only grow if others shrink; that is what the subtracted sum says. In our example, with
# $g = 1$: $dP = (8, 0)$, their mean by the weights is 6, and so
# $dS = (0.75 \cdot (8 - 6),\; 0.25 \cdot (0 - 6)) = (1.5, -1.5)$. Then
# $dQ = (1.5\,k_1 - 1.5\,k_2) / 2 = (0.824, -0.75, 0, 0)$. **Exercise 17.3.**


# %%
@mg.op
def attend(q, k, v):
    output, p = attention(q, k, v)

    def pullback(g):
        dp = g @ v.T
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True)) / math.sqrt(q.shape[-1])
        return ds @ k, ds.T @ q, p.T @ g

    return output, pullback


leaves = [mg.tensor(a, requires_grad=True) for a in (q, k, v)]
attend(*leaves).sum().backward()
print("dq", leaves[0].grad.numpy().round(3), "  dv", leaves[2].grad.numpy().ravel())
print("as differences say:", mg.gradcheck(attend, leaves))

# %% [markdown]
# ## Q, K and V are three products
#
# In a network, tokens are vectors of E numbers, the rows of $X$, and nobody hands us queries. They
# are made: $Q = X W_Q$, $K = X W_K$, $V = X W_V$, with three matrices that are learned. A token
# asks one thing (*which letter stands before me?*), offers another (*I am the fifth letter*), and
# gives a third (*I am an r*). With one matrix for queries and keys, a token would mostly be most
# like itself.
#
# **Several heads.** One query makes one set of weights, and gets one mean. To look at two places
# and keep apart what is found there takes two queries. So the columns are cut into H parts of
# $D = E / H$, each is attended to on its own, and the results are put side by side and mixed by a
# last matrix $W_O$. It costs about as much as one head of the full width. **Exercise 17.4.**


# %%
class Attention(nn.Module):
    """x (B, T, E) looks at context (B, S, E); mask (B, 1 or T, S), True where a key is seen."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))

    def split(self, y):  # (B, T, E) to (B, H, T, D)
        return y.reshape(*y.shape[:2], self.heads, -1).transpose(1, 2)

    def forward(self, x, context, mask):
        q, k, v = self.split(self.q(x)), self.split(self.k(context)), self.split(self.v(context))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = scores.masked_fill(~mask.unsqueeze(1), -math.inf).softmax(-1)
        self.weights = weights.detach().numpy()  # to look at
        return self.o((weights @ v).transpose(1, 2).reshape(*x.shape))


# %% [markdown]
# **Predict.** Put the letters of a name in another order, *maria* to *airam*. What happens to the
# outputs of self-attention?

# %%
layer = Attention(16, heads=2)
letters = mg.tensor(rng.standard_normal((1, 5, 16)), dtype=mg.float32)
all_seen = mg.tensor(np.ones((1, 1, 5), dtype=bool))
one = layer(letters, letters, all_seen).detach().numpy()[0]
other = layer(letters.flip(1), letters.flip(1), all_seen).detach().numpy()[0]
print("the same outputs, in the new order:", np.allclose(one, other[::-1], atol=1e-6))

# %% [markdown]
# They come in the new order, and nothing else changes. Attention sees a *set*: to it, *dog bites
# man* is *man bites dog*. There is no before and after in a sum.
#
# ## Where a word stands
#
# So the place has to be put into the vector: to the embedding of a token, add one of its place.
# It can be learned, a row for each place, as GPT and BERT do it, and as we shall. Or computed: the
# first Transformer used sines and cosines, pair after pair slower, like the hands of clocks:
#
# $$\mathrm{PE}(p, 2i) = \sin(p / w_i), \quad \mathrm{PE}(p, 2i+1) = \cos(p / w_i),
# \quad w_i = 10000^{2i/E} .$$
#
# **Exercise 17.5.**


# %%
def positions(t, e):
    angles = np.arange(t)[:, None] / 10000 ** (np.arange(0, e, 2) / e)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(t, e)


table = positions(100, 64)
figure = Figure(figsize=(8, 3), layout="constrained")
left, right = figure.subplots(1, 2, width_ratios=(3, 2))
left.imshow(table.T, aspect="auto", cmap="RdBu", interpolation="nearest")
left.set(xlabel="place p", ylabel="column", title="positions(100, 64)")
for p in (10, 50, 90):
    right.plot(table @ table[p], label=f"row {p}")
right.set(xlabel="place", title="product with a row", ylim=(0, 34))
right.legend(fontsize=8)
figure

# %% [markdown]
# Why sines? Since $\sin a \sin b + \cos a \cos b = \cos(a - b)$, the product of two rows depends
# only on the *distance* of their places: on the right, the three hills are one hill, moved. Each
# place is most like itself and its neighbours.
#
# **Rotary positions** (Su and others, 2021) take this one step further, and are what most large
# models use now. Nothing is added to the tokens. Instead queries and keys are *turned*, pair by
# pair, by the angle of their place. By hand, one pair, as a complex number: $q e^{ia}$ and
# $k e^{ib}$ have the product $\mathrm{Re}(q \bar k e^{i(a-b)})$. Only the distance is left:

# %%
q_pair, k_pair = complex(1.0, 2.0), complex(0.5, -1.0)
for a, b in ((3, 1), (10, 8), (102, 100), (3, 2)):
    turned = q_pair * np.exp(1j * a), k_pair * np.exp(1j * b)
    print(f"query at {a:3}, key at {b:3}: score {(turned[0] * turned[1].conjugate()).real:.4f}")

# %% [markdown]
# ## A block
#
# Attention moves information between places. Then each place works on what it got, by itself: a
# small network of two layers, four times as wide inside, the same at all places. These two make a
# block, and blocks are stacked, six or a hundred of them. Two things make that possible.
#
# **The residual.** A block does not replace x, it adds to it: $x + f(x)$. The derivative of that is
# $1 + f'$, and the 1 is a road on which gradients come through any number of blocks.
#
# **The layer norm.** Each token's vector, by itself: subtract the mean of its entries, divide by
# their deviation, then a gain and a bias that are learned:
#
# $$y = \gamma \circ z + \beta, \qquad z = \frac{x - \mathrm{mean}(x)}
# {\sqrt{\mathrm{var}(x) + \varepsilon}} .$$
#
# By hand: (2, 2, 6, 6) has the mean 4 and the deviation 2, so z is (-1, -1, 1, 1).

# %% [markdown]
# **Predict.** Move the first 2 a little, and nothing else. Which of the four numbers of z move?


# %%
def normalized(x):
    return (x - x.mean()) / np.sqrt(x.var())


x, step = np.array([2.0, 2.0, 6.0, 6.0]), np.array([1e-5, 0, 0, 0])
print("z     ", normalized(x))
print("slopes", ((normalized(x + step) - normalized(x - step)) / 2e-5).round(4))

# %% [markdown]
# The first goes up by a quarter (not by a half, 1 / deviation), and the *second* down by as much:
# the mean has moved, and the deviation too. A pullback that takes the two for constants gets both
# wrong. **Exercise 17.6** has that bug, and another one.
#
# Where does the norm go? The first Transformer put it after the sum, $\mathrm{norm}(x + f(x))$,
# *post-norm*. But then the road is no longer free: a norm stands across it at every block. GPT-2,
# like a few before it, has it in the side road, $x + f(\mathrm{norm}(x))$, *pre-norm*. What does it
# matter?


# %%
class Block(nn.Module):
    """A layer of an encoder, in three arrangements."""

    def __init__(self, width, heads, order="pre"):
        super().__init__()
        self.order = order
        self.attend = Attention(width, heads)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width)
        )
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])

    def forward(self, x, mask):
        for norm, f in zip(self.norms, (lambda y: self.attend(y, y, mask), self.mlp), strict=True):
            if self.order == "pre":
                x = x + f(norm(x))
            elif self.order == "post":
                x = norm(x + f(x))
            else:
                x = f(norm(x))
        return x


def gradients_by_depth(order, depth=24, width=32):
    """The size of the gradient of each block's first weights, in a network fresh from the start."""
    mg.manual_seed(1)
    blocks = nn.ModuleList([Block(width, 2, order) for _ in range(depth)])
    x = mg.tensor(np.random.default_rng(2).standard_normal((8, 10, width)), dtype=mg.float32)
    target = mg.tensor(np.random.default_rng(3).standard_normal(x.shape), dtype=mg.float32)
    mask = mg.tensor(np.ones((8, 1, 10), dtype=bool))
    for block in blocks:
        x = block(x, mask)
    F.mse_loss(F.layer_norm(x, (width,)), target).backward()
    return [float((b.mlp[0].weight.grad ** 2).sum()) ** 0.5 for b in blocks]


# %% [markdown]
# **Predict.** 24 blocks, nothing trained yet. How large is the gradient in the first block beside
# that in the last, without a residual, with post-norm, with pre-norm?

# %%
figure = Figure(figsize=(6, 3.4), layout="constrained")
axes = figure.subplots()
for order, name in (("none", "no residual"), ("post", "post-norm"), ("pre", "pre-norm")):
    sizes = gradients_by_depth(order)
    axes.semilogy(range(1, 25), sizes, "o-", markersize=3, label=name)
    print(f"{name:12} first block {sizes[0]:.1e}, last block {sizes[-1]:.1e}")
axes.set(xlabel="block", ylabel="size of the gradient")
axes.legend(fontsize=8)
figure

# %% [markdown]
# Without the residual the gradient falls to a seventieth of its size on its way through 24 blocks:
# the first ones would learn slowly. With it, in either order, it arrives. Between the two orders
# the difference is smaller than the talk about free roads suggests, and it lies at the *other* end:
# in the last block post-norm has the larger gradient, 0.070 beside 0.040. Ruibin Xiong and others
# (2020) showed why: with post-norm the gradients of the last layers stay as large however deep the
# network is, with pre-norm they shrink with its depth. Steps that are too large at the beginning
# are, as they say, why post-norm needs a learning rate that starts near 0 and warms up. With
# pre-norm one can often do without, and so nearly all large models have it. It needs one more norm
# at the very end, since what runs along the road is never normalized.
#
# ## An encoder and a decoder
#
# Now two stacks. The **encoder** reads the input; every place may look at every other. What comes
# out is called *memory*: a vector for each letter, that knows what is around it. The **decoder**
# writes the output, and each of its layers has three steps: look at what is written so far (causal
# mask), look at the memory, work on it. In the middle one, *cross-attention*, who asks?
#
# One can read that *queries come from encoding the input, keys from decoding it*. Try it on shapes
# alone. There are as many outputs as queries:

# %%
memory, written = rng.standard_normal((7, 16)), rng.standard_normal((3, 16))
print("the input asks:          ", attention(memory, written, written)[0].shape)
print("what is written asks:    ", attention(written, memory, memory)[0].shape)

# %% [markdown]
# If the input asked, we should get seven answers for three places. It cannot even be added to what
# is written. So in cross-attention it is the other way round: **queries come from what is being
# decoded, keys and values from what was encoded.** And in self-attention, which most attention is,
# and all of it in a GPT, the distinction has no meaning: queries, keys and values are **three
# projections of the same vectors**. **Exercise 17.7.**

# %%
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PAD, START, END = 0, 27, 28  # and 1 to 26 for a to z
LONGEST = 12


class DecoderBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attend_self, self.attend_memory = Attention(width, heads), Attention(width, heads)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width)
        )
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(3)])

    def forward(self, x, past, memory, seen):
        y = self.norms[0](x)
        x = x + self.attend_self(y, y, past)
        x = x + self.attend_memory(self.norms[1](x), memory, seen)
        return x + self.mlp(self.norms[2](x))


class Transformer(nn.Module):
    """Letters (B, S) and what is written so far (B, T) to the scores of what comes next."""

    def __init__(self, width=32, heads=1):
        super().__init__()
        self.token, self.place = nn.Embedding(29, width), nn.Embedding(LONGEST + 2, width)
        self.encoder, self.decoder = Block(width, heads), DecoderBlock(width, heads)
        self.norm_memory, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.out = nn.Linear(width, 29)

    def embed(self, tokens):
        return self.token(mg.tensor(tokens)) + self.place(mg.arange(tokens.shape[1]))

    def encode(self, letters):
        seen = mg.tensor((letters != PAD)[:, None, :])
        return self.norm_memory(self.encoder(self.embed(letters), seen)), seen

    def decode(self, written, memory, seen):
        past = mg.tensor(np.tri(written.shape[1], dtype=bool)[None])
        return self.out(self.norm(self.decoder(self.embed(written), past, memory, seen)))


def batch_of(some):
    """Letters (B, S); and the name backwards between START and END (B, T); filled up with PAD."""
    letters = np.zeros((len(some), max(map(len, some))), dtype=np.int64)
    target = np.zeros((len(some), letters.shape[1] + 2), dtype=np.int64)
    for i, name in enumerate(some):
        ids = [1 + LETTERS.index(letter) for letter in name]
        letters[i, : len(ids)] = ids
        target[i, : len(ids) + 2] = [START, *ids[::-1], END]
    return letters, target


# %% [markdown]
# Training shows why the mask is worth so much. The whole target goes in at once, and at every place
# the model is asked for the next letter: 9 questions in one pass for a name of 8 letters. A
# recurrent network would have to go through them one after the other.

# %%
model = Transformer()
optimizer = optim.Adam(model.parameters(), lr=1e-2)
steps = 400
schedule = optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
for step in range(steps):
    letters, target = batch_of(rng.choice(training, 48))
    logits = model.decode(target[:, :-1], *model.encode(letters))
    loss = F.cross_entropy(logits.flatten(0, 1), mg.tensor(target[:, 1:].ravel()), ignore_index=PAD)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    if step % 50 == 49:
        print(f"step {step + 1}: loss {loss.item():.4f}")

# %% [markdown]
# In use there is no target. The decoder writes a letter, reads what it has written, and writes the
# next. (It computes everything anew each time; lesson 18 shows how not to.)


# %%
def write(some):
    """What the model makes of names, letter by letter, always the most likely one."""
    with mg.no_grad():
        memory, seen = model.encode(batch_of(some)[0])
        written = np.full((len(some), 1), START)
        for _ in range(LONGEST + 1):
            best = model.decode(written, memory, seen).numpy()[:, -1].argmax(-1)
            written = np.concatenate([written, best[:, None]], axis=1)
    rows = [[*row[1:], END] for row in written]
    return ["".join((LETTERS + "?")[i - 1] for i in row[: row.index(END)]) for row in rows]


answers = write(held_out)
right = [answer == name[::-1] for answer, name in zip(answers, held_out, strict=True)]
print(f"{100 * np.mean(right):.1f} % of {len(held_out)} names that it has not seen")
wrong = [(n, a) for n, a, r in zip(held_out, answers, right, strict=True) if not r]
print("wrong:", *(f"{n} -> {a}" for n, a in wrong[:6]))

# %% [markdown]
# **Predict.** The weights of the cross-attention for *jonathan*: a row for each letter that is
# written, a column for each that is read. Which picture do you expect? And what about the causal
# attention of the decoder to itself: does it need any?

# %%
name = "jonathan"
letters, target = batch_of([name])
with mg.no_grad():
    model.decode(target[:, :-1], *model.encode(letters))
figure = Figure(figsize=(9, 3.6), layout="constrained")
panels = {
    "encoder: input to input": (model.encoder.attend, list(name), list(name)),
    "decoder: written to input": (model.decoder.attend_memory, [">", *name[::-1]], list(name)),
    "decoder: written to written": (
        model.decoder.attend_self, [">", *name[::-1]], [">", *name[::-1]]
    ),
}  # fmt: skip
for axes, (title, (part, rows, columns)) in zip(figure.subplots(1, 3), panels.items(), strict=True):
    axes.imshow(part.weights[0, 0], vmin=0, vmax=1, cmap="Greys")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_title(title, fontsize=9)
figure

# %% [markdown]
# In the middle is the answer to what was asked: the anti-diagonal. Each letter that is written
# looks at the one letter that comes next, from the last to the first; the start sign looks at the
# end of the name. Nobody told it so. (In the last row it has read *j* and is to write END. There
# is nothing to be read any more, and it looks here and there.)
#
# The left and the right panel are harder to read, and it is tempting to tell a story about them.
# Better ask: what happens *without*? Let every letter see itself alone, in one of the three.


# %%
class Alone(nn.Module):
    """Attention in which each place sees itself, and no other."""

    def __init__(self, attention):
        super().__init__()
        self.attention = attention

    def forward(self, x, context, mask):
        return self.attention(x, context, mask & mg.tensor(np.eye(x.shape[1], dtype=bool)[None]))


def share_right(some):
    return np.mean([a == n[::-1] for a, n in zip(write(some), some, strict=True)])


print(f"as trained:                {100 * share_right(held_out):5.1f} % right")
for stack, part, field in (
    ("the encoder's", model.encoder, "attend"), ("the decoder's", model.decoder, "attend_self"),
):  # fmt: skip
    kept = getattr(part, field)
    setattr(part, field, Alone(kept))
    print(f"{stack} sees itself: {100 * share_right(held_out):5.1f} %")
    setattr(part, field, kept)

# %% [markdown]
# Without the encoder's attention nothing is right at all. Look at the left panel again: the letters
# look to the end of the name. The decoder has to know where the end is, or it cannot know where to
# begin; and a letter alone does not know what comes after it. Without the decoder's attention to
# itself seven of ten names are still right. To know how many letters are written, the place of the
# last one is enough. That the panel on the right is so blurred fits to that.
#
# ## Where it breaks

# %% [markdown]
# **Predict.** The rule is the same for every length, and there is an embedding for each of 14
# places. The model has learned on names of 4 to 8 letters. How many names of 9 or more will it get
# right?

# %%
for length in (4, 6, 8, 9, 10, 11):
    some = [name for name in names() if len(name) == length]
    some = [name for name in some if length > 8 or name in set(held_out)]
    print(f"{length:2} letters: {100 * share_right(some):5.1f} % of {len(some)}")
print("christopher ->", *write(["christopher"]))

# %% [markdown]
# None. And the way in which it fails tells what it has learned: of *christopher* it writes the
# first eight letters backwards, and begins at the eighth, *p*. In training, no name that was read
# had a letter on the ninth place, and so nothing has ever learned to look there. It has not learned
# *go back by one*, but *after place 5 comes place 4*. For us that is one rule, for a table of
# places it is eight. Positions by distance, such as the rotary ones, help, and how far a model can
# go beyond the lengths that it was trained on is still being worked on.
#
# ## What it costs
#
# Attention compares every place with every other: T times T scores. Twice the text, four times the
# scores. For the 8 letters of a name that is nothing. For a text of 100,000 tokens it is ten
# thousand million scores, 40 GB in float32, in each head of each layer. The memory can be saved,
# without changing a single result: compute the softmax piece by piece and never write the scores
# down (FlashAttention; lesson 13 builds it). The arithmetic remains.
#
# ## How it came about
#
# Attention was invented as a help for recurrent networks: Dzmitry Bahdanau, Kyunghyun Cho and
# Yoshua Bengio (2014) let a translator look back at the words of the source, instead of pressing a
# sentence into one vector. Residual roads are from image recognition (Kaiming He and others, 2015),
# the layer norm from Jimmy Lei Ba, Jamie Ryan Kiros and Geoffrey Hinton (2016). In 2017 Ashish
# Vaswani and seven colleagues left the recurrent network away and kept the help: *Attention Is All
# You Need*. It was a paper on translation. Their large model learned in three and a half days on
# eight GPUs, and translated from English to German better than anything published before.
#
# **T5** (Colin Raffel and others, 2020) asked what such an encoder and decoder can do if *every*
# task is written as text to text. "translate English to German: That is good." is answered by "Das
# ist gut."; "cola sentence: The course is jumping well." by "not acceptable". It first learns
# from 750 GB of web pages (C4), from which stretches of words are cut out, each replaced by a
# sign; the decoder has to write what was missing. Its blocks are ours with small changes: pre-norm,
# a norm without the mean and without a bias, a number that is added to the score for each
# *distance* of query and key, and no division by $\sqrt D$, because the weights of the queries
# begin smaller by that factor. `minigrad.models.T5` is the same network, and reads its weights.
#
# ## Beliefs that are wrong
#
# **"Queries come from the input, keys from the output."** See above: one output for each query, so
# who writes must ask. And in self-attention all three are projections of the same thing.
#
# **"Attention knows the order of the words."** It sees a set. Order comes in by positions, or, in a
# decoder, by the mask alone: the third token is the one that sees three.
#
# **"The weights show why the model decided so."** They show where one head of one layer looked, not
# what it took from there, nor what the rest of the network did with it. Sarthak Jain and Byron
# Wallace (*Attention is not Explanation*, 2019) found, in recurrent networks, quite other weights
# that gave the same answers. Taking something away and looking what changes, as we did, says more.
#
# **"Transformers have no recurrence, so they write quickly."** They *learn* in parallel. Writing
# goes one token after the other, as it always did.
#
# ## What a large model does differently
#
# Less than one would think. GPT-3 is the decoder of this lesson without the cross-attention: 96
# blocks, 96 heads, vectors of 12,288 numbers, pre-norm, learned positions, GELU in the place of
# ReLU, and every other block sees only a part of the text. Since then, in many of them: rotary
# positions; a norm by the root of the mean square alone; gates in the small network; fewer keys and
# values than queries (several heads share them), because in writing it is they that fill the
# memory; and the kernel of lesson 13. Each is a few lines. The formula in the middle has not
# changed since 2017.
#
# **Read on.** Vaswani and others, *Attention Is All You Need*, NeurIPS 2017, section 3, which you
# can read now word for word. Xiong and others, *On Layer Normalization in the Transformer
# Architecture*, ICML 2020. Su and others, *RoFormer*, 2021. Raffel and others, *Exploring the
# Limits of Transfer Learning with a Unified Text-to-Text Transformer*, JMLR 21, 2020.
