"""Pictures of what is inside a network and where it stands: they draw what they were given."""

from __future__ import annotations

import io

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim, viz
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import fit
from minigrad.viz.boundaries import POINTS
from minigrad.viz.landscape import Surface, direction
from minigrad.viz.paths import LEAST, descend
from minigrad.viz.recorder import LEVELS


def saved(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer)
    return buffer.getvalue()


def words(figure) -> str:
    texts = [t.get_text() for ax in figure.axes for t in ax.texts]
    return " ".join([ax.get_title(loc="left") for ax in figure.axes] + texts)


# ------------------------------------------------------------------ layers over time


def two_layers() -> nn.Module:
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.ReLU(), nn.Linear(1, 2, bias=False))
    with mg.no_grad():
        model[0].weight.copy_(mg.tensor([[2.0]]))
        model[2].weight.copy_(mg.tensor([[1.0], [-3.0]]))
    return model


def test_recorder_keeps_percentiles():
    model = two_layers()
    recorder = viz.Recorder(model)
    model(mg.tensor([[1.0], [3.0]])).sum().backward()
    recorder.record()
    assert recorder.steps == [1]
    values = recorder.values
    # The first layer gives 2 and 6; the last 2, -6, 6, -18.
    np.testing.assert_allclose(values["activations"]["0"][1], np.percentile([2, 6], LEVELS))
    np.testing.assert_allclose(
        values["activations"]["2"][1], np.percentile([2, -6, 6, -18], LEVELS)
    )
    # dL/dw of the first layer is (1 - 3)(1 + 3) = -8: its size is kept. Of the last it is 2 + 6.
    np.testing.assert_allclose(values["gradients"]["0"][1], [8] * 5)
    np.testing.assert_allclose(values["gradients"]["2"][1], [8] * 5)
    np.testing.assert_allclose(values["weights"]["2"][1], np.percentile([1, -3], LEVELS))
    assert list(values["weights"]) == ["0", "2"]


def test_recorder_counts_steps_and_lets_go():
    model = two_layers()
    recorder = viz.Recorder(model, ["2"], every=2)
    for _ in range(4):
        model(mg.ones(1, 1)).sum().backward()
        model.eval()(mg.full((1, 1), 100.0))  # a look in between is no step
        model.train()
        recorder.record()
    assert recorder.steps == [1, 3]
    assert list(recorder.values["activations"]) == ["2"]
    assert list(recorder.values["activations"]["2"]) == [1, 3]
    assert recorder.values["activations"]["2"][3].max() < 3
    recorder.remove()
    model(mg.ones(1, 1))
    assert list(recorder.values["activations"]["2"]) == [1, 3]


def test_recorder_as_a_callback():
    model = two_layers()
    recorder = viz.Recorder(model)
    data = TensorDataset(mg.ones(6, 1), mg.zeros(6, dtype=mg.int64))
    sgd = optim.SGD(model.parameters(), lr=0.1)
    fit(model, DataLoader(data, batch_size=2), sgd, 2, callbacks=[recorder], progress=False)
    assert recorder.steps == [1, 2, 3, 4, 5, 6]
    assert {kind: sorted(rows) for kind, rows in recorder.values.items()} == {
        "activations": ["0", "1", "2"], "gradients": ["0", "2"], "weights": ["0", "2"],
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["activations", "gradients", "weights"])
@pytest.mark.parametrize("steps", [1, 3])
def test_layers_over_time(kind, steps):
    model = two_layers()
    recorder = viz.Recorder(model)
    for _ in range(steps):
        model.zero_grad()
        model(mg.ones(2, 1)).sum().backward()
        recorder.record()
    model(mg.ones(2, 1))  # a forward that no record() followed
    figure = viz.layers_over_time(recorder, kind)
    drawn = [ax for ax in figure.axes if ax.lines]
    assert [ax.get_title(loc="left") for ax in drawn] == [
        f"{name}  {type(model[int(name)]).__name__}" for name in recorder.values[kind]
    ]
    for ax, rows in zip(drawn, recorder.values[kind].values(), strict=True):
        assert ax.lines[0].get_xdata().tolist() == list(range(1, steps + 1))
        median = [rows[step][2] for step in recorder.steps]
        np.testing.assert_allclose(ax.lines[0].get_ydata(), median)
        assert ax.get_yscale() == ("log" if kind == "gradients" else "linear")
    assert saved(figure).startswith(b"\x89PNG")


