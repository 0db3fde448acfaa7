"""How work is shared out among threads: `@parallel`.

    @parallel
    def double(part, parts, x, y):
        first, last = bounds(part, parts, len(x))
        for i in range(first, last):
            y[i] = 2 * x[i]

    double[4](x, y)         # in four parts, each by whichever thread comes to it; part: 0 to 3

Numba's own `prange` does the same, but compiles what stands in its loop four times, each time as
part of something larger, and takes Python's lock for each loop. Here the threads of the same pool
(OpenMP's or TBB's) call a function that is compiled already. A single part wakes no thread.
"""

from __future__ import annotations

import functools
import threading
import types
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.types import Array, BaseTuple, intp, none
from numba.np.ufunc.parallel import _launch_threads

from kernels.cpu.jit import MAY, jit
from kernels.cpu.vectors import INDEX, intrinsic


def parallel(body: Callable | None = None, *, fastmath: Any = MAY, name: str = "") -> Any:
    """body(part, parts, *arguments) as something to be called as body[parts](*arguments).

    What the body returns is not kept; 0 parts do nothing. name: of one of several bodies that are
    made by the same lines. LLVM knows a function by its qualified name, its argument types and a
    number that counts up in each process: of two bodies with one name, compiled in two processes
    and both read from disk, one would be called in the place of the other.
    """
    if body is None:
        return functools.partial(parallel, fastmath=fastmath, name=name)
    return Parallel(body, fastmath, name)


class Parallel:
    def __init__(self, body: Callable, fastmath: Any, name: str) -> None:
        self.__name__, self.__doc__, self.__wrapped__ = body.__name__, body.__doc__, body
        body.__qualname__ += name
        # `for_each` alone has it, so it needs no way to be called from Python.
        compiled = jit(body, fastmath=fastmath, no_cpython_wrapper=True)
        # A function to compile for each body: kept on disk under its name, in its file's folder.
        code = _all_parts.__code__.replace(
            co_filename=body.__code__.co_filename, co_firstlineno=body.__code__.co_firstlineno
        )
        names = {"for_each": for_each, "body": compiled, "__name__": body.__module__}
        driver = types.FunctionType(code, names, f"{body.__name__}_all")
        driver.__qualname__ = f"{body.__qualname__}_all"
        driver.__module__ = body.__module__
        self.run = jit(driver)

    def __getitem__(self, parts: int) -> Callable[..., None]:
        if _threads_may_enter():
            return functools.partial(self.run, parts)
        return functools.partial(_one_at_a_time, self.run, parts)


body: Any = None  # in each copy that `Parallel` makes of this function, another one


def _all_parts(parts, *arguments):
    for_each(body, parts, arguments)


@jit(forceinline=True)
def bounds(part, parts, count):
    """Where one of so many nearly equal parts of `count` things begins and ends."""
    return count * part // parts, count * (part + 1) // parts


# ---------------------------------------------------------------------------- Numba's thread pools


def _one_at_a_time(run: Callable, *args: Any) -> None:
    with _LOCK:
        run(*args)


_LOCK = threading.RLock()


@functools.cache
def _threads_may_enter() -> bool:
    """Whether two threads may run parallel kernels at once: not with Numba's own thread pool, the
    "workqueue", which ends the process then. Wheels without OpenMP (macOS) have nothing else."""
    for layer in ("omppool", "tbbpool"):
        try:
            __import__(f"numba.np.ufunc.{layer}")
        except ImportError:
            continue
        return True
    return False


POINTER = ir.IntType(8).as_pointer()
# What a pool calls on each thread, and how it is asked to: parallel_for(work, args, sizes, steps,
# data, ...) of Numba's omppool.cpp, made for the loops of NumPy's generalised ufuncs over arrays.
WORK = ir.FunctionType(
    ir.VoidType(), [POINTER.as_pointer(), INDEX.as_pointer(), INDEX.as_pointer(), POINTER]
)
PARALLEL_FOR = ir.FunctionType(ir.VoidType(), [POINTER] * 5 + [INDEX] * 3)
GET_NUM_THREADS = ir.FunctionType(INDEX, [])


