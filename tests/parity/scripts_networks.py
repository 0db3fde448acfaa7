"""Scripts of the weeks after: classifiers, GAN, VAE, hooks, checkpoints.

As in `scripts_first_steps`: functions of the library `T` that yield the loss of every step.
"""

import copy
import math

import numpy as np

import minigrad
from tests.parity.scripts_first_steps import start


def data_of(T):
    """The line that changes: `torch.utils.data` is `minigrad.data`."""
    return minigrad.data if T is minigrad else T.utils.data


def digits(T, n=320):
    rng = np.random.default_rng(0)
    x, y = minigrad.data.digits()[0].tensors
    chosen = rng.permutation(len(y))[:n]
    images, labels = x.numpy()[chosen].astype(np.float64), y.numpy()[chosen]
    return T.from_numpy(images), T.from_numpy(labels)


def logistic_regression(T):
    """Digits, DataLoader, CrossEntropyLoss; an accuracy under no_grad at the end of an epoch."""
    x, y = digits(T)
    TensorDataset, DataLoader = data_of(T).TensorDataset, data_of(T).DataLoader
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=False)
    device = T.device("cuda" if T.cuda.is_available() else "cpu")
    model = start(T, T.nn.Linear(64, 10)).to(device)
    criterion = T.nn.CrossEntropyLoss()
    optimizer = T.optim.SGD(model.parameters(), lr=0.5)
    for _epoch in range(2):
        model.train()
        for batch, (images, labels) in enumerate(loader):
            images, labels = images.to(device), labels.to(device)
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss.item()
            assert batch < len(loader)
        model.eval()
        total, correct = 0, 0
        with T.no_grad():
            for images, labels in loader:
                _, predicted = T.max(model(images).data, 1)
                total += labels.size(0)
                correct += (predicted == labels).type(T.float).sum().item()
        assert total == len(loader.dataset)
        yield correct / total


def regularized_mlp(T):
    """BatchNorm1d, weight decay for weights only, clipping, a schedule, early stopping.

    The Dropout has p=0: the rest of a script must not depend on whose random numbers it draws.
    """
    nn = T.nn

    class Net(nn.Module):
        def __init__(self, hidden=32, p=0.0):
            super().__init__()
            self.fc1 = nn.Linear(64, hidden)
            self.bn = nn.BatchNorm1d(hidden)
            self.drop = nn.Dropout(p)
            self.fc2 = nn.Linear(hidden, 10)

        def forward(self, x):
            x = x.view(x.size(0), -1)
            return self.fc2(self.drop(T.relu(self.bn(self.fc1(x)))))

    x, y = digits(T)
    train_x, val_x = T.split(x, [256, 64])
    train_y, val_y = y[:256], y[256:]
    model = start(T, Net())
    decay = [p for name, p in model.named_parameters() if p.dim() > 1]
    rest = [p for name, p in model.named_parameters() if p.ndim <= 1]
    optimizer = T.optim.AdamW(
        [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=0.02
    )
    scheduler = T.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    best, best_state, patience = float("inf"), None, 0
    for _epoch in range(20):
        model.train()
        optimizer.zero_grad()
        loss = T.nn.functional.cross_entropy(model(train_x), train_y, label_smoothing=0.1)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
        model.eval()
        with T.inference_mode():
            val_loss = T.nn.functional.cross_entropy(model(val_x), val_y).item()
        yield from (loss.item(), float(norm), val_loss, scheduler.get_last_lr()[0])
        if val_loss < best:
            best, best_state, patience = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            patience += 1
            if patience > 5:
                break
    assert str(model.load_state_dict(best_state)) == "<All keys matched successfully>"
    yield sum(p.numel() for p in model.parameters() if p.requires_grad)
    yield T.nn.functional.cross_entropy(model(val_x), val_y).item()


def gan(T):
    """Noise to a normal distribution: two optimizers, fakes detached for the discriminator."""
    nn = T.nn
    G = start(T, nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1)))
    D = start(T, nn.Sequential(nn.Linear(1, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1)), 1)
    opt_g = T.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.999))
    opt_d = T.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
    bce = nn.BCEWithLogitsLoss()
    rng = np.random.default_rng(0)
    for step in range(20):
        real = T.from_numpy(rng.normal(3, 0.5, (32, 1)))
        fake = G(T.from_numpy(rng.normal(size=(32, 2))))
        d_real, d_fake = D(real), D(fake.detach())
        loss_d = bce(d_real, T.ones_like(d_real)) + bce(d_fake, T.zeros_like(d_fake))
        D.zero_grad()
        loss_d.backward()
        assert step > 0 or all(p.grad is None for p in G.parameters())
        opt_d.step()
        output = D(fake)
        loss_g = bce(output, T.ones_like(output))
        G.zero_grad()
        loss_g.backward()
        opt_g.step()
        yield loss_d.item()
        yield loss_g.item()