def test_layers_without_a_gradient_are_drawn():
    model = two_layers()
    recorder = viz.Recorder(model)
    (model(-mg.ones(2, 1)) * 0).sum().backward()  # the ReLU is closed: every gradient is 0
    recorder.record()
    assert saved(viz.layers_over_time(recorder, "gradients")).startswith(b"\x89PNG")


def test_a_step_without_a_gradient_leaves_a_gap():
    model = two_layers()
    recorder = viz.Recorder(model)
    for _ in range(2):
        model(mg.ones(2, 1)).sum().backward()
        recorder.record()
        model.zero_grad()
    recorder.record()  # nothing was sent back
    (first, _), (weights, _) = (
        [ax for ax in viz.layers_over_time(recorder, kind).axes if ax.lines]
        for kind in ("gradients", "weights")
    )
    assert first.lines[0].get_xdata().tolist() == [1, 2]
    assert weights.lines[0].get_xdata().tolist() == [1, 2, 3]


def test_bad_recorders():
    model = two_layers()
    with pytest.raises(ValueError, match=r"no layer 'conv'; it has '0', '1', '2'"):
        viz.Recorder(model, ["conv"])
    with pytest.raises(ValueError, match=r"every >= 1, got 0"):
        viz.Recorder(model, every=0)
    with pytest.raises(ValueError, match=r"no gradients were recorded; call recorder\.record"):
        viz.layers_over_time(viz.Recorder(model), "gradients")
    with pytest.raises(ValueError, match=r"kind is one of activations.*got 'loss'"):
        viz.layers_over_time(viz.Recorder(model), "loss")


# ------------------------------------------------------------------ inside


@pytest.mark.parametrize(("shape", "cells"), [((5, 1, 3, 3), 8), ((3, 2, 3, 3), 6)])
def test_filters(shape, cells):
    layer = nn.Conv2d(shape[1], shape[0], 3)
    figure = viz.filters(layer, columns=4)
    images = [ax.images[0] for ax in figure.axes if ax.images]
    assert len(images) == shape[0] * shape[1]
    weight = layer.weight.detach().numpy()
    for image, one in zip(images, weight.reshape(-1, 3, 3), strict=True):
        np.testing.assert_array_equal(image.get_array(), one)
        assert image.get_clim() == pytest.approx((-np.abs(weight).max(), np.abs(weight).max()))
    assert len(figure.axes) == cells + 1  # and the scale
    assert saved(figure).startswith(b"\x89PNG")


def test_bad_filters():
    with pytest.raises(ValueError, match=r"weight \(out, in, H, W\).*got \(3, 4\)"):
        viz.filters(nn.Linear(4, 3))
    with pytest.raises(ValueError, match=r"64 x 64 pictures are more than 256"):
        viz.filters(np.zeros((64, 64, 3, 3)))


def test_attention_weights_are_those_of_the_layer():
    mg.manual_seed(0)
    q, k = mg.randn(2, 4, 8), mg.randn(2, 5, 8)
    v = mg.eye(5).expand(2, 5, 5)  # what comes out of attention to a unit matrix are its weights
    expected = nn.functional.scaled_dot_product_attention(q, k, v)
    np.testing.assert_allclose(viz.attention_weights(q, k), expected.numpy(), atol=1e-6)
    causal = viz.attention_weights(np.zeros((3, 2)), np.zeros((3, 2)), is_causal=True)
    np.testing.assert_allclose(causal, [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]])
    with pytest.raises(ValueError, match=r"got \(3, 2\), \(3, 4\)"):
        viz.attention_weights(np.zeros((3, 2)), np.zeros((3, 4)))


