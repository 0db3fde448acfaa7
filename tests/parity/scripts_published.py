"""Scripts in the manner of published model code: what it does that tutorials do not.

As in `scripts_first_steps`: functions of the library `T` that yield the loss of every step.
"""

import importlib
import math

import numpy as np

from tests.parity.scripts_first_steps import start


def the_first_years(T):
    """Causal convolutions with weight norm; Variables, typed Tensors and `.data` of those days."""
    nn, F = T.nn, T.nn.functional
    Variable = T.autograd.Variable

    class Causal(nn.Module):
        def __init__(self, channels, dilation):
            super(Causal, self).__init__()  # noqa: UP008
            self.chop = 2 * dilation
            conv = nn.Conv1d(channels, channels, 3, padding=self.chop, dilation=dilation)
            self.conv = nn.utils.weight_norm(conv)
            self.dropout = nn.Dropout(p=0.0)

        def forward(self, x):
            out = self.conv(x)[:, :, : -self.chop].contiguous()
            return F.relu(self.dropout(out) + x)

    class Copy(nn.Module):
        def __init__(self, symbols, channels=8):
            super(Copy, self).__init__()  # noqa: UP008
            self.embed = nn.Embedding(symbols, channels, padding_idx=0)
            self.body = nn.Sequential(*[Causal(channels, 2**i) for i in range(3)])
            self.out = nn.Linear(channels, symbols)
            self.out.bias.data.zero_()

        def forward(self, ids):
            assert isinstance(ids, T.LongTensor)
            if ids.is_cuda:
                ids = ids.cuda()
            x = self.body(self.embed(ids).transpose(1, 2)).transpose(1, 2)
            return self.out(x)

    rng = np.random.default_rng(0)
    net = start(T, Copy(5))
    optimizer = T.optim.RMSprop(net.parameters(), lr=0.01)
    for step in range(15):
        x = Variable(T.LongTensor(rng.integers(1, 5, (4, 10)).tolist()), volatile=False)
        y = T.LongTensor(4, 10)
        y.zero_()
        y[:, 3:] = x.data[:, :-3]
        logits = net(x).view(-1, 5)
        weight = (y.view(-1) != 0).type(T.DoubleTensor)
        loss = (F.cross_entropy(logits, y.view(-1), reduction="none") * weight).sum() / weight.sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step == 10:
            for layer in net.body:
                nn.utils.remove_weight_norm(layer.conv)
            optimizer = T.optim.RMSprop(net.parameters(), lr=0.01)
        yield loss.item()


def spectral_gan(T):
    """A GAN with spectral norm, hinge losses, two forwards of the critic before one backward."""
    nn, F = T.nn, T.nn.functional
    sn = nn.utils.spectral_norm

    def weights_init(m):
        if m.__class__.__name__.find("Linear") != -1:
            nn.init.constant_(m.bias, 0.0)

    critic = nn.Sequential(
        sn(nn.Linear(2, 16)), nn.LeakyReLU(0.1, inplace=True), sn(nn.Linear(16, 1), eps=1e-6)
    )
    generator = nn.Sequential(nn.Linear(3, 16), nn.ReLU(True), nn.Linear(16, 2))
    start(T, critic), start(T, generator)
    rng = np.random.default_rng(1)
    for m in critic[0], critic[2]:  # what it draws at random
        for buffer in m.weight_u, m.weight_v:
            x = T.tensor(rng.standard_normal(tuple(buffer.shape)))
            buffer.copy_(F.normalize(x, dim=0))
    critic.apply(weights_init)
    steps = {
        net: T.optim.Adam(net.parameters(), lr=0.02, betas=(0.0, 0.9))
        for net in (critic, generator)
    }
    for _ in range(10):
        real = T.tensor(rng.standard_normal((8, 2)) * 0.1 + 1)
        noise = T.tensor(rng.standard_normal((8, 3)))
        critic_loss = F.relu(1 - critic(real)).mean()
        critic_loss = critic_loss + F.relu(1 + critic(generator(noise).detach())).mean()
        steps[critic].zero_grad()
        critic_loss.backward()
        steps[critic].step()
        generator_loss = -critic(generator(noise)).mean()
        steps[generator].zero_grad()
        generator_loss.backward()
        steps[generator].step()
        yield critic_loss.item()
        yield generator_loss.item()


def graph_attention(T):
    """Attention over the neighbours in a graph, recomputed in backward; marks for compilers."""
    nn, F = T.nn, T.nn.functional
    checkpoint = importlib.import_module(f"{T.__name__}.utils.checkpoint")

    class Attention(nn.Module):
        def __init__(self, n_in, n_out, heads):
            super().__init__()
            T._assert(n_out % heads == 0, "the heads do not divide the outputs")
            self.heads = heads
            self.weight = nn.Parameter(T.empty(size=(n_in, n_out)))
            self.source, self.target = (
                nn.Parameter(T.empty(size=(heads, n_out // heads, 1))) for _ in range(2)
            )
            self.reset_parameters()

        @T.jit.ignore
        def reset_parameters(self):
            for p in self.parameters():
                nn.init.xavier_normal_(p)

        def forward(self, h, adjacent):
            h = T.mm(h, self.weight).view(len(h), self.heads, -1).permute(1, 0, 2)
            scores = F.leaky_relu(h @ self.source + (h @ self.target).mT, 0.2)
            scores = T.where(adjacent > 0, scores, -9e15 * T.ones_like(scores))
            return (F.softmax(scores, dim=-1) @ h).permute(1, 0, 2).flatten(1)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = Attention(4, 8, 2), Attention(8, 3, 1)

        def forward(self, x, adjacent):
            if T.jit.is_scripting() or not self.training:
                x = self.first(x, adjacent)
            else:
                x = checkpoint.checkpoint(self.first, x, adjacent, use_reentrant=False)
            return F.log_softmax(self.second(F.elu(x), adjacent), dim=1)

    rng = np.random.default_rng(0)
    x = T.tensor(rng.standard_normal((12, 4)))
    adjacent = T.tensor((rng.random((12, 12)) < 0.3) | np.eye(12, dtype=bool)).double()
    labels = T.tensor(rng.integers(0, 3, 12))
    net = start(T, Net())
    optimizer = T.optim.Adam(net.parameters(), lr=0.05, weight_decay=5e-4)
    for epoch in range(15):
        loss = F.nll_loss(net.train()(x, adjacent)[:8], labels[:8])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()
        with T.no_grad():
            held_out = F.nll_loss(net.eval()(x, adjacent)[8:], labels[8:])
        assert math.isfinite(held_out.item()), epoch
        yield held_out.item()


SCRIPTS = [the_first_years, spectral_gan, graph_attention]
