# %% a mean over all places
# fails: the_mean
# hint: padding too
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.mean(np.log(right) * there)

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / there.size, None, None

    return loss, pullback


# %% padding counts
# fails: the_mean
# hint: padding counts
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.mean(np.log(right))

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d / there.size, None, None

    return loss, pullback


# %% a sum
# fails: the_mean
# hint: not the mean
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there)

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None], None, None

    return loss, pullback


# %% padding gets a gradient
# fails: padding_gets_nothing
# hint: and should get none
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there) / there.sum()

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d / there.sum(), None, None

    return loss, pullback


# %% p subtracted from p
# fails: p_minus_one
# hint: not p
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there) / there.sum()

    def pullback(g):
        d = p - p * np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / there.sum(), None, None

    return loss, pullback


# %% the sign
# fails: p_minus_one
# hint: the sign is turned
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there) / there.sum()

    def pullback(g):
        d = np.eye(logits.shape[-1])[targets] - p
        return g * d * there[..., None] / there.sum(), None, None

    return loss, pullback


# %% without the softmax
# fails: p_minus_one
# hint: without the softmax
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there) / there.sum()

    def pullback(g):
        d = -np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / there.sum(), None, None

    return loss, pullback


# %% the derivative of the sum
# fails: p_minus_one
# hint: the mean over the letters is missing
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there) / there.sum()

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None], None, None

    return loss, pullback


# %% a mean of means
# fails: the_mean
# hint: a short text counts more
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.mean(np.sum(np.log(right) * there, 1) / there.sum(1))

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / there.sum(1)[:, None, None] / len(there), None, None

    return loss, pullback


# %% the lengths must be an array
# fails: empty_texts
# hint: A list has no .sum()
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    loss = -np.sum(np.log(right) * there) / lengths.sum()

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / lengths.sum(), None, None

    return loss, pullback


# %% one letter at least
# fails: empty_texts
# hint: is counted as one letter
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    count = np.maximum(lengths, 1).sum()
    loss = -np.sum(np.log(right) * there) / count

    def pullback(g):
        d = p - np.eye(logits.shape[-1])[targets]
        return g * d * there[..., None] / count, None, None

    return loss, pullback
