# %% vectors
def factor(a, n):
    a, n = a.ravel(), n.ravel()
    alpha = (a @ n) / (n @ n)
    rest = a - alpha * n
    return alpha, np.sqrt(rest @ rest) / (np.sqrt(a @ a) or 1.0)


# %% by least squares
def factor(a, n):
    if np.all(a == 0):
        return 0.0, 0.0
    alpha = np.linalg.lstsq(n.reshape(-1, 1), a.ravel(), rcond=None)[0][0]
    return float(alpha), float(np.sqrt(((a - alpha * n) ** 2).sum() / (a**2).sum()))
