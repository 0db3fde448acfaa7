# %% each place once
# fails: counted
# hint: only once
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes), dtype=int)
    counts[labels, called] += 1
    return counts


# %% exchanged
# fails: counted
# hint: rows and columns are exchanged
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (called, labels), 1)
    return counts


# %% shares of everything
# fails: counted
# hint: these are shares
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels, called), 1)
    return counts / counts.sum()


# %% shares of rows
# fails: counted
# hint: shares of each row
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels, called), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


# %% the classes that are there
# fails: absent_classes
# hint: given by `classes`
def confusion(labels, called, classes):
    n = max(labels.max(), called.max()) + 1
    counts = np.zeros((n, n), dtype=int)
    np.add.at(counts, (labels, called), 1)
    return counts


# %% whole rows
# fails: counted
# hint: add 1 at [label, called]
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes), dtype=int)
    for i, _ in zip(labels, called, strict=True):
        counts[i] += 1
    return counts


# %% floats
# fails: whole_numbers
# hint: a count is an integer
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, called), 1)
    return counts


# %% eight bits
# fails: whole_numbers
# hint: An integer of 8 bits ends
def confusion(labels, called, classes):
    counts = np.zeros((classes, classes), dtype=np.uint8)
    np.add.at(counts, (labels, called), 1)
    return counts
