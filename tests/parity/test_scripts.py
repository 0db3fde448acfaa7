"""PyTorch scripts as people write them: the same code runs on minigrad, and the losses agree."""

import numpy as np
import pytest

import minigrad as mg
from tests.parity import (
    scripts_first_steps,
    scripts_networks,
    scripts_published,
    scripts_sequences,
)

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.parity,
    # torch.func imports a part of PyTorch that uses another, deprecated one.
    pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning"),
    # PyTorch has newer forms of these, which published code seldom uses.
    pytest.mark.filterwarnings("ignore:.*weight_norm.*is deprecated:FutureWarning"),
]


@pytest.fixture(autouse=True)
def _double():
    """float64 in both, so that what differs is an error and not rounding."""
    for T in (torch, mg):
        T.set_default_dtype(T.float64)
    yield
    for T in (torch, mg):
        T.set_default_dtype(T.float32)


@pytest.mark.parametrize(
    "script",
    scripts_first_steps.SCRIPTS
    + scripts_networks.SCRIPTS
    + scripts_sequences.SCRIPTS
    + scripts_published.SCRIPTS,
    ids=lambda script: script.__name__,
)
def test_losses_are_those_of_pytorch(script):
    expected, ours = (np.array([float(loss) for loss in script(T)]) for T in (torch, mg))
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=1e-10)


def test_a_checkpoint_goes_on_where_it_was(tmp_path):
    expected, ours = (
        list(scripts_networks.checkpoint(T, tmp_path / f"{T.__name__}.pt")) for T in (torch, mg)
    )
    np.testing.assert_allclose(ours, expected, rtol=1e-7)


def test_what_is_drawn_at_random_trains_too():
    """Dropout, a shuffled DataLoader, random_split, noise: numbers differ, success does not."""
    for T in (torch, mg):
        assert scripts_networks.random_everywhere(T) > 0.85
