// C = A B on tensor cores: (m, k) @ (k, n), in batches. See reference/matmul.py.
//
// A's numbers lie side by side along k (A_ALONG_K: the usual order) or along m (a transposed view),
// B's along n (the usual order) or along k. Rows are stride_a and stride_b numbers apart.

#include "ptx.cuh"
#include "types.cuh"
#include "tensor.cuh"
#include "gemm.cuh"

template <class T, bool EXACT, bool A_ALONG_K, bool B_ALONG_K>
__global__ void __launch_bounds__(32 * WARPS)
matmul(const T* __restrict__ a, const T* __restrict__ b, T* __restrict__ c,
       int m, int n, int k, i64 stride_a, i64 stride_b, i64 batch_a, i64 batch_b, int batches) {
    typedef Operand<T, A_ALONG_K> A;
    typedef Operand<T, B_ALONG_K> B;
    int down = blockIdx.y * TILE, right = blockIdx.x * TILE;
    bool whole_a = whole_chunks(a, stride_a) && batch_a % CHUNK<T> == 0;
    bool whole_b = whole_chunks(b, stride_b) && batch_b % CHUNK<T> == 0;
    bool pairs = n % 2 == 0 && aligned(c, 2 * sizeof(T));

    for (int batch = blockIdx.z; batch < batches; batch += gridDim.z) {
        const T* from_a = a + batch * batch_a + down * (A_ALONG_K ? stride_a : 1);
        const T* from_b = b + batch * batch_b + right * (B_ALONG_K ? stride_b : 1);
        Accumulators sums;
        multiply_tiles<T, EXACT, A_ALONG_K, B_ALONG_K>(
            sums, (k + TILE_K<T> - 1) / TILE_K<T>,
            [&](T* to, int step) {
                int start = step * TILE_K<T>, left = k - start;
                copy_tile<T, A::ROWS, A::COLUMNS, A::PITCH>(
                    to, from_a + start * (A_ALONG_K ? 1 : stride_a), stride_a,
                    A_ALONG_K ? m - down : left, A_ALONG_K ? left : m - down, whole_a);
            },
            [&](T* to, int step) {
                int start = step * TILE_K<T>, left = k - start;
                copy_tile<T, B::ROWS, B::COLUMNS, B::PITCH>(
                    to, from_b + start * (B_ALONG_K ? 1 : stride_b), stride_b,
                    B_ALONG_K ? n - right : left, B_ALONG_K ? left : n - right, whole_b);
            });

        T* out = c + i64(batch) * m * n;
        each_pair(sums, [&](int row, int column, float x, float y) {
            row += down, column += right;
            if (row >= m || column >= n) return;
            T* at = out + i64(row) * n + column;
            Pack<T, 2> two = {{narrow<T>(x), narrow<T>(y)}};
            if (pairs) {
                *reinterpret_cast<Pack<T, 2>*>(at) = two;
            } else {
                at[0] = two.at[0];
                if (column + 1 < n) at[1] = two.at[1];
            }
        });
    }
}
