# %% the last weights
# fails: the_best_come_back
# hint: the last epoch, not of the best
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return weights, losses


# %% the count goes on
# fails: patience
# hint: must begin anew
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights = losses[-1], weights
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% compared with the last loss
# fails: patience
# hint: compared with the best, not the last
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if len(losses) < 2 or losses[-1] < losses[-2]:
            best_weights, waited = weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% one epoch too long
# fails: patience
# hint: one epoch too long
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited > patience:
                break
    return best_weights, losses


# %% the same order in each epoch
# fails: another_order
# hint: another seed
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% judged after each batch
# fails: the_loop
# hint: judged after each batch
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
            score = judge(weights)
        losses.append(score)
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% steps that lead nowhere
# fails: the_loop
# hint: Are they given to the next step
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% equal is better
# fails: patience
# hint: that is equal to the best is not better
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] <= best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% it never stops
# fails: patience
# hint: it never stops
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights = losses[-1], weights
    return best_weights, losses


# %% the loss of the best alone comes back
# fails: the_loop
# hint: The losses of all epochs
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, [best]


# %% a best loss of 1000 to begin with
# fails: losses_of_any_size
# hint: No number is large enough
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = 1000.0, weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% a best loss of 0 is none
# fails: losses_of_any_size
# hint: 0.0 is false in Python
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = None, weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, seed + epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if not best or losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses


# %% the epoch alone is the seed
# fails: seed_of_each_epoch
# hint: seed is not used
def fit(step, judge, weights, n, size, epochs, patience, seed):
    best, best_weights, waited, losses = float("inf"), weights, 0, []
    for epoch in range(epochs):
        for batch in batches(n, size, epoch):
            weights = step(weights, batch)
        losses.append(judge(weights))
        if losses[-1] < best:
            best, best_weights, waited = losses[-1], weights, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_weights, losses
