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
# # 18. GPT
#
# **How does a machine learn to write by guessing what comes next?**
#
# Nobody tells a large language model what a verb is, or that Paris is in France. It is given text,
# and at every place one question: which piece comes next? To guess well one has to know a great
# deal, first letters, then words, then grammar, then the world; so whoever is trained to guess
# well enough is forced to learn it. This is called **pretraining**. GPT stands for *generative
# pretrained Transformer*, and what is generative about it is only this: what it guesses can be
# taken for the next piece, and so on. We build all of it: pieces, model, guesses.

# %% [markdown]
# ## Text from people
#
# 3,000 sentences from reviews of films, products and restaurants, in small letters, one in a line.

# %%
import math
import re
import time
from collections import Counter
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import sentiment
from minigrad.models import GPT, GPTConfig
from minigrad.nn import functional as F


def text_of(rows):
    return "\n".join(sentence.lower() for sentence, _ in rows if sentence.isascii()) + "\n"


training, held_out = map(text_of, sentiment())
print(f"{len(training):,} characters to learn from, {len(held_out):,} held out")
print(training[:230])

# %% [markdown]
# ## Pieces
#
# A model has a table with a row for each piece, so there must be a fixed list of them. Which?
#
# - **Characters**: 58 of them here, nothing is ever unknown. But *the movie was good* is 18 steps,
#   and attention pays for each with all the others.
# - **Words**: 4 steps. But there are 5,000 in this small text already, most of them seen once, and
#   for a word that was never seen there is no row.
#
# **Byte-pair encoding** lies between. Begin with characters. Find the pair of neighbours that is
# most frequent, make it one new piece, everywhere; and again, some thousand times. What is frequent
# becomes one piece, what is rare stays in parts, and nothing is unknown. By hand, with *sing* three
# times, *king* twice, *singer* once:
#
# | merge | counts of the pairs | taken |
# |---|---|---|
# | 1 | i n: 6, n g: 6, s i: 4, k i: 2, g e: 1, e r: 1 | i n (of equals the first by alphabet) |
# | 2 | in g: 6, s in: 4, k in: 2, g e: 1, e r: 1 | in g |
# | 3 | s ing: 4, k ing: 2, ing e: 1, e r: 1 | s ing |
#
# **Stop here and write exercises 18.1 and 18.2.**


# %%
def merge(tokens, pair):
    merged, i = [], 0
    while i < len(tokens):
        if tokens[i : i + 2] == list(pair):
            merged.append(tokens[i] + tokens[i + 1])
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


def learn_merges(words, count):
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        counts = Counter()
        for word, tokens in split.items():
            for pair in pairwise(tokens):
                counts[pair] += words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for word, tokens in split.items():
            if best[0] in tokens:
                split[word] = merge(tokens, best)
    return merges


def words_of(text):
    """A space belongs to the word after it; line breaks, digits and signs stand alone."""
    return re.findall(r"\n| ?[a-z']+| ?[^a-z\n]", text)


print(learn_merges({"sing": 3, "king": 2, "singer": 1}, 3))
words = Counter(words_of(training))
merges = learn_merges({word: n for word, n in words.items() if n > 1}, 300)
print("first:", *("".join(pair).replace(" ", "_") for pair in merges[:16]))
print("last: ", *("".join(pair).replace(" ", "_") for pair in merges[-12:]))

# %% [markdown]
# The space belongs to the word that follows it (shown as _). Nobody has told it what a word or an
# ending is. To encode a new word, begin with its characters and apply the merges **in the order in
# which they were learned**. **Exercise 18.3.**

# %% [markdown]
# **Predict.** Into how many pieces will it cut *the*, *disappointed*, *movie*, *strawberry* and
# *antidisestablishmentarianism*, each with the space before it?


# %%
def encode(word):
    tokens = list(word)
    for pair in merges:
        if pair[0] in tokens:
            tokens = merge(tokens, pair)
    return tokens


for word in (" the", " disappointed", " movie", " strawberry", " antidisestablishmentarianism"):
    print(f"{word:30}", " | ".join(encode(word)).replace(" |", "|"))

