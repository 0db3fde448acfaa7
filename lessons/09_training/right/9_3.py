# %% everything is kept
def fit(step, judge, weights, n, size, epochs, patience, seed):
    losses, kept = [], []
    for epoch in range(epochs):
        for rows in batches(n, size, seed + epoch):
            weights = step(weights, rows)
        losses.append(judge(weights))
        kept.append(weights)
        if epoch - int(np.argmin(losses)) >= patience:
            break
    return kept[int(np.argmin(losses))], losses


# %% a while loop
def fit(step, judge, weights, n, size, epochs, patience, seed):
    losses, best_epoch, best, epoch = [], -1, weights, 0
    while epoch < epochs and epoch - best_epoch <= patience:
        for rows in batches(n, size, seed + epoch):
            weights = step(weights, rows)
        loss = float(judge(weights))
        if not losses or loss < min(losses):
            best_epoch, best = epoch, weights
        losses.append(loss)
        epoch += 1
    return best, losses
