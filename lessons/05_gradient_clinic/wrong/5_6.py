# %% the report's first line
# fails: one_fifth
# hint: the five is the exponent
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "wrong-count",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "leaky": "mask",
    }


# %% a factor, without its cause
# fails: one_fifth
# hint: where does the 1/5 come from
def diagnoses():
    return {
        "bias": "missing-factor",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "leaky": "mask",
    }


# %% a norm where there is none
# fails: ranks
# hint: there is no norm here
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "norm-ignores-one-statistic",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "leaky": "mask",
    }


# %% one statistic
# fails: ranks
# hint: which one does it regard
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-one-statistic",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "leaky": "mask",
    }


# %% transposed
# fails: order_and_paths
# hint: there is more than one way
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "result-transposed",
        "gate": "dropped-term",
        "leaky": "mask",
    }


# %% the input for the output
# fails: order_and_paths
# hint: x is used twice in forward
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "input-for-output",
        "leaky": "mask",
    }


# %% a code of one's own
# fails: order_and_paths
# hint: no code of the table
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "forgot a term",
        "leaky": "mask",
    }


# %% the report's second line
# fails: on_your_own
# hint: g is multiplied
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "leaky": "ignores-upstream",
    }


# %% six of seven
# fails: on_your_own
# hint: The report lists two codes
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
    }
