"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict."""

from collections import OrderedDict

import pytest

import minigrad as mg
from minigrad import nn


class Add(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, x):
        return x + self.n

    def extra_repr(self):
        return str(self.n)


def numbers(modules):
    return [m.n for m in modules]


def named(m):
    return [(name, child.n) for name, child in m._modules.items()]


# ------------------------------------------------------------------ Sequential and ModuleList


def test_sequential_runs_in_order():
    class Double(nn.Module):
        def forward(self, x):
            return 2 * x

    assert nn.Sequential(Add(1), Double(), Add(10))(3) == 18
    assert nn.Sequential()(3) == 3


def test_a_sequential_with_parameters_of_its_own_calls_only_its_modules():
    class Scaled(nn.Sequential):
        def __init__(self, *modules):
            super().__init__(*modules)
            self.scale = nn.Parameter(mg.tensor(2.0))

        def forward(self, x):
            return self.scale * super().forward(x)

    s = Scaled(Add(1))
    assert s(mg.tensor(3.0)).item() == 8
    assert len(s) == 1


def test_sequential_of_names():
    s = nn.Sequential(OrderedDict([("first", Add(1)), ("second", Add(2))]))
    assert s.first.n == 1
    assert s[1] is s.second
    assert s(0) == 3
    part = s[1:]
    assert isinstance(part, nn.Sequential)
    assert named(part) == [("second", 2)]


@pytest.mark.parametrize("make", [lambda *m: nn.Sequential(*m), lambda *m: nn.ModuleList(m)])
def test_as_a_list(make):
    s = make(Add(0), Add(1), Add(2))
    assert len(s) == 3
    assert numbers(s) == [0, 1, 2]
    assert s[-1].n == 2
    assert numbers(s[::2]) == [0, 2]
    assert type(s[:1]) is type(s)
    s[1] = Add(10)
    s[-1] = Add(20)
    assert numbers(s) == [0, 10, 20]
    assert s.append(Add(30)) is s
    s.extend([Add(40), Add(50)])
    s.extend(make(Add(60)))
    assert named(s) == [(str(i), 10 * i) for i in range(7)]
    del s[1]
    del s[-2:]
    assert named(s) == [("0", 0), ("1", 20), ("2", 30), ("3", 40)]
    s.insert(1, Add(5))
    s.insert(-1, Add(35))
    assert named(s) == [("0", 0), ("1", 5), ("2", 20), ("3", 30), ("4", 35), ("5", 40)]
    assert s.pop(1).n == 5
    assert numbers(s) == [0, 20, 30, 35, 40]
    with pytest.raises(IndexError, match="index 5 is out of range for 5 modules"):
        s[5]
    with pytest.raises(IndexError, match="index -6 is out of range"):
        s[-6] = Add(1)
    with pytest.raises(IndexError):
        del s[9]
    with pytest.raises(TypeError, match="cannot assign 'int' object to module '5'"):
        s.append(3)


def test_extending_by_itself_ends():
    s = nn.ModuleList([Add(1), Add(2)])
    s.extend(s)
    assert numbers(s) == [1, 2, 1, 2]
    p = nn.ParameterList([mg.ones(1)])
    p.extend(p)
    assert len(p) == 2


def test_sequential_arithmetic():
    a, b = nn.Sequential(Add(1)), nn.Sequential(Add(2), Add(3))
    assert numbers(a + b) == [1, 2, 3]
    assert numbers(b * 2) == numbers(2 * b) == [2, 3, 2, 3]
    assert (b * 2)[0] is (b * 2)[2]
    a += b
    a *= 2
    assert named(a) == [("0", 1), ("1", 2), ("2", 3), ("3", 1), ("4", 2), ("5", 3)]
    with pytest.raises(ValueError, match="expected another Sequential"):
        a + nn.ModuleList()
    with pytest.raises(ValueError, match="expected a positive number"):
        a * 0
    with pytest.raises(TypeError, match="expected an int"):
        a * 1.5
    with pytest.raises(AssertionError, match="expected a Module"):
        a.insert(0, 3)
    with pytest.raises(IndexError, match="out of range"):
        a.insert(9, Add(1))


def test_module_list_arithmetic_and_errors():
    a = nn.ModuleList([Add(1)])
    assert numbers(a + nn.ModuleList([Add(2)])) == [1, 2]
    a += [Add(3)]
    assert named(a) == [("0", 1), ("1", 3)]
    with pytest.raises(TypeError, match="expected an iterable of Modules, got int"):
        a.extend(3)
    with pytest.raises(NotImplementedError):
        a(1)


