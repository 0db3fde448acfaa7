"""Kernels for NVIDIA GPUs, on CuPy arrays.

Each file has a readable kernel in Numba, which is compiled for the GPU, or run by Numba's simulator
where there is none (NUMBA_ENABLE_CUDASIM=1, on NumPy arrays). Where speed asks for it there is CUDA
C++ beside it, in a `.cu` file of the same name, which is the one that runs on a GPU:

    stem            CUDA C++                            and its readable twin in Numba
    activation      activation.cu                       a thread an element
    softmax         softmax.cu                          a block of threads shares a row
    cross_entropy   cross_entropy.cu                    the same
    normalize       normalize.cu                        the same
    dropout         dropout.cu                          a thread four elements
    optimizer       optimizer.cu                        a thread an element
    matmul          matmul.cu                           tiles in shared memory
    conv            conv.cu, tensor_conv.py             the same, of tiles picked from the images
    attention       attention.cu, attention_backward.cu,
                    tensor_attention.py                 the same, FlashAttention's recurrence

    launch.py       how Numba's kernels are started, and what a block does together
    source.py       how CUDA C++ is compiled and started
    types.cuh       the number types; ptx.cuh: the machine's own instructions
    random.cuh      the random numbers of dropout
    rows.cuh        rows read by teams of threads; logsumexp.cuh: the online softmax
    tensor.cuh      fragments and tiles for tensor cores; gemm.cuh: the loop of a matrix product
    device.py       what the GPU could do at best

To read: softmax.py, matmul.py; then types.cuh, rows.cuh, softmax.cu; then tensor.cuh, gemm.cuh,
matmul.cu; then attention.py and attention.cu.

dtypes: float32 and float64, and with CUDA C++ float16 and bfloat16, which are read and written as
such and computed with in float32; statistics that backward needs (lse, mean, rstd) stay float32.
NumPy has no bfloat16 of its own: it is the dtype of the package `ml_dtypes`, which CuPy 14 knows.

To look for races on a GPU: `compute-sanitizer --tool racecheck python -m pytest -m gpu`, and
`--tool memcheck` for reads and writes outside of arrays. Without one, tests/kernels/emulator runs
the CUDA C++ on a CPU, with the threads in more than one order.
"""