# %% [markdown]
# The frequent ones are one piece, *disappointed* is two (these are reviews), and of the long word,
# which it has never seen, there are 17, some of them real syllables. Look at *strawberry*: whoever
# asks a language model how many times it has an r asks for something that it does not see. It sees
# seven numbers.
#
# ## The model
#
# It is the decoder of lesson 17 without the input: `minigrad.models.GPT`. A row of the table for
# each token and one for its place, blocks of causal attention and a small network, a norm; and at
# the end the products with **all rows of the same table**: how alike is what the model has in mind
# to each token? Those are the logits. One table for reading and writing means that its gradient has
# two shares, and a token that comes five times in a text has five more. **Exercise 18.4** has both
# traps.
#
# $$h = \mathrm{blocks}(E[\mathrm{tokens}] + P), \qquad \mathrm{logits} = \mathrm{norm}(h)\, E^T .$$


# %%
def trained(tokens, vocabulary, steps=400, context=32, batch=16):
    """A GPT that has read stretches of `tokens` for some seconds."""
    mg.manual_seed(0)
    draws = np.random.default_rng(0)
    model = GPT(GPTConfig(vocabulary, context, n_embd=128, n_layer=1, n_head=4, dropout=0.0))
    with mg.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:  # GPT begins with weights for vectors of 768 numbers and more
                parameter *= 4
    optimizer = optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(steps):
        starts = draws.integers(0, len(tokens) - context, batch)
        rows = tokens[starts[:, None] + np.arange(context + 1)]
        logits = model(mg.tensor(rows[:, :-1]))  # at every place at once
        loss = F.cross_entropy(logits.flatten(0, 1), mg.tensor(rows[:, 1:].ravel()))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model


def mean_loss(model, tokens, context=32):
    n = (len(tokens) - 1) // context
    with mg.no_grad():
        logits = model(mg.tensor(tokens[: n * context].reshape(n, context)))
        targets = mg.tensor(tokens[1 : n * context + 1])
        return F.cross_entropy(logits.flatten(0, 1), targets).item()


characters = sorted(set(training))
pieces = characters + ["".join(pair) for pair in merges]
cut = {word: encode(word) for word in {*words, *words_of(held_out)}}
by_characters = [np.array([characters.index(c) for c in text]) for text in (training, held_out)]
ids = {piece: i for i, piece in enumerate(pieces)}
by_pieces = [
    np.array([ids[piece] for word in words_of(text) for piece in cut[word]])
    for text in (training, held_out)
]
print(f"{len(pieces)} pieces; {len(held_out) / len(by_pieces[1]):.2f} characters to a piece")

small = trained(by_characters[0], len(characters))
model = trained(by_pieces[0], len(pieces))
print(f"{sum(p.numel() for p in model.parameters()):,} parameters")

# %% [markdown]
# How good is it? The loss is the mean of $-\log p$ of what really came. Its exponential is the
# **perplexity**: the model is as uncertain as if it had to choose among so many equally likely
# tokens. Without having learned anything it is the size of the vocabulary.

# %% [markdown]
# **Predict.** One model reads characters, the other pieces. Same size, same number of steps. Which
# will have the lower perplexity on held-out text? Which is the better model?

# %%
for name, m, tokens in (("characters", small, by_characters[1]), ("pieces", model, by_pieces[1])):
    loss = mean_loss(m, tokens)
    bits = loss * len(tokens) / len(held_out) / math.log(2)
    print(f"{name:10} loss {loss:.3f}, perplexity {math.exp(loss):5.2f}, "
          f"bits for each character {bits:.3f}")  # fmt: skip

