// Updates of many parameters in one launch: see reference/optimizer.py.
//
// The elements of all parameters are cut into pieces, a block each. What the blocks get is a table
// of 64-bit words, a column for each parameter: the addresses of its arrays; how many elements it
// has; the number of its first piece; two numbers of its own.

#include "ptx.cuh"
#include "types.cuh"

constexpr int PIECE = 4096;

struct Table {
    const i64* words;
    int columns;
    template <class T> __device__ __forceinline__ T* array(int row, int i) const {
        return reinterpret_cast<T*>(words[row * columns + i]);
    }
    __device__ __forceinline__ double number(int row, int i) const {
        return reinterpret_cast<const double*>(words)[row * columns + i];
    }
    // The parameter that this block's piece is of; its elements from `start` to `end`.
    __device__ __forceinline__ int find(int lists, i64& start, i64& end) const {
        const i64 *sizes = words + lists * columns, *firsts = sizes + columns;
        int low = 0, high = columns;  // the last column whose first piece is not after this one
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (firsts[middle] <= blockIdx.x) low = middle;
            else high = middle;
        }
        start = (blockIdx.x - firsts[low]) * PIECE;
        end = start + PIECE < sizes[low] ? start + PIECE : sizes[low];
        return low;
    }
};

// Weight decay; without it p may be infinite and does no harm.
template <class W> __device__ __forceinline__ W decayed(W g, W p, W decay) {
    return decay != 0 ? g + decay * p : g;
}

template <class T, bool AMSGRAD>
__global__ void adam(const i64* words, int columns, double beta1, double beta2, double decay,
                     double shrink, double sign) {
    typedef Wide<T> W;
    constexpr int LISTS = AMSGRAD ? 5 : 4;
    Table table = {words, columns};
    i64 start, end;
    int i = table.find(LISTS, start, end);
    T *p = table.array<T>(0, i), *m = table.array<T>(2, i), *v = table.array<T>(3, i);
    const T* g = table.array<const T>(1, i);
    T* largest = AMSGRAD ? table.array<T>(4, i) : nullptr;
    W alpha = W(table.number(LISTS + 2, i)), eps = W(table.number(LISTS + 3, i));
    for (i64 j = start + threadIdx.x; j < end; j += blockDim.x) {
        W one = decayed(W(sign) * widen(g[j]), widen(p[j]), W(decay));
        W mean = widen(m[j]) + W(1 - beta1) * (one - widen(m[j]));
        W square = W(beta2) * widen(v[j]) + W(1 - beta2) * (one * one);
        m[j] = narrow<T>(mean), v[j] = narrow<T>(square);
        if (AMSGRAD) {
            W before = widen(largest[j]);
            square = before >= square || before != before ? before : square;  // NaN stays
            largest[j] = narrow<T>(square);
        }
        p[j] = narrow<T>(W(shrink) * widen(p[j]) - alpha * mean / (sqrt(square) + eps));
    }
}

// b = kept b + taken g, with two numbers of the parameter's own: a fresh buffer begins with g.
template <class T, bool MOMENTUM>
__global__ void sgd(const i64* words, int columns, double lr, double momentum, double decay,
                    double sign, int nesterov) {
    typedef Wide<T> W;
    constexpr int LISTS = MOMENTUM ? 3 : 2;
    Table table = {words, columns};
    i64 start, end;
    int i = table.find(LISTS, start, end);
    T *p = table.array<T>(0, i), *b = MOMENTUM ? table.array<T>(2, i) : nullptr;
    const T* g = table.array<const T>(1, i);
    W kept = W(table.number(LISTS + 2, i)), taken = W(table.number(LISTS + 3, i));
    for (i64 j = start + threadIdx.x; j < end; j += blockDim.x) {
        W one = decayed(W(sign) * widen(g[j]), widen(p[j]), W(decay));
        if (MOMENTUM) {
            W sum = kept * widen(b[j]) + taken * one;
            b[j] = narrow<T>(sum);
            one = nesterov ? one + W(momentum) * sum : sum;
        }
        p[j] = narrow<T>(widen(p[j]) - W(lr) * one);
    }
}
