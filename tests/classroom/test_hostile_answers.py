"""Submissions that lie: about their answers, over the pipe, by what they replace or write to."""

from __future__ import annotations

import time

import numpy as np
import pytest

from minigrad.classroom.asking import RAISED, RIGHT, STOPPED, WRONG
from minigrad.classroom.gradients import gradients_right
from minigrad.classroom.question import same
from tests.classroom.hostile import LIMITS, body, doubled, outcome

pytestmark = pytest.mark.usefixtures("the_next_one_is_graded")

class_of_lies = """
class Lie:
    dtype, shape, ndim, size = np.dtype(float), (5,), 1, 5
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __bool__(self): return True
    def __sub__(self, other): return 0 * other
    def __abs__(self): return 0
    def __array__(self, *args, **kwargs): return np.zeros(5)
    def __float__(self): return 0.0
    def __len__(self): return 5
    def __reduce__(self): return os.system, ("touch harm",)
return Lie()
"""
WRONG_ANSWERS = {
    "lies about equality": class_of_lies,
    "an array that lies": "class A(np.ndarray):\n    def __eq__(self, o): return True\n"
    "return np.zeros(5).view(A)",
    "NaN": "return x * np.nan",
    "None": "return None",
    "text": "return '2 x'",
    "a list in itself": "y = []\ny.append(y)\nreturn y",
    "an array of objects": "return np.array([print, None, 1, 2, 3])",
    "a generator": "return (2 * v for v in x)",
    "a function": "return lambda: x",
    "the wrong shape": "return 2 * x[:, None]",
    "a huge number": "return 10 ** 5000",
    "letters": "return np.array(['a'] * 5)",
    "dates": "return x.astype('datetime64[s]')",
    "a huge array": "return np.zeros(2**24)",
    "its input, changed": "x *= 3\nreturn x",
    "a dict": "return {'x': x}",
    "prints a result": "print('{\"score\": 100}')\nprint('ok: 1 of 1 right')\nreturn x",
    "a name of its own": "return type('ndarray', (), {})()",
}


UNSENDABLE = ("lists more than", "digits", "bytes; the most is")


@pytest.mark.parametrize("source", WRONG_ANSWERS.values(), ids=list(WRONG_ANSWERS))
def test_an_answer_that_is_not_right(nursery, source):
    found = outcome(nursery, body(source))
    assert found.status in (WRONG, RAISED), found
    assert found.status == WRONG or any(words in found.got for words in UNSENDABLE), found


REPLACED = {
    "numpy.testing": "np.testing.assert_allclose = lambda *a, **k: None",
    "np.isclose": "np.isclose = lambda *a, **k: np.True_",
    "gradcheck": "import minigrad\nminigrad.gradcheck = lambda *a, **k: True",
    "minigrad": "sys.modules['minigrad'] = None",
    "the judge's module": "import minigrad.classroom.question as q\nq.same = lambda *a, **k: None",
    "builtins": "import builtins as b\nb.isinstance = lambda *a: True\nb.abs = lambda x: 0",
    "the worker": "import minigrad.classroom.sandbox.worker as w\nw.Worker.reply = "
    "lambda self, request: {'value': np.zeros(5)}",
    "the wire": "import minigrad.classroom.sandbox.wire as w\nw.dump = lambda *a: b''",
    "pickle": "import pickle\npickle.loads = lambda *a: 0",
}


@pytest.mark.parametrize("source", REPLACED.values(), ids=list(REPLACED))
def test_what_is_replaced_over_there_is_not_replaced_here(nursery, source):
    found = outcome(nursery, body(source + "\nreturn 3 * x"))
    assert not found.right


def test_each_question_finds_a_new_process(nursery):
    source = "n = 0\ndef double(x):\n    global n\n    n += 1\n    return n * x\n"

    def counted(student, rng):
        same(student.double(1.0), 1.0, "the first call")

    assert outcome(nursery, source, counted).right
    assert outcome(nursery, source, counted).right


# ---------------------------------------------------------------------- what it writes into


WRITTEN = {
    "zero": "x[...] = 0\nreturn x",
    "infinity": "x[...] = np.inf\nreturn np.full(5, np.inf)",
    "NaN": "x[...] = np.nan\nreturn np.full(5, np.nan)",
}


@pytest.mark.parametrize("source", WRITTEN.values(), ids=list(WRITTEN))
def test_what_is_expected_is_not_made_of_what_it_wrote(nursery, source):
    assert outcome(nursery, body(source)).status == WRONG


PLACES = [
    (lambda x: x, "x[0] = 7"),
    (lambda x: [0, x], "x[1][0] = 7"),
    (lambda x: {"a": (x,)}, "x['a'][0][0] = 7"),
]


