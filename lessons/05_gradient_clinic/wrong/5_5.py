# %% equality
# fails: none_at_all
# hint: not with 0
def name_the_fault(a, n):
    small = 0.0 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"


# %% the sign not asked
# fails: constant_factors
# hint: a is alpha n with one alpha
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"


# %% every negative one is a sign
# fails: constant_factors
# hint: a is -n
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6 or abs(alpha) < 1:
        return "wrong-sign" if alpha < 0.9 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"


# %% slices before diagonals
# fails: missing_entries
# hint: has to be asked for first
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = len(n) == n.shape[1]
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"


# %% everything diagonal is a wrong formula
# fails: missing_entries
# hint: both are diagonal
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(a))):
        return "input-for-output"
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    return "unknown"


# %% guesses at the end
# fails: wrong_formula
# hint: do not guess
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square:
        return "input-for-output"
    return "unknown"


# %% a large rest let through
# fails: wrong_formula
# hint: no one factor fits
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1.5:
        return "wrong-sign" if abs(alpha + 1) < 1e-6 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"


# %% whatever turns the sign
# fails: others
# hint: is not a wrong sign alone
def name_the_fault(a, n):
    small = 1e-6 * np.abs(n).max()

    def equal(p, q):
        return np.abs(p - q).max() <= small

    if equal(a, n):
        return None
    alpha, left_over = factor(a, n)
    if alpha and left_over < 1e-6:
        return "wrong-sign" if alpha < 0 else "missing-factor"
    square = len(n) == n.shape[1]
    if square and equal(a, np.diag(np.diag(n))):
        return "diagonal-softmax"
    if ((abs(a) <= small) | (abs(a - n) <= small)).all():
        return "kept-one-slice"
    if square and equal(a, np.diag(np.diag(a))) and equal(n, np.diag(np.diag(n))):
        return "input-for-output"
    return "unknown"
