# %% only the letters that there are
def next_letter_loss(logits, targets, lengths):
    there = np.arange(logits.shape[1]) < np.asarray(lengths)[:, None]
    rows, right = logits[there], targets[there]
    top = rows.max(axis=1, keepdims=True)
    log_p = rows - top - np.log(np.exp(rows - top).sum(axis=1, keepdims=True))
    n = len(rows)

    def pullback(g):
        d = np.exp(log_p)
        d[np.arange(n), right] -= 1
        full = np.zeros_like(logits)
        full[there] = d * g / n
        return full, None, None

    return -log_p[np.arange(n), right].mean(), pullback


# %% a loop
def next_letter_loss(logits, targets, lengths):
    count = int(np.sum(lengths))
    d = np.zeros_like(logits)
    loss = 0.0
    for b, length in enumerate(lengths):
        for t in range(int(length)):
            e = np.exp(logits[b, t] - logits[b, t].max())
            d[b, t] = e / e.sum()
            loss -= np.log(d[b, t, targets[b, t]]) / count
            d[b, t, targets[b, t]] -= 1
    return loss, lambda g: (g * d / count, None, None)