@pytest.mark.parametrize(("given", "writes"), PLACES, ids=["an array", "a list", "a dict"])
def test_what_it_writes_is_seen_and_undone(nursery, given, writes):
    x = np.ones(5)

    def left_alone(student, rng):
        student.double(given(x))
        same(x, np.ones(5), "x afterwards")

    assert outcome(nursery, body(writes), left_alone).status == WRONG
    np.testing.assert_array_equal(x, np.ones(5))  # which the next submission may be given


def test_what_it_writes_into_what_is_read_only(nursery):
    def given(student, rng):
        x = np.broadcast_to(1.0, (5,))
        same(student.double(x), 2 * x, "double(x)")

    assert outcome(nursery, body("x *= 2\nreturn x"), given).status == RIGHT
    assert outcome(nursery, body("x *= 0\nreturn x"), given).status == WRONG


# ---------------------------------------------------------------------- the judge's functions


def with_a_function(student, rng):
    same(student.double(lambda x, power=3: x**power - 2 * x), 4.0, "f(2)")


NUMBER = """
class Number:
    def __init__(self, value): self.value = value
    def __pow__(self, n): return self.value ** n
    def __rmul__(self, n): return n * self.value
"""
ENDLESS_NUMBER = """
class Number:
    def __init__(self, f): self.f = f
    def __pow__(self, n): return self.f(self)
"""
CALLED = {
    "a number": ("return x(2.0)", RIGHT),
    "by name": ("return x(power=3, x=2.0)", RIGHT),
    "an object of its own": (f"{NUMBER}\nreturn x(Number(2.0))", RIGHT),
    "an object that calls again": (f"{ENDLESS_NUMBER}\nreturn x(Number(x))", STOPPED),
    "text": ("return x('2')", STOPPED),
    "a number of 4,200 digits": ("return x(10 ** 4200)", STOPPED),
    "too large a number": ("return x(1e300)", WRONG),
    "an argument that is none": ("return x(2.0, y=1)", STOPPED),
    "for ever": ("while True: x(2.0)", STOPPED),
    "on huge arrays": ("a = np.zeros(2**20)\nwhile True: x(a)", STOPPED),
}


@pytest.mark.parametrize(("source", "status"), CALLED.values(), ids=list(CALLED))
def test_a_function_of_the_judges(nursery, source, status):
    found = outcome(nursery, body(source), with_a_function, LIMITS._replace(wall=1.5))
    assert found.status == status, found


# ---------------------------------------------------------------------- raw bytes

RAW = """
import json
def raw(message, body=b''):
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    data = len(text).to_bytes(8, 'little') + len(body).to_bytes(8, 'little') + text + body
    os.set_blocking(3, True)
    while data: data = data[os.write(3, data):]
"""
SENT = {
    "a Tensor of integers that needs a gradient": (
        "raw({'value': {'tensor': [{'array': ['<i8', [1], False]}, True]}}, bytes(8))", STOPPED,
    ),
    "a dtype that is a program": ("raw({'value': {'array': ['f8,(', [1], False]}})", STOPPED),
    "an array of 70 dimensions": (
        "raw({'value': {'array': ['f8', [1] * 70, False]}}, bytes(8))", STOPPED,
    ),
    "a shape without end": ("raw({'value': {'array': ['f8', [0, 2**62, 2**62], False]}})", STOPPED),
    "changes to what is no array": ("raw({'value': 1, 'changed': {'dict': [['7', 3]]}})", STOPPED),
    "changes that are a list": ("raw({'value': 1, 'changed': {'list': [1]}})", STOPPED),
    "changes of another shape": (
        "raw({'value': 1, 'changed': {'dict': [['0', {'array': ['f8', [2], False]}]]}}, bytes(16))",
        STOPPED,
    ),
    "a call of no function": ("raw({'call': 5, 'args': {'list': []}})", STOPPED),
    "a call by text": ("raw({'call': 'x', 'args': {'list': []}})", STOPPED),
    "no value": ("raw({})", STOPPED),
    "an error that is a list": ("raw({'error': {'list': []}})", RAISED),
    "errors of megabytes": ("raw({'error': 'E' * 10**6, 'text': 'T' * 10**6})", RAISED),
    "ten answers": ("for _ in range(10): raw({'value': 1})", WRONG),
    "answers without end": ("while True: raw({'value': 1})", WRONG),
    "a name of megabytes": ("raw({'value': {'ref': ['student', 0, 'k' * 10**6]}})", WRONG),
    "bytes one by one": ("while True:\n    os.write(3, b'\\0')\n    time.sleep(0.2)", STOPPED),
}  # fmt: skip


