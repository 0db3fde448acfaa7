# %% norm(x) goes on
# fails: untouched
# hint: norm(x) goes on
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = y + attend_self(y, y, causal_mask(len(x)))
    x = x + attend_memory(norm(x), memory, None)
    return x + mlp(norm(x))


# %% a norm at the end too
# fails: untouched
# hint: norm round the last line
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, causal_mask(len(x)))
    x = x + attend_memory(norm(x), memory, None)
    return norm(x + mlp(norm(x)))


# %% post-norm
# fails: untouched
# hint: x itself
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    x = norm(x + attend_self(x, x, causal_mask(len(x))))
    x = norm(x + attend_memory(x, memory, None))
    return norm(x + mlp(x))


# %% no mask
# fails: no_future
# hint: all is seen
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, None)
    x = x + attend_memory(norm(x), memory, None)
    return x + mlp(norm(x))


# %% the input asks
# fails: who_asks
# hint: they are exchanged
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, causal_mask(len(x)))
    x = x + attend_memory(memory, norm(x), None)
    return x + mlp(norm(x))


# %% the mask on the input
# fails: no_future
# hint: the input is no future
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, causal_mask(len(x)))
    x = x + attend_memory(norm(x), memory, np.tri(len(x), len(memory), dtype=bool))
    return x + mlp(norm(x))


# %% side by side
# fails: who_asks
# hint: not after it
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    return x + attend_self(y, y, causal_mask(len(x))) + attend_memory(y, memory, None) + mlp(y)


# %% nothing is added
# fails: untouched
# hint: it does not take its place
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = attend_self(y, y, causal_mask(len(x)))
    x = attend_memory(norm(x), memory, None)
    return mlp(norm(x))


# %% one norm for two steps
# fails: whole_layer
# hint: the norm of the result
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, causal_mask(len(x)))
    y = norm(x)
    x = x + attend_memory(y, memory, None)
    return x + mlp(y)


# %% no mask is left out
# fails: three_arguments
# hint: the mask is left out
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, causal_mask(len(x)))
    x = x + attend_memory(norm(x), memory)
    return x + mlp(norm(x))


# %% a mask of numbers
# fails: three_arguments
# hint: not of booleans
def decoder_block(x, memory, norm, attend_self, attend_memory, mlp):
    y = norm(x)
    x = x + attend_self(y, y, np.tri(len(x)))
    x = x + attend_memory(norm(x), memory, None)
    return x + mlp(norm(x))
