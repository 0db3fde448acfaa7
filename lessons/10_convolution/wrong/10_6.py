# %% as it was found
# fails: ties
# hint: each of the largest got all of g
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    share = tiles == value

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% the mean
# fails: largest_of_each_tile
# hint: this is the mean
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.mean(axis=(3, 5), keepdims=True)
    share = np.full(tiles.shape, 1 / size**2)

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% a share for everybody
# fails: to_the_largest
# hint: their slope is 0
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    share = np.full(tiles.shape, 1 / size**2)

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% halved, whoever is equal
# fails: ties
# hint: divide it by their number
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    share = (tiles == value) / size**2

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% no g
# fails: to_the_largest
# hint: their slope is 0
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    share = (tiles == value) / (tiles == value).sum(axis=(3, 5), keepdims=True)

    def pullback(g):
        return (share * 1).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% compared with 0
# fails: largest_of_each_tile
# hint: lies in no tile
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = np.maximum(x.reshape(n, c, h // size, size, w // size, size), 0)
    value = tiles.max(axis=(3, 5), keepdims=True)
    share = (tiles == value) / (tiles == value).sum(axis=(3, 5), keepdims=True)
    return value[:, :, :, 0, :, 0], lambda g: (share * g[:, :, :, None, :, None]).reshape(x.shape)


# %% nothing where pixels are equal
# fails: ties
# hint: all is lost where pixels are equal
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    share = (tiles == value) * ((tiles == value).sum(axis=(3, 5), keepdims=True) == 1)

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% nearly equal is equal
# fails: by_however_little
# hint: nearly as large as the largest
def max_pool(x, size):
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    largest = np.isclose(tiles, value)
    share = largest / largest.sum(axis=(3, 5), keepdims=True)

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback


# %% a little noise against ties
# fails: by_however_little
# hint: A little noise against ties
def max_pool(x, size):
    n, c, h, w = x.shape
    noise = 1e-9 * np.arange(size * size).reshape(size, 1, size)
    tiles = x.reshape(n, c, h // size, size, w // size, size) + noise
    value = tiles.max(axis=(3, 5), keepdims=True)

    def pullback(g):
        return ((tiles == value) * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback
