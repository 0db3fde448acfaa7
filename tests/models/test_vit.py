"""ViT: patches and positions, its derivatives, the paper's sizes, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.models import ViT, ViTConfig
from minigrad.nn import functional as F
from tests.nn.nested_call import of_inputs_and_all_parameters

SMALL = ViTConfig(
    image_size=12, patch_size=4, num_layers=2, num_heads=3, hidden_dim=12, mlp_dim=20, num_classes=5
)
TINY = ViTConfig(
    image_size=4, patch_size=2, in_channels=1, num_layers=1, num_heads=2, hidden_dim=4, mlp_dim=3,
    num_classes=2,
)  # fmt: skip


def model(config=SMALL, **options):
    """In eval mode, with weights that make a difference."""
    mg.manual_seed(0)
    net = ViT(config._replace(**options)).eval()
    for i, p in enumerate(net.parameters()):
        p.array[...] += 0.3 * np.random.default_rng(i).standard_normal(p.shape)
    return net


def images(n=2, config=SMALL):
    R = np.random.default_rng(1)
    shape = (n, config.in_channels, config.image_size, config.image_size)
    return mg.tensor(R.standard_normal(shape).astype(np.float32))


def count(net):
    return sum(p.numel() for p in net.parameters())


def test_shapes():
    assert model()(images()).shape == (2, 5)
    assert model().features(images()).shape == (2, 10, 12)
    assert model(representation_size=7)(images()).shape == (2, 5)
    assert model(representation_size=7, num_classes=0)(images()).shape == (2, 7)
    net = model(num_classes=0)
    assert (net(images()) == net.features(images())[:, 0]).all()


def test_patches_by_hand():
    """Without a layer: the norm of a product with each patch, and of its position."""
    net = model(num_layers=0)
    got = net.features(images(1)).detach().numpy()[0]
    x = images(1).numpy()[0]
    patches = [x[:, i : i + 4, j : j + 4] for i in (0, 4, 8) for j in (0, 4, 8)]
    weight = net.conv_proj.weight.detach().numpy().reshape(12, -1)
    bias, first = net.conv_proj.bias.detach().numpy(), net.class_token.detach().numpy()[0]
    rows = np.concatenate([first, [weight @ p.reshape(-1) + bias for p in patches]])
    rows = rows + net.encoder.pos_embedding.detach().numpy()[0]
    rows = rows - rows.mean(1, keepdims=True)
    ln = net.encoder.ln
    expected = rows / rows.std(1, keepdims=True) * ln.weight.detach() + ln.bias.detach()
    np.testing.assert_allclose(got, expected.numpy(), rtol=1e-4, atol=1e-4)


def test_a_block_is_a_layer_of_the_transformer():
    """With its norms before attention and MLP."""
    block = model().encoder.layers[1]
    layer = mg.nn.TransformerEncoderLayer(
        12, 3, 20, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    ).eval()
    names = {
        "self_attention": "self_attn", "ln_1": "norm1", "ln_2": "norm2", "mlp.0": "linear1",
        "mlp.3": "linear2",
    }  # fmt: skip
    own = {}
    for name, value in block.state_dict().items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        own[name] = value
    layer.load_state_dict(own)
    x = mg.randn(2, 10, 12, generator=mg.Generator().manual_seed(0))
    np.testing.assert_allclose(block(x).detach(), layer(x).detach(), rtol=1e-4, atol=1e-5)


def test_every_patch_is_seen_and_has_its_place():
    net, x = model(), images(1)
    for i in (0, 4, 8):
        for j in (0, 4, 8):
            other = x.clone()
            other[:, :, i : i + 4, j : j + 4] += 1.0
            assert (net(other) != net(x)).all()
    assert (net(x.transpose(2, 3)) != net(x)).all()


def test_images_of_a_batch_do_not_see_each_other():
    net, x = model(), images(3)
    np.testing.assert_allclose(net(x)[1:2].detach(), net(x[1:2]).detach(), rtol=1e-4, atol=1e-5)


def loss_of(names=("",), **options):
    """A loss of a tiny model in float64, as a function of its parameters that end in a name."""
    net = model(TINY, **options).double()
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(name.endswith(names))
    x = images(2, TINY).double().requires_grad_()
    call = lambda net, x: F.cross_entropy(net(x), mg.tensor([1, 0]))  # noqa: E731
    return of_inputs_and_all_parameters(net, call, x)


@pytest.mark.parametrize("options", [{}, {"representation_size": 3}])
def test_derivatives(options):
    assert mg.gradcheck(*loss_of(**options))


def test_second_derivatives():
    assert mg.gradgradcheck(
        *loss_of(("conv_proj.bias", "in_proj_bias", "ln_1.weight", "mlp.0.bias"))
    )


def test_dropout_only_while_training():
    for name in ("dropout", "attention_dropout"):
        net = model(**{name: 0.5})
        assert (net(images()) == net(images())).all()
        net.train()
        assert (net(images()) != net(images())).any()


def test_a_small_one_learns():
    mg.manual_seed(0)
    net, x, y = ViT(SMALL), images(10), mg.arange(10) % 5
    assert not net(x).any()  # the last layer begins as zeros
    adam = mg.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(40):
        loss = F.cross_entropy(net(x), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 < 1.6 < losses[0]


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (ViTConfig(), 86_567_656),
        (ViTConfig(num_layers=24, num_heads=16, hidden_dim=1024, mlp_dim=4096), 304_326_632),
        (
            ViTConfig(patch_size=14, num_layers=32, num_heads=16, hidden_dim=1280, mlp_dim=5120),
            632_045_800,
        ),
    ],
)
def test_the_number_of_parameters(config, parameters):
    """Every layer adds the same; so no large model is made."""
    none, one = (count(ViT(config._replace(num_layers=n))) for n in (0, 1))
    assert none + config.num_layers * (one - none) == parameters


def test_names_are_those_of_torchvision():
    names = set(model(num_layers=1, representation_size=3).state_dict())
    layer = "encoder.layers.encoder_layer_0."
    assert names == {
        "class_token", "conv_proj.weight", "conv_proj.bias", "encoder.pos_embedding",
        *(f"{layer}{part}.{kind}" for part in ("ln_1", "ln_2", "mlp.0", "mlp.3",
          "self_attention.out_proj") for kind in ("weight", "bias")),
        f"{layer}self_attention.in_proj_weight", f"{layer}self_attention.in_proj_bias",
        "encoder.ln.weight", "encoder.ln.bias", "heads.pre_logits.weight", "heads.pre_logits.bias",
        "heads.head.weight", "heads.head.bias",
    }  # fmt: skip


def test_what_it_refuses():
    with pytest.raises(ValueError, match="image_size=12 must be a multiple of patch_size=5"):
        model(patch_size=5)
    with pytest.raises(ValueError, match="hidden_dim=12 must be a multiple of num_heads=5"):
        model(num_heads=5)
    net = model()
    for shape in ((3, 12, 12), (1, 1, 12, 12), (1, 3, 12, 16), (1, 3, 24, 24)):
        with pytest.raises(ValueError, match=r"expected images of shape \(N, 3, 12, 12\), got flo"):
            net(mg.zeros(*shape))
