# %% cleared after the step, copied as a state
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
        net.zero_grad()
        net.eval()
        score = nn.functional.cross_entropy(net(x_held), y_held).item()
        net.train()
        if not losses or score < min(losses):
            best = [np.array(p.detach().numpy()) for p in net.parameters()]
        losses.append(score)
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% without the optimizer
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    smallest = np.inf
    for _ in range(epochs):
        net.train()
        weights = list(net.parameters())
        slopes = mg.autograd.grad(nn.functional.cross_entropy(net(x), y), weights)
        with mg.no_grad():
            for p, g in zip(weights, slopes, strict=True):
                p -= rate * g
            net.eval()
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] < smallest:
            smallest = losses[-1]
            best = [mg.tensor(p.detach().numpy()).numpy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]
