# %% no offset
# fails: positions
# hint: the offset is missing
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% shape for strides
# fails: positions
# hint: shape is not strides
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.shape, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% two axes only
# fails: positions
# hint: Add what all axes contribute
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + index[0] * self.strides[0] + index[1] * self.strides[1]

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% the shape alone is turned
# fails: turned
# hint: the strides were not
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides, self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% turned without the offset
# fails: turned
# hint: what of the offset
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1])

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% two axes exchanged, the others forgotten
# fails: turned
# hint: both turned round
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        (m, n), (s, t) = self.shape[:2], self.strides[:2]
        return Strided(self.strip, (n, m), (t, s), self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% backward from the beginning
# fails: backward
# hint: begin at the old last row
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        strides = (-self.strides[0], *self.strides[1:])
        return Strided(self.strip, self.shape, strides, self.offset)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% one step too far
# fails: backward
# hint: (shape[0] - 1)
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + self.shape[0] * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% the last axis backward
# fails: backward
# hint: it is the first
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[-1] - 1) * self.strides[-1]
        return Strided(self.strip, self.shape, (*self.strides[:-1], -self.strides[-1]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% repeated on the strip
# fails: again_and_again
# hint: k * stride must be 0
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        size = len(self.strip)
        return Strided(self.strip * n, (n, *self.shape), (size, *self.strides), self.offset)


# %% a stride of 1
# fails: again_and_again
# hint: whatever k is
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (1, *self.strides), self.offset)


# %% views with a copied strip
# fails: one_strip
# hint: the very same list
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(list(self.strip), self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% a new strip for every put
# fails: one_strip
# hint: handed on as it is
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        place = self.position(index)
        self.strip = self.strip[:place] + [value] + self.strip[place + 1 :]

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% mirrored by the shape's strides
# fails: chains
# hint: Its own, not those of its shape
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        step = int(np.prod(self.shape[1:]))
        step = step if self.strides[0] > 0 else -step
        start = self.offset + (self.shape[0] - 1) * step
        return Strided(self.strip, self.shape, (-step, *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% repeated by the shape's strides
# fails: chains
# hint: say how the strip is read
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        strides = [int(np.prod(self.shape[i + 1 :])) for i in range(len(self.shape))]
        return Strided(self.strip, (n, *self.shape), (0, *strides), self.offset)