def test_repr_of_a_list_counts_equal_neighbours():
    assert repr(nn.ModuleList([Add(1), Add(1), Add(2)])) == (
        "ModuleList(\n  (0-1): 2 x Add(1)\n  (2): Add(2)\n)"
    )
    assert repr(nn.ModuleList()) == "ModuleList()"
    inner = nn.Sequential(Add(1))
    assert repr(nn.ModuleList([inner, inner])) == (
        "ModuleList(\n  (0-1): 2 x Sequential(\n    (0): Add(1)\n  )\n)"
    )


def test_parameters_of_what_is_in_them_are_found():
    m = nn.ModuleDict({"list": nn.ModuleList([nn.Linear(1, 1)])})
    assert [name for name, _ in m.named_parameters()] == ["list.0.weight", "list.0.bias"]


# ------------------------------------------------------------------ ModuleDict


def test_module_dict():
    d = nn.ModuleDict({"b": Add(2), "a": Add(1)})
    assert list(d) == list(d.keys()) == ["b", "a"]
    assert numbers(d.values()) == [2, 1]
    assert [(k, m.n) for k, m in d.items()] == [("b", 2), ("a", 1)]
    assert d["a"].n == 1
    assert "a" in d
    assert "c" not in d
    d["c"] = Add(3)
    d.update([("d", Add(4)), ("a", Add(10))])
    assert named(d) == [("b", 2), ("a", 10), ("c", 3), ("d", 4)]
    assert d.pop("a").n == 10
    del d["b"]
    assert len(d) == 2
    for missing in (lambda: d["b"], lambda: d.pop("b"), lambda: d.__delitem__("training")):
        with pytest.raises(KeyError):
            missing()
    with pytest.raises(KeyError, match="attribute 'keys' already exists"):
        d["keys"] = Add(1)
    with pytest.raises(TypeError, match="got int"):
        d.update(3)
    with pytest.raises(TypeError, match="element 0 is 3"):
        d.update([3])
    with pytest.raises(ValueError, match="element 0 has length 1"):
        d.update([("x",)])
    d.clear()
    assert len(d) == 0
    assert repr(nn.ModuleDict({"a": Add(1)})) == "ModuleDict(\n  (a): Add(1)\n)"


# ------------------------------------------------------------------ ParameterList, ParameterDict


def test_parameter_list():
    p = nn.Parameter(mg.ones(2))
    items = nn.ParameterList([p, mg.zeros(2, 3), "text"])
    assert items[0] is p
    assert isinstance(items[1], nn.Parameter)
    assert items[-1] == "text"
    assert [name for name, _ in items.named_parameters()] == ["0", "1"]
    assert len(items) == 3
    assert len(items[:2]) == 2
    items.append(mg.ones(1)).extend([mg.ones(1)])
    items += [mg.ones(1)]
    items[0] = mg.ones(5)
    assert items[0].shape == (5,)
    assert [type(v).__name__ for v in items] == ["Parameter", "Parameter", "str"] + [
        "Parameter"
    ] * 3
    assert "(1): Parameter containing: [float32 of size 2x3]\n" in repr(items)
    assert "(2): Object of type: str" in repr(items)
    with pytest.raises(IndexError, match="index 6 is out of range for 6 items"):
        items[6]
    with pytest.raises(TypeError, match="expected a list of values, got Tensor"):
        items.extend(mg.ones(2))
    with pytest.raises(RuntimeError, match="should not be called"):
        items(1)


def test_parameter_dict():
    d = nn.ParameterDict({"b": mg.ones(1), "a": nn.Parameter(mg.ones(2))})
    assert list(d) == ["a", "b"]  # sorted, as in PyTorch
    assert list(nn.ParameterDict(OrderedDict([("b", 1), ("a", 2)]))) == ["b", "a"]
    assert isinstance(d["b"], nn.Parameter)
    assert [name for name, _ in d.named_parameters()] == ["a", "b"]
    d["c"] = "text"
    assert d.get("c") == "text"
    assert d.get("x", 3) == 3
    assert d.setdefault("d", 4) == d.setdefault("d", 5) == 4
    assert list(reversed(d)) == ["d", "c", "b", "a"]
    assert d.popitem() == ("d", 4)
    assert d.pop("c") == "text"
    twin = d.copy()
    assert twin["a"] is d["a"]
    assert list(d | {"z": 1}) == ["a", "b", "z"]
    assert list({"z": 1} | d) == ["z", "a", "b"]
    d |= {"y": 2}
    assert list(d.keys()) == ["a", "b", "y"]
    assert list(d.fromkeys(["k", "j"], 0).items()) == [("k", 0), ("j", 0)]
    assert "(a): Parameter containing:" in repr(d)
    with pytest.raises(TypeError, match="a key must be a string, got 3"):
        d[3] = 1
    with pytest.raises(RuntimeError, match="should not be called"):
        d(1)
    del d["a"]
    assert "a" not in d
    d.clear()
    assert len(d) == 0
    assert not list(d.parameters())