def test_attention_maps():
    heads = nn.MultiheadAttention(8, 2, batch_first=True)
    x = mg.randn(1, 3, 8)
    _, weights = heads(x, x, x, average_attn_weights=False)
    figure = viz.attention_maps(weights, ["the", "cat", "sat"])
    panels = [ax for ax in figure.axes if ax.images]
    for head, ax in enumerate(panels):
        np.testing.assert_array_equal(ax.images[0].get_array(), weights[0, head].detach().numpy())
        assert [t.get_text() for t in ax.get_xticklabels()] == ["the", "cat", "sat"]
    assert "head 0 head 1" in words(figure)
    assert saved(figure).startswith(b"\x89PNG")
    one = viz.attention_maps([[0.25, 0.75]], ["le"], ["the", "a"])
    assert [t.get_text() for t in one.axes[0].get_yticklabels()] == ["le"]
    with pytest.raises(ValueError, match=r"for 2 queries and 2 keys, got \(1, 2, 3, 3\)"):
        viz.attention_maps(weights, ["the", "cat"])


def test_embeddings_are_principal_components():
    # Four points of a plane in space, 6 wide along one axis and 2 along another.
    corners = np.array([[3, 0, 0], [-3, 0, 0], [0, 0, 1], [0, 0, -1]]) + 5
    figure = viz.embeddings(corners, ["a", "b", "c", "d"], ["x", "x", "y", "y"])
    (ax,) = figure.axes
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[3, 0], [-3, 0]], atol=1e-12)
    np.testing.assert_allclose(ax.collections[1].get_offsets(), [[0, 1], [0, -1]], atol=1e-12)
    assert ax.get_xlabel() == "first principal component: 90 % of the variance"
    assert {"a", "b", "c", "d"} <= {t.get_text() for t in ax.texts}
    assert [t.get_text() for t in figure.legends[0].texts] == ["x", "y"]
    assert saved(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("size", [(1, 4), (4, 1), (4,)])
def test_bad_embeddings(size):
    with pytest.raises(ValueError, match=r"expected vectors \(N, D\), both at least 2"):
        viz.embeddings(np.zeros(size), ["a"] * size[0])


def test_embeddings_without_names():
    with pytest.raises(ValueError, match=r"a name and a group for each of 3 vectors.*1 names"):
        viz.embeddings(np.zeros((3, 2)), ["a"])


# ------------------------------------------------------------------ loss landscape


def test_directions_are_as_long_as_each_filter():
    weight = mg.tensor([[3.0, 4.0], [0.0, 0.0], [0.0, 2.0]])
    moved = direction(weight, np.random.default_rng(0)).numpy()
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), [5, 0, 2], rtol=1e-6)


def test_loss_surface_goes_round_the_weights_and_puts_them_back():
    model = nn.Linear(2, 1).double()
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    # The squared distance from the start: along each direction it is a**2 |w|**2.
    surface = viz.loss_surface(
        model, lambda: ((model.weight - start["weight"]) ** 2).sum(), span=2.0, points=5
    )
    assert surface.steps.tolist() == [-2, -1, 0, 1, 2]
    length = float((start["weight"] ** 2).sum())
    np.testing.assert_allclose(surface.values[:, 2], length * surface.steps**2, atol=1e-12)
    np.testing.assert_allclose(surface.values[2, :], length * surface.steps**2, atol=1e-12)
    for name, p in model.named_parameters():
        np.testing.assert_array_equal(p.detach().numpy(), start[name].numpy())


def test_loss_surface_puts_the_weights_back_after_an_error():
    model = nn.Linear(2, 1)
    before = model.weight.detach().numpy().copy()
    with pytest.raises(ZeroDivisionError):
        viz.loss_surface(model, lambda: 1 / 0)
    np.testing.assert_array_equal(model.weight.detach().numpy(), before)


