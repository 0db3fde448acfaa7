# %% added when it is met
# fails: parents_first
# hint: comes after it
def order(root):
    found, stack = [], [root]
    while stack:
        value = stack.pop()
        if value not in found:
            found.append(value)
            stack += value.parents
    return found[::-1]


# %% level by level
# fails: parents_first
# hint: comes after it
def order(root):
    queue = [root]
    for value in queue:
        for parent in value.parents:
            if parent not in queue:
                queue.append(parent)
    return queue[::-1]


# %% turned round
# fails: parents_first
# hint: it is turned round
def order(root):
    found, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent in value.parents:
                visit(parent)
            found.append(value)

    visit(root)
    return found[::-1]


# %% recursive
# fails: deep
# hint: a while loop that pops from it
def order(root):
    found, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent in value.parents:
                visit(parent)
            found.append(value)

    visit(root)
    return found


# %% once for every path
# fails: each_once
# hint: A Value that was seen is passed over
def order(root):
    return [v for parent in root.parents for v in order(parent)] + [root]


# %% without root
# fails: each_once
# hint: Root itself belongs to it
def order(root):
    found, seen = [], {root}

    def visit(value):
        for parent in value.parents:
            if parent not in seen:
                seen.add(parent)
                visit(parent)
                found.append(parent)

    visit(root)
    return found


# %% without the leaves
# fails: each_once
# hint: the numbers that were put in
def order(root):
    found, seen = [], set()

    def visit(value):
        if value not in seen and value.parents:
            seen.add(value)
            for parent in value.parents:
                visit(parent)
            found.append(value)

    visit(root)
    return found


# %% sorted by the number
# fails: parents_first
# hint: comes after it
def order(root):
    seen, stack = {root}, [root]
    while stack:
        for parent in stack.pop().parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=lambda v: v.data)


# %% seen by their numbers
# fails: of_any_graph
# hint: Two Values may hold the same number
def order(root):
    found, seen, stack = [], set(), [(root, False)]
    while stack:
        value, parents_done = stack.pop()
        if parents_done:
            found.append(value)
        elif value.data not in seen:
            seen.add(value.data)
            stack.append((value, True))
            stack += [(parent, False) for parent in value.parents]
    return found


# %% every way is walked, and what is twice thrown out
# fails: of_any_graph
# hint: do not go down again
def order(root):
    visits, stack = [], [root]
    while stack:
        value = stack.pop()
        visits.append(value)
        stack += value.parents
    return list(dict.fromkeys(reversed(visits)))
