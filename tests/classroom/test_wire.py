"""What goes over the pipe: everything that it can say comes back the same, all else is refused."""

from __future__ import annotations

import json
import math
import os
import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.classroom.sandbox.channel import Channel, Closed, Late
from minigrad.classroom.sandbox.wire import HEADER, LARGEST, LONGEST, Malformed, Ref, dump, load


def refuse(x):
    raise TypeError(f"{x!r} does not go over the pipe")


def there_and_back(x, keep=refuse):
    data = dump({"value": x}, keep)
    text, body = HEADER.unpack(data[: HEADER.size])
    rest = data[HEADER.size :]
    assert len(rest) == text + body
    return load(rest[:text], rest[text:])["value"]


arrays = hnp.arrays(
    st.sampled_from(["f8", "f4", "i8", "i1", "u2", "?", "c16", ">f8"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(values)
def test_plain_values(x):
    found = there_and_back(x)
    assert repr(found) == repr(x)


@given(arrays)
def test_arrays(a):
    found = there_and_back([a, (a, 1)])
    for b in (found[0], found[1][0]):
        assert (b.dtype, b.shape) == (a.dtype, a.shape)
        assert b.tobytes() == a.tobytes()
        assert b.flags.writeable


def test_arrays_of_every_layout():
    a = np.arange(24.0).reshape(2, 3, 4)
    for view in (a.T, a[:, ::-1], a[:, :, ::2], np.broadcast_to(a[0], (5, 3, 4))):
        np.testing.assert_array_equal(there_and_back(view), view)


def test_scalars_and_tensors():
    found = there_and_back([np.float32(1.5), mg.tensor([1.0, 2.0], requires_grad=True)])
    assert type(found[0]) is np.float32
    assert found[1].requires_grad
    np.testing.assert_array_equal(found[1].detach().numpy(), [1.0, 2.0])


def test_what_else_there_is_stays_and_is_named():
    kept = []

    def keep(x):
        kept.append(x)
        return Ref("student", len(kept) - 1, type(x).__name__)

    found = there_and_back({"f": math.sin, "o": np.array([None]), 3: 1}, keep)
    assert found == Ref("student", 0, "dict")  # its keys are not all text
    found = there_and_back([math.sin, np.array([None]), mg.ones(2, requires_grad=True) * 2], keep)
    assert [ref.kind for ref in found] == ["builtin_function_or_method", "ndarray", "Tensor"]


def test_subclasses_are_what_they_hold_or_stay():
    class Number(float):
        pass

    class Array(np.ndarray):
        def __eq__(self, other):
            return True

    assert type(there_and_back(np.ones(2).view(Array))) is np.ndarray
    assert there_and_back(Number(1), lambda x: Ref("student", 0, "Number")).kind == "Number"


def test_too_deep_and_too_large():
    x: list = []
    for _ in range(60):
        x = [x]
    with pytest.raises(Malformed, match="lists more than 50 deep"):
        dump({"value": x}, refuse)
    with pytest.raises(Malformed, match="bytes; the most is"):
        dump({"value": "a" * (LONGEST + 1)}, refuse)
    with pytest.raises(Malformed, match="bytes; the most is"):
        dump({"value": np.zeros(LARGEST + 1, np.uint8)}, refuse)


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_any_bytes_are_a_message_or_malformed(text, body):
    try:
        load(text, body)
    except Malformed:
        return
    json.loads(text)


NOT_MESSAGES = [
    "[]", "3", '{"value": [1]}', '{"value": {}}', '{"value": {"a": 1, "b": 2}}',
    '{"value": {"array": ["O", [1], false]}}', '{"value": {"array": ["f8", [-1], false]}}',
    '{"value": {"array": ["f8", [1], false]}}', '{"value": {"array": ["f8", [1e9], false]}}',
    '{"value": {"array": ["V8", [1], false]}}', '{"value": {"array": ["f8,f8", [1], false]}}',
    '{"value": {"array": ["f8", [99999999999], false]}}', '{"value": {"ref": ["me", 0, ""]}}',
    '{"value": {"ref": ["student", true, ""]}}', '{"value": {"body": 1}}',
    '{"value": {"array": 3}}', '{"value": {"int": "x"}}', '{"value": {"__class__": 1}}',
    '{"value": {"array": ["f8,(", [1], false]}}', '{"value": {"array": ["(2,f8", [1], false]}}',
    '{"value": {"array": ["a8", [1], false]}}', '{"value": {"array": [["f8"], [1], false]}}',
    '{"value": {"tensor": [{"array": ["i8", [0], false]}, true]}}',
    '{"value": {"tensor": [{"list": []}, true]}}', '{"value": {"dict": [[1]]}}',
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_MESSAGES)
def test_what_is_no_message(text):
    with pytest.raises(Malformed):
        load(text.encode(), b"")


def test_truth_values_are_true_or_false():
    """A byte of 2 would be true, and so would its negation."""
    found = load(b'{"value": {"array": ["|b1", [3], false]}}', b"\0\1\2")["value"]
    assert found.tobytes() == b"\0\1\1"


def test_bytes_that_no_array_takes():
    with pytest.raises(Malformed, match="4 bytes too many"):
        load(b'{"value": 1}', b"abcd")


# ---------------------------------------------------------------------- the channel


@pytest.fixture
def pair():
    a, b = socket.socketpair()
    ends = Channel(a.detach()), Channel(b.detach())
    yield ends
    for end in ends:
        end.close()


def test_messages_over_a_channel(pair):
    mine, theirs = pair
    mine.send({"value": np.arange(3)}, refuse)
    np.testing.assert_array_equal(theirs.receive()["value"], [0, 1, 2])


def test_a_channel_does_not_wait_for_ever(pair):
    mine, _ = pair
    mine.deadline = 0.0
    with pytest.raises(Late):
        mine.receive()
    with pytest.raises(Late):
        mine.send({"value": np.zeros(2**21)}, refuse)


def test_a_channel_that_was_closed():
    a, b = socket.socketpair()
    mine = Channel(a.detach())
    b.close()
    with pytest.raises(Closed):
        mine.receive()
    mine.close()


def test_a_header_of_gigabytes_is_refused_before_it_is_read(pair):
    mine, theirs = pair
    os.write(mine.descriptor, HEADER.pack(2**40, 0))
    with pytest.raises(Malformed, match="the most is"):
        theirs.receive()
