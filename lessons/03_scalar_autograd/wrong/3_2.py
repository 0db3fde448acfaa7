# %% slopes of the product swapped
# fails: remembers
# hint: the two slopes are swapped
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (self.data, other.data))

    __radd__, __rmul__ = __add__, __mul__


# %% a number only on the right
# fails: plain_numbers
# hint: __rmul__
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))


# %% no plain numbers
# fails: plain_numbers
# hint: isinstance(other, Value)
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__


# %% the numbers are remembered, not the Values
# fails: remembers
# hint: (self, other) as its parents
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self.data, other.data), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self.data, other.data), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__


# %% a leaf that cannot be made alone
# fails: leaf
# hint: where none are given
class Value:
    def __init__(self, data, parents, slopes):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))


# %% changes itself
# fails: computes
# hint: returns a new Value
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        self.data = self.data + other.data
        self.parents, self.slopes = (self, other), (1.0, 1.0)
        return self

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))


# %% the grad is 1 from the beginning
# fails: leaf
# hint: every grad begins as 0
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 1.0

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__


# %% the slope of a multiple
# fails: the_very_parents
# hint: How fast does 3 * a rise
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value(self.data * other, (self,), (self.data,))
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__


# %% copies as parents
# fails: the_very_parents
# hint: a copy of it is
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data = data.data if isinstance(data, Value) else data
        self.parents, self.slopes, self.grad = parents, slopes, 0.0

    def __add__(self, other):
        p, q = Value(self), Value(other)
        return Value(p.data + q.data, (p, q), (1.0, 1.0))

    def __mul__(self, other):
        p, q = Value(self), Value(other)
        return Value(p.data * q.data, (p, q), (q.data, p.data))

    __radd__, __rmul__ = __add__, __mul__
