# %% one after the other, with masks
def name_the_fault(a, n):
    close = 1e-6 * abs(n).max()
    same = abs(a - n) <= close
    if same.all():
        return None
    alpha, rest = factor(a, n)
    if rest < 1e-5 and alpha != 0:
        return "wrong-sign" if np.isclose(alpha, -1, atol=1e-5) else "missing-factor"
    zero = abs(a) <= close
    if n.shape[0] == n.shape[1]:
        diagonal = np.eye(len(n), dtype=bool)
        if same[diagonal].all() and zero[~diagonal].all():
            return "diagonal-softmax"
    if np.all(zero | same):
        return "kept-one-slice"
    if n.shape[0] == n.shape[1] and zero[~diagonal].all() and (abs(n[~diagonal]) <= close).all():
        return "input-for-output"
    return "unknown"


# %% a table of questions
def name_the_fault(a, n):
    small = 2e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if left_over < 1e-7 and alpha:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"
