"""Scripts on sequences: letter pairs, an MLP with its backward pass by hand, attention, recurrence.

As in `scripts_first_steps`: functions of the library `T` that yield the loss of every step.
"""

import itertools

import numpy as np

from tests.parity.scripts_first_steps import start

TEXT = "the cat sat on the mat and the dog sat on the log with a frog in the fog. "


def bigrams(T):
    """Counts of letter pairs, and the same model as one layer trained on one-hot rows."""
    letters = sorted(set(TEXT))
    stoi = {s: i for i, s in enumerate(letters)}
    N = T.zeros((len(letters), len(letters)), dtype=T.int32)
    for a, b in itertools.pairwise(TEXT):
        N[stoi[a], stoi[b]] += 1
    P = (N + 1).float()
    P /= P.sum(1, keepdim=True)
    assert P.dtype == T.float32
    xs = T.tensor([stoi[c] for c in TEXT[:-1]])
    ys = T.tensor([stoi[c] for c in TEXT[1:]])
    yield round(-P[xs, ys].log().mean().item(), 5)  # float32
    g = T.Generator().manual_seed(2147483647)
    ix = T.multinomial(P[0], num_samples=1, replacement=True, generator=g).item()
    assert letters[ix] in TEXT
    W = T.zeros((len(letters), len(letters)), requires_grad=True)
    xenc = T.nn.functional.one_hot(xs, num_classes=len(letters)).double()
    for _ in range(20):
        counts = (xenc @ W).exp()
        probs = counts / counts.sum(1, keepdims=True)
        loss = -probs[T.arange(xs.nelement()), ys].log().mean() + 0.01 * (W**2).mean()
        W.grad = None
        loss.backward()
        W.data += -10 * W.grad
        yield loss.item()


def mlp_by_manual_backprop(T):
    """Embedding, a hand-made batch norm, tanh; every gradient by hand, compared with autograd's."""
    letters = sorted(set(TEXT))
    n, block, emb, hidden = len(letters), 3, 4, 12
    ids = T.tensor([letters.index(c) for c in TEXT])
    X, Y = ids.unfold(0, block + 1, 1)[:, :block], ids[block:]
    rng = np.random.default_rng(0)
    shapes = [(n, emb), (emb * block, hidden), (1, hidden), (1, hidden), (hidden, n), (n,)]
    parameters = [T.tensor(rng.normal(0, 0.3, s), requires_grad=True) for s in shapes]
    C, W1, gain, bias, W2, b2 = parameters
    for _ in range(20):
        embedded = C[X]
        flat = embedded.view(embedded.shape[0], -1)
        pre = flat @ W1
        mean, var = pre.mean(0, keepdim=True), pre.var(0, keepdim=True, unbiased=True)
        inv = (var + 1e-5) ** -0.5
        raw = (pre - mean) * inv
        h = T.tanh(gain * raw + bias)
        logits = h @ W2 + b2
        loss = T.nn.functional.cross_entropy(logits, Y)
        for p in parameters:
            p.grad = None
        embedded.retain_grad()
        loss.backward()
        with T.no_grad():
            m = X.shape[0]
            dlogits = T.nn.functional.softmax(logits, 1)
            dlogits[range(m), Y] -= 1
            dlogits /= m
            dh = dlogits @ W2.T
            dact = (1.0 - h**2) * dh
            draw = gain * dact
            dpre = inv / m * (m * draw - draw.sum(0) - m / (m - 1) * raw * (draw * raw).sum(0))
            dembedded = (dpre @ W1.T).view(embedded.shape)
            dC = T.zeros_like(C)
            for k in range(m):
                for j in range(block):
                    dC[X[k, j]] += dembedded[k, j]
            gradients = [
                dC,
                flat.T @ dpre,
                (raw * dact).sum(0, keepdim=True),
                dact.sum(0, keepdim=True),
                h.T @ dlogits,
                dlogits.sum(0),
            ]
            assert T.allclose(embedded.grad, dembedded)
            for p, gradient in zip(parameters, gradients, strict=True):
                assert T.allclose(p.grad, gradient)
                p.data += -0.5 * gradient
        yield loss.item()


