# %% Kahn's: a value is ready when all that use it are out
def order(root):
    users, seen, stack = {root: 0}, {root}, [root]
    while stack:
        for parent in stack.pop().parents:
            users[parent] = users.get(parent, 0) + 1
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    found, ready = [], [root]
    while ready:
        value = ready.pop()
        found.append(value)
        for parent in value.parents:
            users[parent] -= 1
            if not users[parent]:
                ready.append(parent)
    return found[::-1]


# %% iterators on a stack: the recursion written out
def order(root):
    found, seen = [], {id(root)}
    path = [(root, iter(root.parents))]
    while path:
        value, rest = path[-1]
        for parent in rest:
            if id(parent) not in seen:
                seen.add(id(parent))
                path.append((parent, iter(parent.parents)))
                break
        else:
            found.append(value)
            path.pop()
    return found
