# %% a product for each axis
def strides_of(shape):
    return tuple(int(np.prod(shape[i + 1 :], dtype=int)) for i in range(len(shape)))


# %% a cumulative product
def strides_of(shape):
    return np.cumprod((1, *shape[:0:-1]), dtype=int)[: len(shape)][::-1]