@intrinsic
def for_each(typing, body, parts, arguments):
    """body(part, parts, *arguments) for every part from 0 to parts - 1, by threads of the pool.

    Each thread gets parts that are neighbours.
    """
    signature = none(body, intp, arguments)
    call = body.get_call_type(typing, (intp, intp, *arguments), {})

    def generate(context, builder, signature, values):
        _, parts, arguments = values
        arguments = _uncounted(context, builder, signature.args[2], arguments)
        compiled = body.dispatcher.get_compile_result(call)
        library = context.active_code_library
        library.add_linking_library(compiled.library)
        library._reload_init.add(_launch_threads)  # also when this is loaded from disk
        _launch_threads()

        # What the threads have in common: all arguments, and whether a part has failed.
        shared_type = ir.LiteralStructType([INDEX, arguments.type, ir.IntType(1)])
        shared = cgutils.alloca_once(builder, shared_type)
        fields = [cgutils.gep_inbounds(builder, shared, 0, i) for i in range(3)]
        for field, value in zip(fields, (parts, arguments, cgutils.false_bit), strict=True):
            builder.store(value, field)

        # For part i, a pool hands over args + i * steps: it thinks of pointers into arrays. Here
        # both begin at the shared data and one goes on by a byte, so that they are i apart.
        args = cgutils.pack_array(builder, 2 * [builder.bitcast(shared, POINTER)])
        args = cgutils.alloca_once_value(builder, args)
        steps = cgutils.alloca_once_value(builder, ir.ArrayType(INDEX, 2)([1, 0]))
        sizes = cgutils.alloca_once_value(builder, parts)
        work = _work(context, builder.module, compiled.fndesc, shared_type)
        nothing, ask = POINTER(None), cgutils.get_or_insert_function
        alone = builder.icmp_signed("==", parts, INDEX(1))
        with builder.if_else(alone) as (here, elsewhere):
            with here:
                pointers = (builder.bitcast(a, INDEX.as_pointer()) for a in (sizes, steps))
                first = builder.bitcast(args, POINTER.as_pointer())
                builder.call(work, [first, *pointers, nothing])
            with elsewhere:
                pointers = (builder.bitcast(a, POINTER) for a in (work, args, sizes, steps))
                threads = builder.call(ask(builder.module, GET_NUM_THREADS, "get_num_threads"), [])
                parallel_for = ask(builder.module, PARALLEL_FOR, "numba_parallel_for")
                sizes = (
                    INDEX(0),
                    INDEX(2),
                )  # of what the pool hands over: no more axes, two pointers
                builder.call(parallel_for, [*pointers, nothing, *sizes, threads])
        with builder.if_then(builder.load(fields[2]), likely=False):
            text = "a part of a parallel kernel failed: is there no memory left?"
            context.call_conv.return_user_exc(builder, RuntimeError, (text,))
        return context.get_dummy_value()

    return signature, generate


def _uncounted(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """The arrays in a value as ones of which nobody counts the references: the caller has one.

    Two threads that count up and down the same number wait for each other each time.
    """
    if isinstance(kind, Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = POINTER(None)
        return array._getvalue()
    if isinstance(kind, BaseTuple):
        for i, item in enumerate(kind):  # pyright: ignore[reportArgumentType]
            part = builder.extract_value(value, i)
            value = builder.insert_value(value, _uncounted(context, builder, item, part), i)
    return value


def _work(context, module, body, shared_type):
    """The function that a pool calls: the body, for each part of a range."""
    work = ir.Function(module, WORK, module.get_unique_name("work"))
    work.linkage = "internal"
    args, sizes, _, _ = work.args
    builder = ir.IRBuilder(work.append_basic_block())
    moved, shared = builder.load(args), builder.load(builder.gep(args, [INDEX(1)]))
    first = builder.sub(builder.ptrtoint(moved, INDEX), builder.ptrtoint(shared, INDEX))
    shared = builder.bitcast(shared, shared_type.as_pointer())
    parts, arguments, failed = (cgutils.gep_inbounds(builder, shared, 0, i) for i in range(3))
    parts, arguments = builder.load(parts), builder.load(arguments)
    arguments = cgutils.unpack_tuple(builder, arguments, len(body.argtypes) - 2)
    called = context.declare_function(module, body)
    with cgutils.for_range(builder, builder.load(sizes)) as turn:
        part = builder.add(first, turn.index)
        status, _ = context.call_conv.call_function(
            builder, called, body.restype, body.argtypes, [part, parts, *arguments]
        )
        with builder.if_then(status.is_error, likely=False):
            builder.store(cgutils.true_bit, failed)
    builder.ret_void()
    return work