def test_loss_landscape():
    steps = np.linspace(-1, 1, 5)
    values = 1 + steps[:, None] ** 2 + np.zeros(5)  # it grows along the first direction only
    figure = viz.loss_landscape(Surface(steps, values))
    assert "the weights found: 1" in words(figure)
    low = figure.axes[0].collections[0].get_paths()[0].vertices
    assert np.ptp(low[:, 1]) == pytest.approx(2)  # the floor is as long as the second axis
    assert np.ptp(low[:, 0]) < 1
    assert saved(figure).startswith(b"\x89PNG")
    assert saved(viz.loss_landscape(Surface(steps, values - 1.5))).startswith(b"\x89PNG")


def test_bad_landscapes():
    steps = np.linspace(-1, 1, 3)
    with pytest.raises(ValueError, match=r"1 not finite; a smaller span"):
        viz.loss_landscape(Surface(steps, np.array([[1, 2, 3], [4, np.nan, 5], [6, 7, 8]])))
    with pytest.raises(ValueError, match=r"every loss is 2; does loss\(\) use the model"):
        viz.loss_landscape(Surface(steps, np.full((3, 3), 2.0)))
    with pytest.raises(ValueError, match=r"points odd and >= 3, got 4"):
        viz.loss_surface(nn.Linear(1, 1), lambda: 0, points=4)
    with pytest.raises(ValueError, match=r"span > 0, got 0"):
        viz.loss_surface(nn.Linear(1, 1), lambda: 0, span=0)
    with pytest.raises(ValueError, match=r"no weight of two axes"):
        viz.loss_surface(nn.LayerNorm(3), lambda: 0)


# ------------------------------------------------------------------ optimizer paths


@pytest.mark.parametrize("valley", [viz.ROSENBROCK, viz.BEALE])
def test_valleys(valley):
    assert valley.f(*valley.minimum) == 0
    near = [valley.f(*(np.array(valley.minimum) + d)) for d in ([0.1, 0], [0, 0.1], [-0.1, 0.1])]
    assert min(near) > 0


def test_descend_is_gradient_descent():
    path = descend(lambda p: optim.SGD(p, lr=1e-3), viz.ROSENBROCK, 1)
    # At (-1.2, 1): df/dx = -2 (1 - x) - 400 x (y - x^2) = -215.6, df/dy = 200 (y - x^2) = -88.
    np.testing.assert_allclose(path, [[-1.2, 1], [-1.2 + 0.2156, 1.088]])


def test_a_way_to_infinity_ends():
    path = descend(lambda p: optim.SGD(p, lr=10.0), viz.ROSENBROCK, 50)
    assert 1 <= len(path) < 20
    assert np.isfinite(path).all()
    assert saved(viz.optimizer_paths({"SGD": lambda p: optim.SGD(p, lr=10.0)}))


def test_optimizer_paths():
    makers = {
        "SGD": lambda p: optim.SGD(p, lr=1e-3),
        "LBFGS": lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe"),
    }
    figure = viz.optimizer_paths(makers, viz.BEALE, steps=5)
    left, right = figure.axes
    ways = {line.get_label(): line for line in left.lines}
    values = {line.get_label(): line.get_ydata() for line in right.lines}
    for name, make in makers.items():
        path = descend(make, viz.BEALE, 5)
        np.testing.assert_array_equal(ways[name].get_xydata(), path)
        np.testing.assert_allclose(values[name], np.maximum(viz.BEALE.f(*path.T), LEAST))
    assert values["LBFGS"][-1] == LEAST
    assert [t.get_text() for t in figure.legends[0].texts] == ["SGD", "LBFGS"]
    assert saved(figure).startswith(b"\x89PNG")


def test_bad_optimizer_paths():
    with pytest.raises(ValueError, match=r"expected 1 to 10 optimizers, got 0"):
        viz.optimizer_paths({})
    with pytest.raises(ValueError, match=r"steps >= 1, got 0"):
        viz.optimizer_paths({"SGD": lambda p: optim.SGD(p, lr=0.1)}, steps=0)