# %% [markdown]
# The model of pieces has six times the perplexity, and is the better one. It has to choose among
# more things, but each says more: 2.25 characters at once. **Perplexities can be compared only for
# the same pieces on the same text.** Bits for each character can always be compared: 2.42 beside
# 2.84. Claude Shannon let people guess English letter by letter in 1951, and found between 0.6 and
# 1.3. (Half a minute on one core does not make a writer. `lessons/recipes/char_gpt.py` takes
# three.)
#
# ## Writing
#
# The model gives probabilities. To write, draw one token, put it at the end of the text, ask again.
# `max_length` says when to end. How the token is drawn decides how the text reads, and three knobs
# are in use. Take five tokens with the probabilities 0.5, 0.25, 0.15, 0.07 and 0.03.
#
# - **Temperature** $\tau$: divide the logits by it before the softmax. At 0.5 the probabilities are
#   squared, and scaled to sum to 1: $0.5^2 / 0.3408 = 0.734$. Near 0 the best always wins, that is
#   called *greedy*; at 1 they are as the model has them; above, rare things become frequent.
# - **top-k**: only the k most likely. With k = 2: 0.667 and 0.333.
# - **top-p**: only the most likely, as few as have p together. With p = 0.8: 0.5 + 0.25 is not
#   enough, with 0.15 it is 0.9. So three: 0.556, 0.278, 0.167.
#
# **Exercises 18.5 and 18.6.**


