// Convolution and its two gradients: see reference/conv.py.
//
// Each is a matrix product in which one operand (for the weight's gradient both) is not a matrix in
// memory: its numbers are picked from the image when a tile of it is copied to shared memory
// ("implicit GEMM", Chetlur et al., "cuDNN", 2014). The rest is gemm.cuh. Per group:
//
//                     rows               columns                 summed over
//     y               filter o           place of y (n, p)       channel and place in filter (c, k)
//     grad input      channel c          place of x (n, i)       (o, k)
//     grad weight     filter o           (c, k)                  (n, p)
//
// Three spatial axes; those that an image lacks have size 1.

#include "ptx.cuh"
#include "types.cuh"
#include "tensor.cuh"
#include "gemm.cuh"

struct Axes { int z, y, x; };

struct Geometry {
    Axes in, kernel, out, stride, padding, dilation;
    int batch, groups, channels, filters;  // channels and filters of one group
    __device__ __forceinline__ int places_in() const { return in.z * in.y * in.x; }
    __device__ __forceinline__ int places_out() const { return out.z * out.y * out.x; }
    __device__ __forceinline__ int taps() const { return kernel.z * kernel.y * kernel.x; }
};

// A place number as coordinates.
__device__ __forceinline__ Axes place(int i, Axes size) {
    return {i / (size.x * size.y), i / size.x % size.y, i % size.x};
}
__device__ __forceinline__ int flat(Axes at, Axes size) {
    return (at.z * size.y + at.y) * size.x + at.x;
}
__device__ __forceinline__ bool within(Axes at, Axes size) {
    return unsigned(at.z) < unsigned(size.z) && unsigned(at.y) < unsigned(size.y) &&
           unsigned(at.x) < unsigned(size.x);
}

// Number m of the products that are summed up: which image (channel or filter) it looks at, and how
// far from the window's start. Made once and read by all threads.
struct Tap { int image, z, y, x; };

// Where output place p and a tap meet in the input: at p * stride - padding + tap * dilation.
__device__ __forceinline__ int seen_by(const Geometry& s, Axes p, Tap tap) {
    Axes at = {p.z * s.stride.z - s.padding.z + tap.z, p.y * s.stride.y - s.padding.y + tap.y,
               p.x * s.stride.x - s.padding.x + tap.x};
    return within(at, s.in) ? flat(at, s.in) : -1;
}

// The reverse: which output place sees input place i at this tap; -1: none.
__device__ __forceinline__ int sees(const Geometry& s, Axes i, Tap tap) {
    Axes at = {i.z + s.padding.z - tap.z, i.y + s.padding.y - tap.y, i.x + s.padding.x - tap.x};
    bool meets = at.z >= 0 && at.y >= 0 && at.x >= 0 && at.z % s.stride.z == 0 &&
                 at.y % s.stride.y == 0 && at.x % s.stride.x == 0;
    at = {at.z / s.stride.z, at.y / s.stride.y, at.x / s.stride.x};
    return meets && within(at, s.out) ? flat(at, s.out) : -1;
}

// y = weight * x + bias, or (BACK) the gradient y of x, from the gradient x of y. weight: (groups,
// rows, inner), its inner numbers in the order of the taps.
template <class T, bool EXACT, bool BACK>
__global__ void __launch_bounds__(32 * WARPS)
conv(const T* __restrict__ x, const T* __restrict__ weight, const T* __restrict__ bias,
     const Tap* __restrict__ taps, T* __restrict__ y, Geometry s) {
    typedef Operand<T, true> A;
    typedef Operand<T, false> B;
    int rows = BACK ? s.channels : s.filters, images = BACK ? s.filters : s.channels;
    int inner = images * s.taps(), group = blockIdx.z, down = blockIdx.y * TILE;
    int from = BACK ? s.places_out() : s.places_in(), to = BACK ? s.places_in() : s.places_out();
    i64 right = i64(blockIdx.x) * TILE;
    weight += (i64(group) * rows + down) * inner;
    bool whole = whole_chunks(weight, inner);

    // This thread copies one column of B: its place does not change from tile to tile.
    int column = threadIdx.x % TILE;
    bool there = right + column < i64(s.batch) * to;
    int n = int((right + column) / to);
    Axes mine = place(int((right + column) % to), BACK ? s.in : s.out);
    const T* image = x + (i64(n) * s.groups + group) * images * from;

    Accumulators sums;
    multiply_tiles<T, EXACT, true, false>(
        sums, (inner + TILE_K<T> - 1) / TILE_K<T>,
        [&](T* tile, int step) {
            int start = step * TILE_K<T>;
            copy_tile<T, A::ROWS, A::COLUMNS, A::PITCH>(tile, weight + start, inner, rows - down,
                                                        inner - start, whole);
        },
        [&](T* tile, int step) {
            for (int r = threadIdx.x / TILE; r < TILE_K<T>; r += blockDim.x / TILE) {
                int m = step * TILE_K<T> + r, at = -1;
                if (there && m < inner)
                    at = BACK ? sees(s, mine, taps[m]) : seen_by(s, mine, taps[m]);
                const T* source = at < 0 ? x : image + i64(taps[m].image) * from + at;
                copy_one(tile + r * B::PITCH + column, source, at >= 0);
            }
        });

    each_pair(sums, [&](int row, int column, float left_sum, float right_sum) {
        if (row + down >= rows) return;
        float shift = bias ? widen(bias[group * rows + row + down]) : 0;
        for (int j = 0; j < 2; j++) {
            i64 at = right + column + j;
            if (at >= i64(s.batch) * to) return;
            i64 n = at / to;
            T* plane = y + ((n * s.groups + group) * rows + row + down) * to;
            plane[at % to] = narrow<T>((j ? right_sum : left_sum) + shift);
        }
    });
}