# ------------------------------------------------------------------ decision boundaries


def halves() -> viz.Boundaries:
    """A model that calls a point 1 if its first number is positive, and four points."""
    model = nn.Linear(2, 2)
    with mg.no_grad():
        model.weight.copy_(mg.tensor([[0.0, 0.0], [4.0, 0.0]]))
        model.bias.zero_()
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return viz.Boundaries(model, x, np.array([0, 0, 1, 1]))


def test_boundaries_hold_probabilities():
    boundaries = halves()
    boundaries.record("now")
    (shares,) = boundaries.shares
    assert shares.shape == (POINTS, POINTS, 2)
    np.testing.assert_allclose(shares.sum(-1), 1, atol=1e-6)
    x = boundaries.grid[:, 0].reshape(POINTS, POINTS)
    np.testing.assert_allclose(shares[..., 1], 1 / (1 + np.exp(-4 * x)), atol=1e-5)
    assert boundaries.model.training


def test_decision_boundaries():
    boundaries = halves()
    for i in range(9):
        boundaries.record(f"epoch {i}")
    figure = viz.decision_boundaries(boundaries, columns=3, rows=1)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["epoch 0", "epoch 4", "epoch 8"]
    ax = figure.axes[0]
    line, *dots = ax.collections
    middle = np.concatenate([path.vertices for path in line.get_paths()])
    np.testing.assert_allclose(middle[:, 0], 0, atol=1e-5)  # where the two classes are equal
    assert [d.get_offsets().tolist() for d in dots] == [[[-1, -1], [-1, 1]], [[1, -1], [1, 1]]]
    left, right = ax.images[0].get_array()[0, [0, -1]]
    assert left[2] > left[0]  # blue
    assert right[0] > right[2]  # orange
    assert saved(figure).startswith(b"\x89PNG")


def test_boundary_film(tmp_path):
    from PIL import Image

    model = halves().model
    boundaries = viz.Boundaries(model, halves().x, mg.tensor([0, 0, 1, 1]), every=2)
    data = TensorDataset(mg.tensor(boundaries.x, dtype=mg.float32), mg.tensor([0, 0, 1, 1]))
    adam = optim.Adam(model.parameters(), lr=0.1)
    fit(model, DataLoader(data, batch_size=4), adam, 4, callbacks=[boundaries], progress=False)
    assert boundaries.names == ["epoch 0", "epoch 2", "epoch 4"]
    film = viz.boundary_film(boundaries, interval=500)
    film.save(tmp_path / "film.gif", writer="pillow")
    with Image.open(tmp_path / "film.gif") as image:
        assert image.format == "GIF"
        assert getattr(image, "n_frames", 1) >= 3


def test_bad_boundaries():
    model, x = nn.Linear(2, 2), np.zeros((3, 2))
    with pytest.raises(ValueError, match=r"points \(N, 2\) and labels \(N,\), got \(3, 3\)"):
        viz.Boundaries(model, np.zeros((3, 3)), np.zeros(3, int))
    with pytest.raises(ValueError, match=r"integers from 0 to 9, got float64"):
        viz.Boundaries(model, x, np.zeros(3))
    with pytest.raises(ValueError, match=r"integers from 0 to 9, got int64 from 0 to 12"):
        viz.Boundaries(model, x, np.array([0, 1, 12]))
    with pytest.raises(ValueError, match=r"every >= 1, got 0"):
        viz.Boundaries(model, x, np.zeros(3, int), every=0)
    with pytest.raises(ValueError, match=r"scores \(N, C\) with C >= 3.*gave \(14400, 2\)"):
        viz.Boundaries(model, x, np.array([0, 1, 2])).record("now")
    with pytest.raises(ValueError, match=r"nothing was recorded"):
        viz.decision_boundaries(halves())
    with pytest.raises(ValueError, match=r"nothing was recorded"):
        viz.boundary_film(halves())