@pytest.mark.parametrize(("source", "status"), SENT.values(), ids=list(SENT))
def test_what_is_sent_by_hand(nursery, source, status):
    found = outcome(nursery, RAW + body(source), limits=LIMITS._replace(wall=1.5))
    assert found.status == status, found
    assert max(map(len, (found.got, found.why, found.asked))) <= 4_100


def test_calls_within_calls_by_hand(nursery):
    call = "{'call': 0, 'args': {'list': [{'ref': ['student', 0, '']}]}}"
    source = RAW + body(f"for _ in range(2000): raw({call})\ntime.sleep(9)")
    found = outcome(nursery, source, with_a_function, LIMITS._replace(wall=1.5))
    assert found.status == STOPPED
    assert "called within itself" in found.why


# ---------------------------------------------------------------------- gradients and texts


def derived(student, rng):
    gradients_right(student.double, [rng.standard_normal(3)], "double(x)")


def test_a_flag_of_its_output(nursery):
    """Which is the judge's file too: to read it may fail."""
    source = body("import fcntl\nprint('x', flush=True)\nfcntl.fcntl(1, fcntl.F_SETFL, 0o40000)")
    assert outcome(nursery, source).status in (WRONG, RAISED)


NO_GRADIENTS = {
    "NaN": "return x * np.nan, lambda g: g * np.nan",
    "infinity": "return x + np.inf, lambda g: 0 * g",
    "complex": "return 1j * x, lambda g: g",
    "integers": "return np.ones(3, int), lambda g: g",
    "truth values": "return x > 0, lambda g: g",
    "nothing": "return (), lambda g: g",
    "text for a gradient": "return 2 * x, lambda g: ['a']",
    "another shape": "return 2 * x, lambda g: np.ones((9, 9, 9))",
    "no gradient": "return 2 * x, lambda g: None",
    "no pullback": "return 2 * x, 2",
    "zeros": "return 0 * x, lambda g: 0 * g",
    "a constant": "return 7.0, lambda g: 0 * x",
}


@pytest.mark.parametrize("source", NO_GRADIENTS.values(), ids=list(NO_GRADIENTS))
def test_a_gradient_that_is_none(nursery, source):
    found = outcome(nursery, body(source), derived, LIMITS._replace(wall=10))
    assert found.status in (WRONG, RAISED), found


NAMES = {
    "a type": "return type('\\x1b[2J\\u202e', (), {})()",
    "an exception": "raise type('\\x1b[2J', (Exception,), {})('\\ud800')",
    "a line": "import linecache as c\nc.cache['exercises.py'] = 1, None, ['\\x1b[2J'], ''\n1/0",
    "a letter": "return ['\\x1b[2J\\ud800']",
}


@pytest.mark.parametrize("source", NAMES.values(), ids=list(NAMES))
def test_names_do_not_move_the_cursor(nursery, source):
    found = outcome(nursery, body(source))
    text = found.got + found.why + found.asked + found.printed
    assert found.status in (WRONG, RAISED)
    assert all(c.isprintable() or c == "\n" for c in text), text


def doubled_often(student, rng):
    x = student.double(0.5)
    for _ in range(40):
        x = x + x


@pytest.mark.parametrize("answer", ["'a'", "[1]", "(1,)"])
def test_an_answer_of_which_the_judge_makes_too_much(nursery, answer):
    found = outcome(nursery, body(f"return {answer}"), doubled_often)
    assert (found.status, found.why) == (WRONG, "to judge the answer takes too much memory")


def test_lists_in_lists_do_not_make_a_text_without_end(nursery):
    start = time.process_time()
    found = outcome(nursery, body("y = np.ones(40)\nfor _ in range(6): y = [y] * 6\nreturn y"))
    assert found.status == WRONG
    assert len(found.got) <= 4_000
    assert time.process_time() - start < 3  # written out they take 8 s


WRONG_KINDS = {
    "truth values": "return np.ones(100, bool)",
    "complex": "return np.ones(100, complex)",
    "nothing": "return None",
    "a dict": "return {'\\x1b[2J': [x] * 3}",
    "lists in lists": "y = [x]\nfor _ in range(40): y = [y]\nreturn y",
    "a name that moves the cursor": "return type('\\x1b[2J', (), {})()",
}


@pytest.mark.parametrize("lines", WRONG_KINDS.values(), ids=list(WRONG_KINDS))
def test_what_cannot_be_used_is_shown(nursery, lines):
    def unpacked(student, rng):
        value, pullback = student.double(rng.standard_normal(3))
        same(pullback(value), value, "the pullback")

    for question in (unpacked, doubled):
        found = outcome(nursery, body(lines), question)
        assert found.status in (WRONG, RAISED)
        assert "double(" in found.asked
        assert found.got
        assert "\x1b" not in found.got + found.asked + found.why
