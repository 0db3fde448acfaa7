# %% in another order
def diagnoses():
    return {
        "bias": "averaged-broadcast",
        "fifth_powers": "missing-factor",
        "log_soft": "softmax-missing-sum",
        "normalize": "norm-ignores-statistics",
        "move_axes": "permutation-not-inverted",
        "gate": "dropped-term",
        "leaky": "mask",
    }


# %% made of pairs
def diagnoses():
    found = {"gate": "dropped-term", "normalize": "norm-ignores-statistics"}
    found.update(move_axes="permutation-not-inverted", log_soft="softmax-missing-sum")
    found.update(fifth_powers="missing-factor", bias="averaged-broadcast", leaky="mask")
    return found