def vae(T):
    """Encoder, reparametrisation, decoder; binary cross-entropy and the KL divergence."""
    nn, F = T.nn, T.nn.functional

    class VAE(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(64, 20)
            self.fc21, self.fc22 = nn.Linear(20, 3), nn.Linear(20, 3)
            self.decoder = nn.Sequential(
                nn.Linear(3, 20), nn.ReLU(inplace=True), nn.Linear(20, 64), nn.Sigmoid()
            )

        def forward(self, x, eps):
            h = F.relu(self.fc1(x))
            mu, logvar = self.fc21(h), self.fc22(h)
            std = T.exp(0.5 * logvar)
            return self.decoder(mu + eps * std), mu, logvar

    x, _ = digits(T, 64)
    model = start(T, VAE())
    optimizer = T.optim.Adam(model.parameters(), lr=1e-2)
    rng = np.random.default_rng(0)
    for _ in range(20):
        eps = T.as_tensor(rng.normal(size=(64, 3)))
        recon, mu, logvar = model(x, eps)
        BCE = F.binary_cross_entropy(recon, x, reduction="sum")
        KLD = -0.5 * T.sum(1 + logvar - mu.pow(2) - logvar.exp())
        optimizer.zero_grad()
        (BCE + KLD).backward()
        optimizer.step()
        yield (BCE + KLD).item() / len(x)


def hooks(T):
    """Activations and gradients seen by hooks; one frozen layer; transfer to a new head."""
    nn = T.nn
    layers = [nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 10)]
    net = start(T, nn.Sequential(*layers))
    activations, gradients = {}, {}

    def remember(name):
        def hook(module, input, output):
            activations[name] = output.detach()

        return hook

    def backward_hook(module, grad_input, grad_output):
        gradients["head"] = grad_output[0]

    handles = [layer.register_forward_hook(remember(n)) for n, layer in net.named_children()]
    handles.append(net[-1].register_full_backward_hook(backward_hook))
    for p in net[0].parameters():
        p.requires_grad = False
    net[-1].weight.register_hook(lambda g: 0.5 * g)
    optimizer = T.optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.5)
    x, y = digits(T, 64)
    for _ in range(20):
        loss = nn.NLLLoss()(nn.functional.log_softmax(net(x), dim=1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()
        yield activations["1"].eq(0).double().mean().item()
        yield gradients["head"].abs().max().item()
    for handle in handles:
        handle.remove()
    activations.clear()
    net(x)
    assert not activations


def checkpoint(T, path):
    """Ten steps, save everything, forget it, load it, ten more steps: the loss goes on."""
    x, y = digits(T, 64)

    def make(seed):
        model = start(
            T, T.nn.Sequential(T.nn.Linear(64, 16), T.nn.ELU(), T.nn.Linear(16, 10)), seed
        )
        optimizer = T.optim.Adam(model.parameters(), lr=0.05)
        return model, optimizer, T.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)

    model, optimizer, scheduler = make(0)
    for epoch in range(20):
        loss = T.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()
        if epoch == 9:
            T.save(
                {
                    "epoch": epoch,
                    "model_state_dict": model.state_dict(),
                    "optimizer_state_dict": optimizer.state_dict(),
                    "scheduler_state_dict": scheduler.state_dict(),
                    "loss": loss,
                },
                path,
            )
            model, optimizer, scheduler = make(1)
            saved = T.load(path, map_location=T.device("cpu"), weights_only=True)
            model.load_state_dict(saved["model_state_dict"])
            optimizer.load_state_dict(saved["optimizer_state_dict"])
            scheduler.load_state_dict(saved["scheduler_state_dict"])
            assert saved["epoch"] == 9
            assert math.isclose(saved["loss"].item(), loss.item())


def random_everywhere(T):
    """The accuracy on held-out digits of a net whose every random number is the library's own."""
    nn, data = T.nn, data_of(T)
    T.manual_seed(0)

    class Noise(nn.Module):
        def forward(self, x):
            return x + 0.05 * T.randn_like(x) if self.training else x

    class Digits(data.Dataset):
        def __init__(self):
            self.x, self.y = digits(T, 600)

        def __len__(self):
            return len(self.y)

        def __getitem__(self, i):
            return self.x[i], self.y[i].item()

    def initialize(m):
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            m.bias.data.fill_(0.01)

    train, test = data.random_split(Digits(), [0.8, 0.2], generator=T.Generator().manual_seed(1))
    train_loader = data.DataLoader(train, batch_size=40, shuffle=True, drop_last=True)
    test_x, test_y = next(iter(data.DataLoader(test, batch_size=len(test))))
    net = nn.Sequential(Noise(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))
    net.apply(initialize)
    optimizer = T.optim.Adam(net.parameters(), lr=1e-2)
    scheduler = T.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", patience=3)
    for _epoch in range(10):
        net.train()
        running_loss = 0.0
        for inputs, labels in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * inputs.size(0)
        scheduler.step(running_loss)
    with T.no_grad():
        return (net.eval()(test_x).argmax(dim=1) == test_y).double().mean().item()


SCRIPTS = [
    logistic_regression,
    regularized_mlp,
    gan,
    vae,
    hooks,
]
