# %% with dot products and moved axes
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        return int(self.offset + np.dot(index, self.strides))

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        order = range(len(self.shape) - 1, -1, -1)
        shape, strides = (tuple(x[i] for i in order) for x in (self.shape, self.strides))
        return type(self)(self.strip, shape, strides, self.offset)

    def mirrored(self):
        start = self.offset + (self.shape[0] - 1) * self.strides[0]
        return Strided(self.strip, self.shape, (-self.strides[0], *self.strides[1:]), start)

    def repeated(self, n):
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)


# %% with lists
class Strided:
    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        place = self.offset
        for axis, i in enumerate(index):
            place += i * self.strides[axis]
        return place

    def at(self, index):
        return self.strip[self.position(index)]

    def put(self, index, value):
        self.strip[self.position(index)] = value

    def transposed(self):
        return Strided(self.strip, list(self.shape)[::-1], list(self.strides)[::-1], self.offset)

    def mirrored(self):
        n, strides = self.shape[0], list(self.strides)
        end = self.position([n - 1] + [0] * (len(strides) - 1))
        strides[0] *= -1
        return Strided(self.strip, list(self.shape), strides, end)

    def repeated(self, n):
        return Strided(self.strip, [n, *self.shape], [0, *self.strides], self.offset)
