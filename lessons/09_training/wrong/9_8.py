# %% slopes add up
# fails: this_step_alone
# hint: who clears .grad
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% dropout in the exam
# fails: no_dropout_in_the_exam
# hint: two modes, and a method to enter each
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% no dropout after the first exam
# fails: dropout_in_training
# hint: nothing is dropped in it
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    net.train()
    for _ in range(epochs):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% the arrays themselves
# fails: the_best_are_kept
# hint: weights of the last epoch
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% a new list of the same arrays
# fails: the_best_are_kept
# hint: Keep a copy
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        kept = list(net.parameters())
        if losses[-1] == min(losses):
            best = [p.detach().numpy() for p in kept]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% eval from the beginning
# fails: dropout_in_training
# hint: In which mode does the second epoch begin
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    net.eval()
    for _ in range(epochs):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% the last that was better than the one before
# fails: the_best_are_kept
# hint: only than the one before
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if len(losses) < 2 or losses[-1] < losses[-2]:
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% cleared between backward and step
# fails: this_step_alone
# hint: Compare the second step
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% only the last exam without dropout
# fails: every_epoch
# hint: not only at the last
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for epoch in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch == epochs - 1:
            net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]


# %% it leaves when the loss rises
# fails: every_epoch
# hint: also where the loss rises
def learn(x, y, x_held, y_held, epochs, rate, drop):
    mg.manual_seed(0)
    net = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), Dropping(drop), nn.Linear(8, 3))
    optimizer = optim.SGD(net.parameters(), lr=rate)
    x, y, x_held, y_held = (mg.tensor(a) for a in (x, y, x_held, y_held))
    x, x_held = x.float(), x_held.float()
    losses, best = [], None
    for _ in range(epochs):
        net.train()
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with mg.no_grad():
            losses.append(nn.functional.cross_entropy(net(x_held), y_held).item())
        if losses[-1] == min(losses):
            best = [p.detach().numpy().copy() for p in net.parameters()]
        else:
            break
    return losses, best, [p.detach().numpy().copy() for p in net.parameters()]
