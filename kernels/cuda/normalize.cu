// Layer norm and RMS norm of rows of n numbers, and their gradients: see reference/normalize.py.
//
// A row is read from memory once; for its variance and its result it comes from the cache.

#include "ptx.cuh"
#include "types.cuh"
#include "rows.cuh"

// y = (x - mean) * rstd * weight + bias. RMS: without a mean. weight and bias may be 0: none.
template <class T, bool RMS>
__global__ void norm(const T* __restrict__ x, const T* __restrict__ weight,
                     const T* __restrict__ bias, T* __restrict__ y, Wide<T>* __restrict__ means,
                     Wide<T>* __restrict__ rstds, double eps, i64 rows, int n) {
    typedef Wide<T> W;
    __shared__ W room[32];
    i64 row = team_row();
    if (row >= rows) return;
    x += row * n, y += row * n;
    bool whole = whole_packs<T>(n, x, y);

    W mean = 0, squares = 0;
    if (!RMS) {
        each_pack<T>(n, whole, [&](int i, auto count) {
            auto xs = load(x + i, count);
            for (T one : xs.at) mean += widen(one);
        });
        mean = team_reduce(mean, Add(), room) / n;
    }
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto xs = load(x + i, count);
        for (T one : xs.at) squares += (widen(one) - mean) * (widen(one) - mean);
    });
    W rstd = 1 / sqrt(team_reduce(squares, Add(), room) / n + W(eps));
    if (threadIdx.x == 0) {
        if (!RMS) means[row] = mean;
        rstds[row] = rstd;
    }
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto xs = load(x + i, count);
        for (int j = 0; j < count.n; j++) {
            W one = (widen(xs.at[j]) - mean) * rstd;
            if (weight) one *= widen(weight[i + j]);
            if (bias) one += widen(bias[i + j]);
            xs.at[j] = narrow<T>(one);
        }
        store(y + i, xs);
    });
}

// (h - mean(h) - x_hat * mean(h * x_hat)) * rstd, with h = g * weight; RMS: without mean(h).
template <class T, bool RMS>
__global__ void norm_grad_x(const T* __restrict__ g, const T* __restrict__ x,
                            const T* __restrict__ weight, const Wide<T>* __restrict__ means,
                            const Wide<T>* __restrict__ rstds, T* __restrict__ dx, i64 rows,
                            int n) {
    typedef Wide<T> W;
    __shared__ W room[32];
    i64 row = team_row();
    if (row >= rows) return;
    g += row * n, x += row * n, dx += row * n;
    bool whole = whole_packs<T>(n, g, x, dx);
    W mean = RMS ? W(0) : means[row], rstd = rstds[row];

    W sum_h = 0, sum_hx = 0;
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto gs = load(g + i, count), xs = load(x + i, count);
        for (int j = 0; j < count.n; j++) {
            W h = widen(gs.at[j]);
            if (weight) h *= widen(weight[i + j]);
            sum_h += h, sum_hx += h * ((widen(xs.at[j]) - mean) * rstd);
        }
    });
    sum_h = RMS ? W(0) : team_reduce(sum_h, Add(), room) / n;
    sum_hx = team_reduce(sum_hx, Add(), room) / n;
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto gs = load(g + i, count), xs = load(x + i, count);
        for (int j = 0; j < count.n; j++) {
            W h = widen(gs.at[j]);
            if (weight) h *= widen(weight[i + j]);
            gs.at[j] = narrow<T>((h - sum_h - (widen(xs.at[j]) - mean) * rstd * sum_hx) * rstd);
        }
        store(dx + i, gs);
    });
}

// The sums over rows of g * x_hat (for the weight) and of g (for the bias), in gridDim.y parts of
// rows: a part is rows blockIdx.y * each to (blockIdx.y + 1) * each. 32 x 8 threads: 32 columns.
template <class T, bool RMS>
__global__ void norm_grad_weight(const T* __restrict__ g, const T* __restrict__ x,
                                 const Wide<T>* __restrict__ means,
                                 const Wide<T>* __restrict__ rstds, Wide<T>* __restrict__ dweight,
                                 Wide<T>* __restrict__ dbias, int each, i64 rows, int n) {
    typedef Wide<T> W;
    __shared__ W weights[8][32], biases[8][32];
    int column = blockIdx.x * 32 + threadIdx.x;
    i64 first = i64(blockIdx.y) * each, end = first + each < rows ? first + each : rows;
    W weight = 0, bias = 0;
    if (column < n)
        for (i64 row = first + threadIdx.y; row < end; row += 8) {
            W one = widen(g[row * n + column]), mean = RMS ? W(0) : means[row];
            weight += one * ((widen(x[row * n + column]) - mean) * rstds[row]);
            bias += one;
        }
    weights[threadIdx.y][threadIdx.x] = weight, biases[threadIdx.y][threadIdx.x] = bias;
    __syncthreads();
    if (threadIdx.y || column >= n) return;
    for (int i = 1; i < 8; i++) weight += weights[i][threadIdx.x], bias += biases[i][threadIdx.x];
    dweight[i64(blockIdx.y) * n + column] = weight;
    if (!RMS) dbias[i64(blockIdx.y) * n + column] = bias;
}
