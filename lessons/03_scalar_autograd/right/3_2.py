# %% lists, and a helper
def as_value(x):
    return x if isinstance(x, Value) else Value(float(x))


class Value:
    def __init__(self, data, parents=None, slopes=None):
        self.data = data
        self.grad = 0.0
        self.parents = parents or []
        self.slopes = slopes or []

    def __add__(self, other):
        other = as_value(other)
        return Value(self.data + other.data, [self, other], [1.0, 1.0])

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        other = as_value(other)
        return Value(self.data * other.data, [self, other], [other.data, self.data])

    def __rmul__(self, other):
        return self * other


# %% plain numbers are no parents
class Value:
    __slots__ = ("data", "grad", "parents", "slopes")

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        if isinstance(other, Value):
            return Value(self.data + other.data, (self, other), (1, 1))
        return Value(self.data + other, (self,), (1,))

    def __mul__(self, other):
        if isinstance(other, Value):
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    __radd__ = __add__
    __rmul__ = __mul__
