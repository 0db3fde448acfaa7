// x times 0 or 1 / (1 - p), as the seed decides: see reference/dropout.py.
//
// A thread makes one block of random words, which are those of four elements, 16 apart.

#include "ptx.cuh"
#include "types.cuh"
#include "random.cuh"

template <class T>
__global__ void dropout(const T* __restrict__ x, T* __restrict__ y, u64 seed, u32 threshold,
                        double scale, i64 n) {
    typedef Wide<T> W;
    i64 number = i64(blockIdx.x) * blockDim.x + threadIdx.x;
    i64 first = number / 16 * 64 + number % 16;
    if (first >= n) return;
    Random block(seed, number);
    for (int i = 0; i < 4; i++) {
        i64 at = first + 16 * i;
        W factor = block.words[i] >= threshold ? W(scale) : W(0);
        if (at < n) y[at] = narrow<T>(widen(x[at]) * factor);
    }
}
