// Cross-entropy of logits (rows, n) and labels, and its gradient: see reference/cross_entropy.py.
//
// The logits are read once forward, and once backward; the softmax is never in memory.

#include "ptx.cuh"
#include "types.cuh"
#include "rows.cuh"
#include "logsumexp.cuh"

// loss = lse - logits[label], 0 for a label of -1.
template <class T>
__global__ void cross_entropy(const T* __restrict__ logits, const i64* __restrict__ labels,
                              T* __restrict__ loss, Wide<T>* __restrict__ lse, i64 rows, int n) {
    i64 row = team_row();
    if (row >= rows) return;
    logits += row * n;
    Sum<Wide<T>> all = sum_of_exp(logits, n, whole_packs<T>(n, logits));
    if (threadIdx.x) return;
    Wide<T> log_sum = log(all.sum);
    i64 label = labels[row];
    // Not lse - logits[label]: two large numbers would leave a difference without its last digits.
    loss[row] = narrow<T>(label < 0 ? 0 : log_sum - (widen(logits[label]) - all.largest));
    lse[row] = all.largest + log_sum;
}

// g (exp(logits - lse) - (1 at the label)), 0 for a label of -1.
template <class T>
__global__ void cross_entropy_backward(const T* __restrict__ g, const T* __restrict__ logits,
                                       const i64* __restrict__ labels,
                                       const Wide<T>* __restrict__ lse, T* __restrict__ dlogits,
                                       i64 rows, int n) {
    typedef Wide<T> W;
    i64 row = team_row();
    if (row >= rows) return;
    i64 label = labels[row];
    logits += row * n, dlogits += row * n;
    W slope = widen(g[row]), log_sum = lse[row];
    each_pack<T>(n, whole_packs<T>(n, logits, dlogits), [&](int i, auto count) {
        auto xs = load(logits + i, count);
        for (int j = 0; j < count.n; j++) {
            W p = exp(widen(xs.at[j]) - log_sum) - (i + j == label ? 1 : 0);
            xs.at[j] = narrow<T>(label < 0 ? W(0) : slope * p);
        }
        store(dlogits + i, xs);
    });
}