def attention_language_model(T):
    """One causal self-attention block on letters: tril buffer, masked_fill, softmax, residuals."""
    nn, F = T.nn, T.nn.functional

    class Head(nn.Module):
        def __init__(self, n_embd, head_size, block_size):
            super().__init__()
            self.key = nn.Linear(n_embd, head_size, bias=False)
            self.query = nn.Linear(n_embd, head_size, bias=False)
            self.value = nn.Linear(n_embd, head_size, bias=False)
            self.register_buffer("tril", T.tril(T.ones(block_size, block_size)), persistent=False)

        def forward(self, x):
            t = x.shape[1]
            k, q = self.key(x), self.query(x)
            wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
            wei = wei.masked_fill(self.tril[:t, :t] == 0, float("-inf"))
            return F.softmax(wei, dim=-1) @ self.value(x)

    class Model(nn.Module):
        def __init__(self, vocab, n_embd=16, heads=2, block_size=8):
            super().__init__()
            self.block_size = block_size
            self.token = nn.Embedding(vocab, n_embd)
            self.position = nn.Embedding(block_size, n_embd)
            size = n_embd // heads
            self.heads = nn.ModuleList([Head(n_embd, size, block_size) for _ in range(heads)])
            self.ln = nn.LayerNorm(n_embd)
            self.head = nn.Linear(n_embd, vocab)

        def forward(self, idx, targets=None):
            B, t = idx.shape
            x = self.token(idx) + self.position(T.arange(t, device=idx.device))
            x = x + T.cat([head(self.ln(x)) for head in self.heads], dim=-1)
            logits = self.head(F.gelu(x))
            if targets is None:
                return logits, None
            B, t, C = logits.shape
            return logits, F.cross_entropy(logits.view(B * t, C), targets.view(B * t))

        @T.no_grad()
        def generate(self, idx, max_new_tokens):
            for _ in range(max_new_tokens):
                logits, _ = self(idx[:, -self.block_size :])
                probs = F.softmax(logits[:, -1, :], dim=-1)
                idx = T.cat((idx, T.multinomial(probs, num_samples=1)), dim=1)
            return idx

    letters = sorted(set(TEXT))
    data = T.tensor([letters.index(c) for c in TEXT], dtype=T.long)
    model = start(T, Model(len(letters)))
    optimizer = T.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(20):
        ix = T.tensor([step, 2 * step, 3 * step])
        xb = T.stack([data[i : i + 8] for i in ix])
        yb = T.stack([data[i + 1 : i + 9] for i in ix])
        _, loss = model(xb, yb)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        yield loss.item()
    assert "tril" not in "".join(model.state_dict())
    out = model.generate(T.zeros((1, 1), dtype=T.long), max_new_tokens=12)[0].tolist()
    assert len("".join(letters[i] for i in out)) == 13


def truncated_bptt(T):
    """A recurrent cell unrolled by hand; its state is detached in place between chunks."""
    nn = T.nn

    class Cell(nn.Module):
        def __init__(self, size=8):
            super().__init__()
            self.i2h, self.h2h = nn.Linear(1, size), nn.Linear(size, size, bias=False)
            self.out = nn.Linear(size, 1)

        def forward(self, x, h):
            h = T.tanh(self.i2h(x) + self.h2h(h))
            return self.out(h), h

    wave = T.sin(T.arange(0, 101, dtype=T.get_default_dtype()) * 0.3).unsqueeze(1)
    cell = start(T, Cell())
    optimizer = T.optim.Adagrad(cell.parameters(), lr=0.05)
    h = wave.new_zeros(1, 8)
    for chunk in range(20):
        h.detach_()
        losses = []
        for x, target in zip(*(wave[s : s + 5] for s in (5 * chunk, 5 * chunk + 1)), strict=True):
            y, h = cell(x.view(1, 1), h)
            losses.append((y.squeeze() - target.squeeze()) ** 2)
        loss = T.stack(losses).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(cell.parameters(), 0.5)
        optimizer.step()
        yield loss.item()


SCRIPTS = [bigrams, mlp_by_manual_backprop, attention_language_model, truncated_bptt]