# %%
def probabilities(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp((logits - np.max(logits)) / temperature)
    order = np.argsort(-p)
    if top_k is not None:
        p[order[top_k:]] = 0.0
    p = p / p.sum()
    if top_p is not None:
        enough = np.searchsorted(np.cumsum(p[order]), top_p) + 1
        p[order[enough:]] = 0.0
    return p / p.sum()


five = np.log([0.5, 0.25, 0.15, 0.07, 0.03])
for options in ({"temperature": 0.5}, {"temperature": 2.0}, {"top_k": 2}, {"top_p": 0.8}):
    print(f"{options!s:22}", probabilities(five, **options).round(3))

# %% [markdown]
# Top-k keeps the same number whether the model is sure or not. What does top-p keep?


# %%
def next_logits(model, text):
    tokens = [ids[piece] for word in words_of(text) for piece in encode(word)]
    with mg.no_grad():
        return model(mg.tensor([tokens[-32:]])).numpy()[0, -1].astype(float)


for text in ("\n", "\nthe", "\ni was very disappoint", "\ni would not recommend thi"):
    p = probabilities(next_logits(model, text))
    best = ", ".join(f"{pieces[i]!r} {p[i]:.2f}" for i in np.argsort(-p)[:4])
    kept = np.count_nonzero(probabilities(next_logits(model, text), top_p=0.8))
    print(f"{text.strip():27} top-p 0.8 keeps {kept:3}: {best}, ...")

figure = Figure(figsize=(7, 3.2), layout="constrained")
axes = figure.subplots()
logits = next_logits(model, "\nthe")
order = np.argsort(-logits)[:25]
for tau, color in ((0.5, "tab:blue"), (1.0, "tab:orange"), (2.0, "tab:green")):
    axes.plot(
        probabilities(logits, tau)[order], "o-", color=color, ms=3, label=f"temperature {tau}"
    )
axes.set_xticks(range(25), [repr(pieces[i])[1:-1] for i in order], rotation=90, fontsize=8)
axes.set(ylabel="probability", title="after: the")
axes.legend(fontsize=8)
figure

# %% [markdown]
# At the beginning of a sentence top-p keeps 25 pieces, after *disappoint* two: as many as the
# model is unsure between. That was the idea of Ari Holtzman and others (2020). The last line shows
# a trap. Surely an *s* follows *thi*, and yet it is not among the best. *this* is one piece, so in
# what the model has read *th*, *i* are hardly ever followed by *s*: where an *s* came, the cut was
# another. A prompt should not end in the middle of a word, or with a space, which belongs to the
# next one.

# %% [markdown]
# **Predict.** What will the text look like if the best token is taken every time? It should be the
# best text, should it not?


# %%
def write(model, prompt, max_length, seed=0, **options):
    """Pieces from a prompt of pieces; the model sees the last 32."""
    draws = np.random.default_rng(seed)
    tokens = [ids[piece] for piece in prompt]
    with mg.no_grad():
        while len(tokens) < max_length:
            logits = model(mg.tensor([tokens[-32:]])).numpy()[0, -1].astype(float)
            p = probabilities(logits, **options)
            tokens.append(int(draws.choice(len(p), p=p)))
    return "".join(pieces[i] for i in tokens).strip().replace("\n", " / ")


for title, options in (
    ("greedy", {"top_k": 1}), ("temperature 0.7", {"temperature": 0.7}),
    ("as it is", {}), ("top-p 0.8", {"top_p": 0.8}), ("temperature 2", {"temperature": 2.0}),
):  # fmt: skip
    print(f"{title}:", write(model, ["\n"], 60, seed=3, **options), "\n")

# %% [markdown]
# The greedy text turns in circles: *is a littexce is a littexce*. The most likely next piece is
# mostly a dull one, and what has been written twice makes a third time likely. The most likely
# text is not what a person would write; people surprise one another all the time. Drawn as it is,
# every improbable piece gets its turn now and then, and after one such the model is where it has
# never been. Temperature 0.7 or top-p 0.8 cut off that tail. And at 2 little is left but noise.
#
# ## Not to compute everything again
#
# For each new token our loop runs the whole text through the model, though of the old tokens
# nothing has changed: no token sees a later one, so their keys and values are what they were. Keep
# them. Then a new token needs only its own query, key and value, and one row of scores:


# %%
def cached_attention(x, wq, wk, wv, cache=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    n, s = len(q), len(k)
    scores = np.where(np.tri(n, s, s - n, dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v, (k, v)


draws = np.random.default_rng(0)
x, wq, wk, wv = (draws.standard_normal(shape) for shape in ((6, 8), (8, 8), (8, 8), (8, 8)))
whole, _ = cached_attention(x, wq, wk, wv)
cache, parts = None, []
for token in x:
    part, cache = cached_attention(token[None], wq, wk, wv, cache)
    parts.append(part[0])
print("one by one, the same numbers:", np.allclose(parts, whole))

# %% [markdown]
# **Exercise 18.7.** The queries are not kept: what an old token asked has been answered. (And when
# the text outgrows the 32 places of our model, `write` moves its window. Then every token has a new
# place, nothing is as it was, and a cache has to begin anew.)

# %% [markdown]
# **Predict.** 256 tokens, written one at a time. How many tokens have to go through the model, with
# the cache and without it? Will all logits be the same? And how does the time for one more token
# grow with the length of the text?

# %%
config = GPTConfig(len(pieces), n_positions=256, n_embd=128, n_layer=4, n_head=4, dropout=0.0)
long = GPT(config)
text = mg.tensor(by_pieces[1][None, :256])
with mg.no_grad():
    cache = long.new_cache()
    kept = np.array([long(text[:, t : t + 1], cache=cache).numpy()[0, -1] for t in range(256)])
    at_once = long(text).numpy()[0]
print("the same logits at all places:", np.allclose(kept, at_once, atol=1e-5))
print("tokens through the model:", f"{sum(range(1, 257)):,} without, {256} with the cache")


def again(cache, length):
    """The cache as it was after so many tokens."""
    cache.length = length
    return cache


def seconds(call, tries=3):
    """The shortest of some tries: what others do on the machine only makes it longer."""
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


places, anew, cached = (1, 32, 64, 128, 192, 255), [], []
with mg.no_grad():
    for t in places:
        cache = long.new_cache()
        long(text[:, :t], cache=cache)  # what was read before
        cached.append(seconds(lambda c=cache, t=t: long(text[:, t : t + 1], cache=again(c, t))))
        anew.append(seconds(lambda t=t: long(text[:, : t + 1])))
figure = Figure(figsize=(5.5, 3), layout="constrained")
axes = figure.subplots()
axes.plot(places, 1000 * np.array(anew), "o-", label="all anew")
axes.plot(places, 1000 * np.array(cached), "o-", label="with the cache")
axes.set(xlabel="tokens before", ylabel="milliseconds for one more", ylim=(0, None))
axes.legend(fontsize=8)
figure

# %% [markdown]
# Without the cache the next token becomes dearer with every token that is there. With it the time
# hardly grows (the attention still looks at all keys, but that is the smallest part here). The
# numbers are the same. The price is memory, as the last part will show.
#
# ## Three lines that cannot run
#
# A text about large models shows how to use GPT-3: `AutoModel.from_pretrained("gpt3")`, and then
# `model.generate(...)`. There are two mistakes in it, and the first comes at once:

# %%
from minigrad.models import load_pretrained
from minigrad.serialization import LoadError

try:
    load_pretrained("gpt3")
except LoadError as error:
    print(error)

with mg.no_grad():
    token = mg.tensor([[ids["\n"]]])
    inside = model.transformer["wte"](token) + model.transformer["wpe"](mg.tensor([0]))
    inside = model.transformer["ln_f"](model.transformer["h"][0](inside, 0, None))
    logits = inside @ model.transformer["wte"].weight.T
print("the blocks give", tuple(inside.shape), "- the model", tuple(model(token).shape))
print("the same:", np.allclose(logits.numpy(), model(token).detach().numpy(), atol=1e-5))

# %% [markdown]
# *There is no such folder*, here; and no such model anywhere: GPT-3's weights were never
# published, it can only be asked over the network. Those of GPT-2 were. Second, in that library a
# plain `AutoModel` is the blocks **without the last product**. It gives a vector for each token,
# no logits, so it cannot write, and has no `generate` that works. What is meant is
# `AutoModelForCausalLM.from_pretrained("gpt2")`. A third trap follows: its `generate` is greedy
# unless one says `do_sample=True`, and then `temperature`, `top_k` and `top_p` do nothing.
#
# ## What a large model does differently
#
# GPT-3 (Tom Brown and others, 2020) is this program with other numbers. A block has $4 d^2$ weights
# in attention (Q, K, V, O) and $8 d^2$ in the small network, so for 96 blocks and d = 12,288:

# %%
layers, width, vocabulary = 96, 12_288, 50_257
weights = layers * 12 * width**2 + vocabulary * width
print(f"weights:               {weights / 1e9:.1f} thousand million")
print(f"in 2 bytes each:       {2 * weights / 1e9:.0f} GB")
print(f"operations to train:   {6 * weights * 300e9:.1e}, at 300 thousand million tokens")
print(f"cache for each token:  {2 * layers * width * 2 / 1e6:.1f} MB, for 2,048: "
      f"{2 * layers * width * 2 * 2048 / 1e9:.1f} GB")  # fmt: skip

# %% [markdown]
# (A weight costs about 6 operations for each token in training: one multiplication and one
# addition on the way forward, and twice that on the way back.) From this size came something that
# nobody had trained it for: shown three examples of a task in the prompt, it did the fourth. No
# weight changes. It continues a text of which the most likely continuation is the answer.
#
# **LaMDA** (Romal Thoppilan and others, 2022) is a model of the same kind, with up to 137 thousand
# million weights, made for conversation: half of what it read was dialogue. Likely is not the same
# as sensible, safe or true. So people judged answers, and it was trained on to give several, to
# score them itself and to choose the best; and to ask a search engine and a calculator when facts
# are at stake. Today's assistants go on from there: pretraining as in this lesson, then training
# on what people prefer.
#
# ## Beliefs that are wrong
#
# **"The model answers."** It continues. A question is most often followed by an answer, and
# sometimes by another question.
#
# **"Temperature 0 gives the true answer."** It gives the most likely piece each time. That makes it
# repeatable, not true, and not even the most likely text.
#
# **"A lower perplexity is a better model."** Of the same text, cut in the same way. Else count
# bits.
#
# **"It reads words."** It reads pieces, found by counting. Spelling, rhymes, and digits of numbers
# lie hidden in them.
#
# **"The cache is an approximation."** You have compared every logit.
#
# ## How it came about
#
# Byte-pair encoding was a way to compress files (Philip Gage, 1994), until Rico Sennrich, Barry
# Haddow and Alexandra Birch took it for rare words in translation (2016). GPT (Alec Radford and
# others, 2018) pretrained a Transformer on 7,000 books and then fine-tuned it for each task. GPT-2
# (2019) was more than ten times larger, and did tasks without that. GPT-3 was a hundred times
# larger again. The loss fell along a straight line on logarithmic axes all the way; lesson 27
# draws that line.
#
# **Read on.** Radford and others, *Language Models are Unsupervised Multitask Learners*, 2019.
# Brown and others, *Language Models are Few-Shot Learners*, NeurIPS 2020. Holtzman and others,
# *The Curious Case of Neural Text Degeneration*, ICLR 2020. Thoppilan and others, *LaMDA: Language
# Models for Dialog Applications*, 2022. Shannon, *Prediction and Entropy of Printed English*,
# 1951.
