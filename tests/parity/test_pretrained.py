"""load_pretrained against Hugging Face's transformers, which have written random weights."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import minigrad as mg  # noqa: E402
from minigrad.models import load_pretrained  # noqa: E402
from minigrad.text import generate  # noqa: E402
from tests.parity.ten_steps import ten_steps  # noqa: E402


def gpt2(**options):
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=97, n_positions=40, n_embd=48, n_layer=3, n_head=4, bos_token_id=0,
        eos_token_id=0, **options,
    )  # fmt: skip
    net = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for p in net.parameters():
            p += 0.3 * torch.randn_like(p) / p.shape[-1] ** 0.5
    return net


@pytest.mark.parametrize("options", [{}, {"n_inner": 64}])
def test_gpt2_gives_the_same_logits(tmp_path, options):
    theirs = gpt2(**options)
    theirs.save_pretrained(tmp_path)
    ours = load_pretrained(tmp_path)
    text = np.random.default_rng(0).integers(0, 97, (3, 40))
    with torch.no_grad():
        expected = theirs(torch.from_numpy(text)).logits.numpy()
    with mg.no_grad():
        got = ours(mg.tensor(text)).numpy()
    np.testing.assert_allclose(got, expected, atol=1e-4, rtol=1e-4)


def test_gpt2_gives_the_same_gradients(tmp_path):
    theirs = gpt2()
    theirs.save_pretrained(tmp_path)
    ours = load_pretrained(tmp_path)
    text = np.random.default_rng(0).integers(0, 97, (2, 20))
    theirs(torch.from_numpy(text), labels=torch.from_numpy(text)).loss.backward()
    logits = ours(mg.tensor(text))
    mg.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, 97), mg.tensor(text[:, 1:].reshape(-1))
    ).backward()
    expected = {k: v.grad.numpy() for k, v in theirs.named_parameters()}
    for name, parameter in ours.named_parameters():
        grad = parameter.grad.numpy()
        turned = grad.T if ".c_" in name and name.endswith("weight") else grad
        np.testing.assert_allclose(turned, expected[name], atol=1e-5, rtol=1e-3)


def test_gpt2_learns_the_same_in_ten_steps(tmp_path):
    theirs = gpt2(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    theirs.save_pretrained(tmp_path)
    ours = load_pretrained(tmp_path)
    a = torch.optim.AdamW(theirs.parameters(), lr=1e-3)
    b = mg.optim.AdamW(ours.parameters(), lr=1e-3)
    text = np.random.default_rng(0).integers(0, 97, (2, 20))

    def losses():
        logits = ours(mg.tensor(text))[:, :-1].reshape(-1, 97)
        mine = mg.nn.functional.cross_entropy(logits, mg.tensor(text[:, 1:].reshape(-1)))
        return theirs(torch.from_numpy(text), labels=torch.from_numpy(text)).loss, mine

    expected, got = ten_steps(losses, (a, b))
    np.testing.assert_allclose(got, expected, rtol=1e-4)
    assert expected[-1] < 0.9 * expected[0]


@pytest.mark.parametrize("options", [{}, {"num_beams": 4}, {"repetition_penalty": 1.3}])
def test_gpt2_writes_the_same_text(tmp_path, options):
    theirs = gpt2()
    theirs.save_pretrained(tmp_path)
    ours = load_pretrained(tmp_path)
    prompt = [[5, 17, 60, 3]]
    expected = theirs.generate(
        torch.tensor(prompt), max_new_tokens=20, do_sample=False, pad_token_id=0, **options
    )
    if "num_beams" not in options:
        options = {"temperature": 0, **options}
    got = generate(ours, mg.tensor(prompt), 20, stop=0, **options)
    assert got.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("kind", "sizes", "depths"),
    [("basic", [8, 12, 16], [2, 1, 1]), ("bottleneck", [16, 32], [1, 2])],
)
def test_resnet_gives_the_same_logits(tmp_path, kind, sizes, depths):
    torch.manual_seed(0)
    config = transformers.ResNetConfig(
        embedding_size=6, hidden_sizes=sizes, depths=depths, layer_type=kind, num_labels=5
    )
    theirs = transformers.ResNetForImageClassification(config)
    image = np.random.default_rng(0).standard_normal((4, 3, 50, 40)).astype(np.float32)
    with torch.no_grad():
        theirs.train()(torch.from_numpy(image))  # running statistics that are not 0 and 1
        theirs.eval().save_pretrained(tmp_path)
        expected = theirs(torch.from_numpy(image)).logits.numpy()
    with mg.no_grad():
        got = load_pretrained(tmp_path)(mg.tensor(image)).numpy()
    np.testing.assert_allclose(got, expected, atol=1e-4, rtol=1e-4)
