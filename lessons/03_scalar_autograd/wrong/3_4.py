# %% assigned, not added
# fails: used_twice
# hint: overwritten where a value is used twice
def backward(root):
    values = order(root)
    root.grad = 1.0
    for value in reversed(values):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad = value.grad * slope


# %% the incoming gradient forgotten
# fails: chain
# hint: multiply it by the slope of the step
def backward(root):
    root.grad = 1.0
    for value in reversed(order(root)):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += slope


# %% from the leaves up
# fails: chain
# hint: this goes from the leaves up
def backward(root):
    root.grad = 1.0
    for value in order(root):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += value.grad * slope


# %% recursive, sending all that has arrived
# fails: used_twice
# hint: sends what it had sent before once more
def backward(root):
    root.grad = 1.0

    def go(value):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += value.grad * slope
            go(parent)

    go(root)


# %% level by level
# fails: nested_diamonds
# hint: before all its users had sent
def backward(root):
    queue = [root]
    root.grad = 1.0
    for value in queue:
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += value.grad * slope
            if parent not in queue:
                queue.append(parent)


# %% path by path: right, and endless
# fails: not_path_by_path
# hint: Visit every value once
def backward(root):
    def go(value, g):
        value.grad += g
        for parent, slope in zip(value.parents, value.slopes):
            go(parent, g * slope)

    go(root, 1.0)


# %% between the leaves nothing is set back
# fails: called_again
# hint: were not set back to 0
def backward(root):
    root.grad += 1.0
    for value in reversed(order(root)):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += value.grad * slope


# %% everything is set back
# fails: called_again
# hint: the leaves were set back to 0, too
def backward(root):
    values = order(root)
    for value in values:
        value.grad = 0.0
    root.grad = 1.0
    for value in reversed(values):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += value.grad * slope


# %% root forgotten
# fails: chain
# hint: Begin with root.grad = 1
def backward(root):
    for value in reversed(order(root)):
        for parent, slope in zip(value.parents, value.slopes):
            parent.grad += value.grad * slope


# %% the leaves alone
# fails: between
# hint: Not only the leaves
def backward(root):
    arrived = {root: 1.0}
    for value in reversed(order(root)):
        g = arrived.pop(value)
        if not value.parents:
            value.grad += g
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            arrived[parent] = arrived.get(parent, 0.0) + g * slope


# %% set back when all is done
# fails: between
# hint: not when it ends
def backward(root):
    root.grad += 1.0
    for value in reversed(order(root)):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += value.grad * slope
        if value.parents:
            value.grad = 0.0


# %% what arrives, by the number
# fails: between
# hint: What is c.grad
def backward(root):
    arrived = {root.data: 1.0}
    values = order(root)
    for value in reversed(values):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            sent = arrived[value.data] * slope
            arrived[parent.data] = arrived.get(parent.data, 0.0) + sent
    for value in values:
        value.grad = arrived[value.data] + (0.0 if value.parents else value.grad)
