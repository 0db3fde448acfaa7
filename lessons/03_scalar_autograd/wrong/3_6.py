# %% only the first bug mended
# fails: number_twice
# hint: an = that should be +=
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

    def __add__(self, other):
        out = Number(self.data + other.data, (self, other))

        def pull():
            self.grad = out.grad
            other.grad = out.grad

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
        queue = [self]
        self.grad = 1.0
        for number in queue:
            number.pull()
            for parent in number.parents:
                if parent not in queue:
                    queue.append(parent)


# %% the first two mended
# fails: number_nested
# hint: before all its users had sent
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
        queue = [self]
        self.grad = 1.0
        for number in queue:
            number.pull()
            for parent in number.parents:
                if parent not in queue:
                    queue.append(parent)


# %% the order mended, the chain not
# fails: number_chain
# hint: the pull in __mul__
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
            other.grad += self.data

        out.pull = pull
        return out

    def backward(self):
        done, seen = [], set()

        def visit(number):
            if number not in seen:
                seen.add(number)
                for parent in number.parents:
                    visit(parent)
                done.append(number)

        visit(self)
        self.grad = 1.0
        for number in reversed(done):
            number.pull()


# %% the order mended, the sum not
# fails: number_twice
# hint: should be +=
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

    def __add__(self, other):
        out = Number(self.data + other.data, (self, other))

        def pull():
            self.grad = out.grad
            other.grad = out.grad

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Number(self.data * other.data, (self, other))

        def pull():
            self.grad = out.grad * other.data
            other.grad = out.grad * self.data

        out.pull = pull
        return out

    def backward(self):
        done, seen = [], set()

        def visit(number):
            if number not in seen:
                seen.add(number)
                for parent in number.parents:
                    visit(parent)
                done.append(number)

        visit(self)
        self.grad = 1.0
        for number in reversed(done):
            number.pull()


# %% sorted, and walked from the wrong end
# fails: number_chain
# hint: from the leaves up
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
        done, seen = [], set()

        def visit(number):
            if number not in seen:
                seen.add(number)
                for parent in number.parents:
                    visit(parent)
                done.append(number)

        visit(self)
        self.grad = 1.0
        for number in done:
            number.pull()


# %% depth first without waiting
# fails: number_nested
# hint: Who sends too early?
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
        stack, seen = [self], {self}
        self.grad = 1.0
        while stack:
            number = stack.pop()
            number.pull()
            for parent in number.parents:
                if parent not in seen:
                    seen.add(parent)
                    stack.append(parent)


# %% every path, all that has arrived
# fails: number_twice
# hint: hands on twice all that it has
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
        self.grad = 1.0

        def go(number):
            number.pull()
            for parent in number.parents:
                go(parent)

        go(self)


# %% every user queues its parents once more
# fails: number_twice
# hint: hands on twice all that it has
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
        queue = [self]
        self.grad = 1.0
        for number in queue:
            number.pull()
            queue += number.parents


# %% every way is walked, and what is twice thrown out
# fails: number_paths
# hint: Visit each number once
class Number:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

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
        visits, stack = [], [self]
        while stack:
            visits.append(stack.pop())
            stack += visits[-1].parents
        self.grad = 1.0
        for number in reversed(dict.fromkeys(reversed(visits))):
            number.pull()
