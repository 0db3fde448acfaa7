# %% a loop over the steps
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    mask = causal_mask(x.shape[0])
    steps = [
        lambda y: attend_self(y, y, mask),
        lambda y: attend_memory(y, memory, None),
        mlp,
    ]
    for step in steps:
        x = step(norm(x)) + x
    return x


# %% names for the sums; a mask of booleans of its own
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    places = np.arange(len(x))
    a = x.copy()
    a += attend_self(norm(x), norm(x), places <= places[:, None])
    b = a + attend_memory(norm(a), memory, np.ones((len(x), len(memory)), dtype=bool))
    return b + mlp(norm(b))
