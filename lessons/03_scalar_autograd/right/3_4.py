# %% gradients beside the values, in a dict
def backward(root):
    arrived = {root: 1.0}
    for value in reversed(order(root)):
        g = arrived.pop(value)
        value.grad = g if value.parents else value.grad + g
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            arrived[parent] = arrived.get(parent, 0.0) + g * slope


# %% pulled by each value from its users
def backward(root):
    values = order(root)
    users = {value: [] for value in values}
    for value in values:
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            users[parent].append((value, slope))
    slopes = {root: 1.0}
    for value in values[::-1][1:]:
        slopes[value] = sum(slopes[user] * slope for user, slope in users[value])
    for value, slope in slopes.items():
        value.grad = slope + (0.0 if value.parents else value.grad)
