"""What `minigrad gallery` draws: each function trains something small and returns its pictures.

The page shows each function's own lines, so they are the code that made its pictures. The first
line of a docstring is the heading, the rest the caption.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn, optim, viz
from minigrad.data import DataLoader, TensorDataset, digits, names
from minigrad.nn import functional as F
from minigrad.train import fit


def computation(seed: int) -> dict[str, Any]:
    """A computation, step by step

    A network of two layers with a way round the second: what was computed from what, and below it
    the same to be walked through, forward and backward, with every number. The hidden layer is
    used twice, so two gradients add up there.
    """
    mg.manual_seed(seed)
    x, target = mg.randn(2, 3), mg.randn(2, 2)
    w = mg.randn(3, 2, requires_grad=True)
    v = mg.randn(2, 2, requires_grad=True)

    def compute() -> Any:
        hidden = mg.tanh(x @ w)
        error = hidden + hidden @ v - target
        return (error**2).mean()

    names = {"x": x, "target": target, "w": w, "v": v}
    return {"graph": viz.graph(compute(), names), "steps": viz.step(compute, names)}


def inside_layers(seed: int) -> dict[str, Any]:
    """Activations, gradients and weights by layer

    A deep net with sigmoids learns to read digits. Activations sit near one half, and the gradient
    is some hundred times smaller in the first layer than in the last: it vanishes on its way back,
    since each sigmoid multiplies it by at most a quarter. It recovers as the weights grow.
    """
    mg.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(64, 32), nn.Sigmoid(), nn.Linear(32, 32), nn.Sigmoid(),
        nn.Linear(32, 32), nn.Sigmoid(), nn.Linear(32, 10),
    )  # fmt: skip
    recorder = viz.Recorder(model, every=5)
    loader = DataLoader(digits()[0], batch_size=64, shuffle=True)
    adam = optim.Adam(model.parameters(), lr=5e-3)
    fit(model, loader, adam, epochs=20, callbacks=[recorder], progress=False)
    return {
        "activations": viz.layers_over_time(recorder, "activations"),
        "gradients": viz.layers_over_time(recorder, "gradients"),
        "weights": viz.layers_over_time(recorder, "weights"),
    }


def convolution(seed: int) -> dict[str, Any]:
    """Filters of a convolution

    Sixteen filters of 3 x 3 that learned to read digits. Orange weights add, blue ones take away:
    where one half is orange and the other blue, the filter looks for an edge, and where a stripe
    stands between two others, for a stroke of the pen.
    """
    mg.manual_seed(seed)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(16 * 6 * 6, 10),
    )  # fmt: skip
    loader = DataLoader(digits()[0], batch_size=64, shuffle=True)
    adam = optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
    fit(model, loader, adam, epochs=10, progress=False)
    return {"filters": viz.filters(model[1])}


def attention(seed: int) -> dict[str, Any]:
    """Attention

    One layer of attention learns to spell names backwards. Nobody told it where to look: for the
    first letter that it writes it looks at the last one of the name, and so on, a line from
    corner to corner. Here both heads have learned the same.
    """
    mg.manual_seed(seed)
    words = [name for name in names() if len(name) == 7]
    letters = mg.tensor([[ord(c) - ord("a") for c in word] for word in words])  # (N, T)
    reader, places = nn.Embedding(26, 32), nn.Embedding(7, 32)
    heads, out = nn.MultiheadAttention(32, 2, batch_first=True), nn.Linear(32, 26)
    model = nn.ModuleList([reader, places, heads, out])
    adam = optim.Adam(model.parameters(), lr=5e-3)
    for chosen in (mg.randint(0, len(words), (64,)) for _ in range(400)):
        x = reader(letters[chosen]) + places.weight  # (B, T, D)
        query = places.weight.expand(64, 7, 32)  # it asks by place alone
        scores = out(heads(query, x, x, need_weights=False)[0])  # (B, T, 26)
        loss = F.cross_entropy(scores.reshape(-1, 26), letters[chosen].flip(1).reshape(-1))
        adam.zero_grad()
        loss.backward()
        adam.step()
    word = words.index("charles")
    x = reader(letters[[word]]) + places.weight
    query = places.weight.expand(1, 7, 32)
    _, weights = heads(query, x, x, average_attn_weights=False)  # (1, H, T, T)
    return {"attention": viz.attention_maps(weights, list("selrahc"), list("charles"))}


def letters(seed: int) -> dict[str, Any]:
    """Embeddings

    A net that guesses the next letter of a name from the two before it has 16 numbers for each
    letter, and nobody told it what a vowel is. Along the axes on which they differ most, the
    vowels have gone to one end by themselves, since what follows them is alike. The q stands
    alone: what follows it is a u.
    """
    mg.manual_seed(seed)
    text = np.array([ord(c) - ord("a") + 1 for c in ".".join(names()).replace(".", "``")])
    windows = np.lib.stride_tricks.sliding_window_view(text, 3)  # (N, 3)
    data = TensorDataset(mg.tensor(windows[:, :2].copy()), mg.tensor(windows[:, 2].copy()))
    model = nn.Sequential(
        nn.Embedding(27, 16), nn.Flatten(), nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 27)
    )
    nn.init.normal_(model[0].weight, std=0.05)  # so that what is seen was learned
    adam = optim.Adam(model.parameters(), lr=5e-3)
    fit(model, DataLoader(data, batch_size=256, shuffle=True), adam, epochs=6, progress=False)
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    kinds = ["vowel" if c in "aeiouy" else "consonant" for c in alphabet]
    return {"embeddings": viz.embeddings(model[0].weight[1:], alphabet, kinds)}


def landscape(seed: int) -> dict[str, Any]:
    """Loss landscape

    The loss on the digits around the weights that training found, along two random directions out
    of many thousands. It lies at the bottom of a bowl. Directions are scaled filter by filter, so
    that bowls of different networks can be compared.
    """
    mg.manual_seed(seed)
    train, _ = digits()
    images, labels = train.tensors
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    adam = optim.Adam(model.parameters(), lr=5e-3)
    fit(model, DataLoader(train, batch_size=64, shuffle=True), adam, epochs=5, progress=False)
    surface = viz.loss_surface(model, lambda: F.cross_entropy(model(images), labels), points=31)
    return {"landscape": viz.loss_landscape(surface)}


def optimizers(seed: int) -> dict[str, Any]:
    """Optimizer paths

    Five optimizers from the same start. In Rosenbrock's valley it is easy to reach the floor and
    slow to follow it: plain SGD hardly moves on it, and momentum carries. On Beale's plain momentum
    overshoots and comes round. LBFGS, which learns how the slope bends, needs few steps on both.
    """
    makers = {
        "SGD": lambda p: optim.SGD(p, lr=1e-3),
        "SGD, momentum 0.9": lambda p: optim.SGD(p, lr=1e-3, momentum=0.9),
        "RMSprop": lambda p: optim.RMSprop(p, lr=1e-2),
        "Adam": lambda p: optim.Adam(p, lr=5e-2),
        "LBFGS": lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe", max_iter=1, max_eval=25),
    }
    return {
        "rosenbrock": viz.optimizer_paths(makers, viz.ROSENBROCK, steps=400),
        "beale": viz.optimizer_paths(makers, viz.BEALE, steps=400),
    }


def two_moons(seed: int) -> dict[str, Any]:
    """Decision boundaries as training goes on

    Two half moons that no straight line parts. At first the net knows nothing: all is pale. Then
    it finds the best nearly straight line, and at last bends it between the moons. The paler a
    place, the less sure is the net there. The last picture is the same run as a film.
    """
    mg.manual_seed(seed)
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, 300)
    upper = np.arange(300) % 2  # 1 for a point of the upper moon
    x = np.stack([np.cos(angle), np.sin(angle)], 1)
    x = np.where(upper[:, None] == 1, x, [1, 0.5] - x) + rng.normal(0, 0.12, x.shape)
    data = TensorDataset(mg.tensor(x, dtype=mg.float32), mg.tensor(upper))
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(),
                          nn.Linear(16, 2))  # fmt: skip
    boundaries = viz.Boundaries(model, x, upper)
    loader = DataLoader(data, batch_size=50, shuffle=True)
    adam = optim.Adam(model.parameters(), lr=1e-2)
    fit(model, loader, adam, epochs=30, callbacks=[boundaries], progress=False)
    return {
        "boundaries": viz.decision_boundaries(boundaries),
        "boundaries-film": viz.boundary_film(boundaries),
    }


EXAMPLES: tuple[Callable[[int], dict[str, Any]], ...] = (
    computation, inside_layers, convolution, attention, letters, landscape, optimizers, two_moons,
)  # fmt: skip

# What each picture shows, for those who cannot see it.
ALT = {
    "graph": "Boxes from top to bottom, from x, w, v and target to the mean: the box of tanh has "
    "two arrows leading on, which meet again.",
    "steps": "A computation, step by step: buttons and arrow keys walk through it.",
    "activations": "Seven panels, one a layer: the median of its activations over the steps, with "
    "bands that widen quickly in the first hundred steps.",
    "gradients": "Four panels, one a linear layer, on one logarithmic scale: at the start the "
    "gradient of the first layer is hundreds of times smaller than that of the last.",
    "weights": "Four panels, one a linear layer: the bands of the weights widen as training goes "
    "on.",
    "filters": "Sixteen squares of 3 by 3 cells, from blue for negative to orange for positive "
    "weights; in many of them one side is orange and the other blue.",
    "attention": "Two heat maps, one a head, of the letters of charles against those of selrahc: "
    "a dark line leads from corner to corner.",
    "embeddings": "The letters a to z as points: the six vowels stand together, apart from the "
    "consonants, and the q apart from all.",
    "landscape": "A map with contour lines like those of a bowl, around a cross near its lowest "
    "place.",
    "rosenbrock": "Left, a curved valley with the ways of five optimizers; right, the values they "
    "reach: LBFGS falls to the minimum in some 35 steps, momentum comes near, SGD stays far.",
    "beale": "Left, a plain with the ways of five optimizers, that of momentum a wide curve below "
    "the others; right, the values they reach: LBFGS is first, SGD last.",
    "boundaries": "Six pictures of two half moons of points, from epoch 0 to 30: the line between "
    "the two colours is first nearly straight and at last bends between the moons.",
    "boundaries-film": "The same run as a film: the line bends between the moons.",
}
