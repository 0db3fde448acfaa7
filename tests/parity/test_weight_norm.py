"""Weight and spectral normalization against PyTorch's, with its state_dicts."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore:.*weight_norm.*is deprecated:FutureWarning"),
]

LAYERS = {
    "linear": (lambda nn: nn.Linear(4, 3), (2, 4)),
    "conv1d": (lambda nn: nn.Conv1d(4, 6, 3, groups=2), (2, 4, 7)),
    "transposed": (lambda nn: nn.ConvTranspose2d(4, 3, 3), (2, 4, 5, 5)),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("weight_norm", {}),
        ("weight_norm", {"dim": 1}),
        ("weight_norm", {"dim": None}),
        ("spectral_norm", {}),
        ("spectral_norm", {"n_power_iterations": 3, "dim": 1}),
    ],
)
def test_agrees_over_two_steps(layer, name, options):
    build, shape = LAYERS[layer]
    theirs, ours = (getattr(T.nn.utils, name)(build(T.nn).double(), **options) for T in (torch, mg))
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    x = np.random.default_rng(0).standard_normal(shape)
    for training in (True, True, False):
        losses = []
        for T, net in ((torch, theirs), (mg, ours)):
            optimizer = T.optim.SGD(net.parameters(), lr=0.1)
            optimizer.zero_grad()
            loss = (net.train(training)(T.tensor(x)) ** 2).sum()
            loss.backward()
            losses.append(loss.item())
            optimizer.step()
        np.testing.assert_allclose(losses[1], losses[0], rtol=1e-9)
        for key, value in theirs.state_dict().items():
            np.testing.assert_allclose(ours.state_dict()[key].numpy(), value.numpy(), rtol=1e-7)