// The gradient of the weight, (groups, filters, channels taps): sums over all places of all images,
// shared out to gridDim.z / groups blocks, whose parts (part, groups, ...) are added up afterwards.
template <class T, bool EXACT>
__global__ void __launch_bounds__(32 * WARPS)
conv_grad_weight(const T* __restrict__ g, const T* __restrict__ x, const Tap* __restrict__ taps,
                 float* __restrict__ parts, int steps_each, Geometry s) {
    typedef Operand<T, true> A;
    typedef Operand<T, true> B;
    int group = blockIdx.z % s.groups, part = blockIdx.z / s.groups;
    int down = blockIdx.y * TILE, right = blockIdx.x * TILE, columns = s.channels * s.taps();
    int from = s.places_in(), to = s.places_out();
    i64 inner = i64(s.batch) * to;
    int steps = int((inner + TILE_K<T> - 1) / TILE_K<T>), first = part * steps_each;

    // A thread copies the numbers of one place a tile: of g for some filters, of x for some taps.
    int k = threadIdx.x % TILE_K<T>;
    Accumulators sums;
    multiply_tiles<T, EXACT, true, true>(
        sums, max(min(steps - first, steps_each), 0),
        [&](T* tile, int step) {
            i64 at = i64(first + step) * TILE_K<T> + k;
            const T* plane = g + (at / to * s.groups + group) * s.filters * to + at % to;
            for (int r = threadIdx.x / TILE_K<T>; r < TILE; r += blockDim.x / TILE_K<T>) {
                bool there = at < inner && down + r < s.filters;
                copy_one(tile + r * A::PITCH + k, there ? plane + i64(down + r) * to : g, there);
            }
        },
        [&](T* tile, int step) {
            i64 at = i64(first + step) * TILE_K<T> + k;
            const T* image = x + (at / to * s.groups + group) * s.channels * from;
            Axes p = place(int(at % to), s.out);
            for (int r = threadIdx.x / TILE_K<T>; r < TILE; r += blockDim.x / TILE_K<T>) {
                int seen = -1;
                if (at < inner && right + r < columns) seen = seen_by(s, p, taps[right + r]);
                const T* source = seen < 0 ? x : image + i64(taps[right + r].image) * from + seen;
                copy_one(tile + r * B::PITCH + k, source, seen >= 0);
            }
        });

    parts += (i64(part) * s.groups + group) * s.filters * columns;
    each_pair(sums, [&](int row, int column, float left_sum, float right_sum) {
        row += down, column += right;
        if (row >= s.filters) return;
        if (column < columns) parts[i64(row) * columns + column] = left_sum;
        if (column + 1 < columns) parts[i64(row) * columns + column + 1] = right_sum;
    });
}

// ---------------------------------------------------------------- small groups

// Depthwise convolutions and their like: with a filter or two in a group there is no product of
// matrices, and memory is what counts. A thread a result.
template <class T, bool BACK>
__global__ void conv_small(const T* __restrict__ x, const T* __restrict__ weight,
                           const T* __restrict__ bias, const Tap* __restrict__ taps,
                           T* __restrict__ y, Geometry s) {
    int rows = BACK ? s.channels : s.filters, images = BACK ? s.filters : s.channels;
    int from = BACK ? s.places_out() : s.places_in(), to = BACK ? s.places_in() : s.places_out();
    int inner = images * s.taps();
    i64 i = i64(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= i64(s.batch) * s.groups * rows * to) return;
    Axes mine = place(int(i % to), BACK ? s.in : s.out);
    int row = int(i / to % (s.groups * rows));
    i64 n = i / to / (s.groups * rows);
    const T* image = x + (n * s.groups + row / rows) * images * from;
    float sum = bias ? widen(bias[row]) : 0;
    for (int m = 0; m < inner; m++) {
        int at = BACK ? sees(s, mine, taps[m]) : seen_by(s, mine, taps[m]);
        float seen = at < 0 ? 0 : widen(image[i64(taps[m].image) * from + at]);
        sum += widen(weight[i64(row) * inner + m]) * seen;
    }
    y[i] = narrow<T>(sum);
}

// A block for each number of the weight's gradient.
template <class T>
__global__ void conv_small_grad_weight(const T* __restrict__ g, const T* __restrict__ x,
                                       const Tap* __restrict__ taps, float* __restrict__ out,
                                       Geometry s) {
    __shared__ float room[32];
    int columns = s.channels * s.taps(), from = s.places_in(), to = s.places_out();
    int row = blockIdx.x / columns, group = row / s.filters;
    Tap tap = taps[blockIdx.x % columns];
    float sum = 0;
    for (i64 i = threadIdx.x; i < i64(s.batch) * to; i += blockDim.x) {
        i64 n = i / to;
        int at = seen_by(s, place(int(i % to), s.out), tap);
        const T* image = x + ((n * s.groups + group) * s.channels + tap.image) * from;
        float one = widen(g[(n * s.groups * s.filters + row) * to + i % to]);
        sum += one * (at < 0 ? 0 : widen(image[at]));
    }
    sum = team_reduce(sum, Add(), room);
    if (threadIdx.x == 0) out[blockIdx.x] = sum;
}
