# %% class by class
def scores(counts):
    precision, recall, f1 = [], [], []
    for c in range(len(counts)):
        hits = counts[c, c]
        alarms, missed = counts[:, c].sum() - hits, counts[c].sum() - hits
        precision.append(hits / (hits + alarms) if hits else 0.0)
        recall.append(hits / (hits + missed) if hits else 0.0)
        f1.append(hits / (hits + (alarms + missed) / 2) if hits else 0.0)
    return np.array(precision), np.array(recall), np.array(f1)


# %% by the two shares
def scores(counts):
    hits = counts.diagonal().astype(float)
    p = np.divide(hits, counts.sum(0), out=np.zeros_like(hits), where=counts.sum(0) > 0)
    r = np.divide(hits, counts.sum(1), out=np.zeros_like(hits), where=counts.sum(1) > 0)
    both = p + r
    return p, r, 2 * p * r / np.where(both == 0, 1, both)
