// softmax and log_softmax over rows of n numbers, and their gradients: see reference/softmax.py.
//
// A row is read twice, the second time from the cache, and written once.

#include "ptx.cuh"
#include "types.cuh"
#include "rows.cuh"
#include "logsumexp.cuh"

template <class T, bool LOG>
__global__ void softmax(const T* __restrict__ x, T* __restrict__ y, i64 rows, int n) {
    typedef Wide<T> W;
    i64 row = team_row();
    if (row >= rows) return;  // a whole warp, or nobody
    x += row * n, y += row * n;
    bool whole = whole_packs<T>(n, x, y);

    Sum<W> all = sum_of_exp(x, n, whole);
    W log_sum = log(all.sum), scale = 1 / all.sum;
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto xs = load(x + i, count);
        for (T& one : xs.at) {
            W z = widen(one) - all.largest;
            one = narrow<T>(LOG ? z - log_sum : exp(z) * scale);
        }
        store(y + i, xs);
    });
}

// softmax: y * (g - sum(g * y)).  log_softmax: g - exp(y) * sum(g).
template <class T, bool LOG>
__global__ void softmax_backward(const T* __restrict__ g, const T* __restrict__ y,
                                 T* __restrict__ dx, i64 rows, int n) {
    typedef Wide<T> W;
    __shared__ W room[32];
    i64 row = team_row();
    if (row >= rows) return;
    g += row * n, y += row * n, dx += row * n;
    bool whole = whole_packs<T>(n, g, y, dx);

    W part = 0;
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto gs = load(g + i, count), ys = load(y + i, count);
        for (int j = 0; j < count.n; j++)
            part += LOG ? widen(gs.at[j]) : widen(gs.at[j]) * widen(ys.at[j]);
    });
    W total = team_reduce(part, Add(), room);

    each_pack<T>(n, whole, [&](int i, auto count) {
        auto gs = load(g + i, count), ys = load(y + i, count);
        for (int j = 0; j < count.n; j++) {
            W one = widen(gs.at[j]), out = widen(ys.at[j]);
            gs.at[j] = narrow<T>(LOG ? one - exp(out) * total : out * (one - total));
        }
        store(dx + i, gs);
    });
}
