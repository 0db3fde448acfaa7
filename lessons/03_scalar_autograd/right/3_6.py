# %% by age: what was made later is handed on first
class Number:
    made = 0

    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None
        Number.made += 1
        self.age = Number.made

    def __add__(self, other):
        out = Number(self.data + other.data, (self, other))

        def pull():
            self.grad += out.grad
            other.grad += out.grad

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Number(self.data * other.data, (self, other))

        def pull():
            self.grad += out.grad * other.data
            other.grad += out.grad * self.data

        out.pull = pull
        return out

    def backward(self):
        below, stack = {self}, [self]
        while stack:
            for parent in stack.pop().parents:
                if parent not in below:
                    below.add(parent)
                    stack.append(parent)
        self.grad = 1.0
        for number in sorted(below, key=lambda n: -n.age):
            number.pull()


# %% micrograd's own way, recursive
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

    def __add__(self, other):
        out = Number(self.data + other.data, (self, other))

        def pull():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Number(self.data * other.data, (self, other))

        def pull():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.pull = pull
        return out

    def backward(self):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for parent in v.parents:
                    build(parent)
                topo.append(v)

        build(self)
        self.grad = 1
        for v in reversed(topo):
            v.pull()
