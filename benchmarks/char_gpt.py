"""The character GPT of the course beside the same model in PyTorch: loss and time, step by step.

    python -m benchmarks.char_gpt              # a few minutes; needs PyTorch

Both begin with the same weights and read the same batches in the same order, with the settings of
lessons/recipes/char_gpt.py. They take turns, so that what slows the machine slows both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import minigrad as mg
from benchmarks import THREADS, peers
from minigrad.bench.report import machine, markdown
from minigrad.bench.timing import PAUSE
from minigrad.data import english_text
from minigrad.models import GPT, GPTConfig
from minigrad.text import CharTokenizer
from minigrad.train import recipe

SETTINGS = recipe.find("char-gpt").settings
LENGTH, BATCH, RATE = 64, SETTINGS["batch_size"], SETTINGS["lr"]
TURN = 51  # steps that one of them takes before it is the other's turn


def torch_gpt(torch: Any, config: GPTConfig) -> Any:
    """minigrad.models.GPT in PyTorch, without dropout and cache; the names of its weights too."""
    nn, F = torch.nn, torch.nn.functional

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
            self.c_proj = nn.Linear(config.n_embd, config.n_embd)

        def forward(self, x):
            b, t, c = x.shape
            parts = self.c_attn(x).chunk(3, dim=-1)
            q, k, v = (
                part.reshape(b, t, config.n_head, c // config.n_head).transpose(1, 2)
                for part in parts
            )
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.c_proj(y.transpose(1, 2).reshape(b, t, c))

    class MLP(nn.Module):
        def __init__(self):
            super().__init__()
            self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
            self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

        def forward(self, x):
            return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln_1, self.attn = nn.LayerNorm(config.n_embd), Attention()
            self.ln_2, self.mlp = nn.LayerNorm(config.n_embd), MLP()

        def forward(self, x):
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class TorchGPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.transformer = nn.ModuleDict({
                "wte": nn.Embedding(config.vocab_size, config.n_embd),
                "wpe": nn.Embedding(config.n_positions, config.n_embd),
                "h": nn.ModuleList([Block() for _ in range(config.n_layer)]),
                "ln_f": nn.LayerNorm(config.n_embd),
            })  # fmt: skip

        def forward(self, tokens):
            body = self.transformer
            x = body["wte"](tokens) + body["wpe"](torch.arange(tokens.shape[1]))
            for block in body["h"]:
                x = block(x)
            return F.linear(body["ln_f"](x), body["wte"].weight)

    return TorchGPT()


class Training:
    """One library's run. `lib` is minigrad or torch: from here on both are told the same."""

    def __init__(self, lib: Any, model: Any, steps: int):
        self.lib, self.model = lib, model
        self.optimizer = lib.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.1)
        self.scheduler = lib.optim.lr_scheduler.OneCycleLR(self.optimizer, RATE, total_steps=steps)
        self.seconds = 0.0

    def loss(self, x: np.ndarray, y: np.ndarray) -> Any:
        logits = self.model(self.lib.tensor(x))
        return self.lib.nn.functional.cross_entropy(
            logits.flatten(0, 1), self.lib.tensor(y).flatten()
        )

    def learn(self, batches: list[tuple[np.ndarray, np.ndarray]]) -> None:
        time.sleep(PAUSE)
        start = time.perf_counter()
        for x, y in batches:
            loss = self.loss(x, y)
            self.optimizer.zero_grad()
            loss.backward()
            self.lib.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.scheduler.step()
        self.seconds += time.perf_counter() - start

    def held_out(self, batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
        with self.lib.no_grad():
            losses = [self.loss(x, y).item() * len(x) for x, y in batches]
        return sum(losses) / sum(len(x) for x, _ in batches)

    def warm_up(self, batch: tuple[np.ndarray, np.ndarray]) -> None:
        """Kernels are compiled, buffers are made; the weights stay."""
        self.loss(*batch).backward()
        self.optimizer.zero_grad()


def windows(tokens: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Stretches of LENGTH tokens, each with what follows every one of them."""
    starts = range(0, len(tokens) - LENGTH, LENGTH)
    return [(tokens[i : i + LENGTH], tokens[i + 1 : i + LENGTH + 1]) for i in starts]


def batches(rows: list[Any], order: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for i in range(0, len(order), BATCH):
        xs, ys = zip(*[rows[j] for j in order[i : i + BATCH]], strict=True)
        yield np.stack(xs), np.stack(ys)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.char_gpt", description=__doc__)
    parser.add_argument(
        "--epochs", type=int, default=SETTINGS["epochs"],
        help="passes over the text (default: %(default)s)",
    )  # fmt: skip
    epochs = parser.parse_args().epochs
    modules, versions = peers.find()
    if "PyTorch" not in modules:
        print('benchmarks.char_gpt: PyTorch is not installed: pip install -e ".[parity]"')
        return 1
    torch = modules["PyTorch"]
    print(f"{machine(THREADS)}\nPyTorch {versions['PyTorch']}\n")

    text = english_text()
    tokenizer = CharTokenizer.train(text)
    tokens = np.array(tokenizer.encode(text))
    border = len(tokens) * 9 // 10
    rows, rest = windows(tokens[:border]), windows(tokens[border:])
    held_out = list(batches(rest, np.arange(len(rest))))
    per_epoch = len(rows) // BATCH
    config = GPTConfig(
        tokenizer.vocab_size, n_positions=LENGTH, n_embd=SETTINGS["width"],
        n_layer=SETTINGS["layers"], n_head=4, dropout=0.0,
    )  # fmt: skip

    mg.manual_seed(0)
    ours, theirs = GPT(config), torch_gpt(torch, config)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
    runs = {
        "minigrad": Training(mg, ours, epochs * per_epoch),
        "PyTorch": Training(torch, theirs, epochs * per_epoch),
    }
    for run in runs.values():
        run.warm_up(held_out[0])

    table = []
    order = np.random.default_rng(0)
    for epoch in range(1, epochs + 1):
        taken = list(batches(rows, order.permutation(len(rows))[: per_epoch * BATCH]))
        for i in range(0, len(taken), TURN):
            for run in runs.values():
                run.learn(taken[i : i + TURN])
        loss, seconds = zip(
            *[(r.held_out(held_out), r.seconds) for r in runs.values()], strict=True
        )
        table.append([
            str(epoch * per_epoch), *[f"{x:.4f}" for x in loss],
            f"{100 * (loss[0] / loss[1] - 1):+.2f} %", *[f"{s:.1f} s" for s in seconds],
            f"{seconds[0] / seconds[1]:.2f}",
        ])  # fmt: skip
        print(f"epoch {epoch}: {' '.join(table[-1])}", file=sys.stderr, flush=True)
    header = [
        "steps", "held-out loss: minigrad", "PyTorch", "difference", "time: minigrad", "PyTorch",
        "ratio",
    ]  # fmt: skip
    print("\n".join(markdown(header, table)))
    count = sum(p.numel() for p in ours.parameters())
    size = f"{config.n_layer} layers, {config.n_embd} wide, {config.n_head} heads"
    print(f"GPT of {size}, {count:,} parameters; {BATCH} x {LENGTH} characters.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
