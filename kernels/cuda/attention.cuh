// What the three attention kernels share: see attention.cu for the idea.
//
// A block is 4 warps. It owns a tile of rows (queries, or keys), 16 M of them a warp, and goes
// through the tiles of the others. Both are (rows, HEAD) in shared memory: the head size rounded up
// to HEAD, the places beyond it 0.

constexpr int ATTENTION_WARPS = 4;
constexpr float LOG2_E = 1.4426950408889634f;  // exp(x) = 2^(x LOG2_E), and 2^x is one instruction

// 2^(x - largest), and 0 for x = -inf also where there was nothing larger yet.
__device__ __forceinline__ float weight(float x, float largest) {
    return x == -infinity() ? 0 : exp2f(x - largest);
}
// The logsumexp of a query that sees no key is -inf; its weights must come out as 0, not as NaN.
__device__ __forceinline__ float finite_lse(float lse) { return lse == -infinity() ? 0 : lse; }

// How many of row_products' steps are written out. Exact products need registers for parts: one.
template <bool EXACT> constexpr int UNROLL = EXACT ? 1 : 16;

// Start to copy ROWS rows, from the `first` on, of a matrix (rows, columns).
template <class T, int ROWS, int HEAD>
__device__ __forceinline__ void copy_rows(T* to, const T* from, int first, int rows, int columns) {
    copy_tile<T, ROWS, HEAD, pitch<T>(HEAD)>(to, from + i64(first) * columns, columns, rows - first,
                                             columns, whole_chunks(from, columns));
}

template <int M, int COLUMNS> using Scores = float[M][COLUMNS / 8][4];

// s = A B^T: the products of this warp's 16 M rows of A with COLUMNS rows of B.
template <class T, bool EXACT, int HEAD, int M, int COLUMNS>
__device__ __forceinline__ void row_products(Scores<M, COLUMNS>& s, const T* a_rows,
                                             const T* b_rows) {
    constexpr int PITCH = pitch<T>(HEAD);
    #pragma unroll
    for (int m = 0; m < M; m++)
        #pragma unroll
        for (int j = 0; j < COLUMNS / 8; j++)
            #pragma unroll
            for (int e = 0; e < 4; e++) s[m][j][e] = 0;
    #pragma unroll(UNROLL<EXACT>)
    for (int k = 0; k < HEAD; k += DEEP<T>) {
        u32 a[M][4];
        #pragma unroll
        for (int m = 0; m < M; m++) load_a<T, PITCH>(a[m], a_rows + 16 * m * PITCH + k);
        #pragma unroll
        for (int j = 0; j < COLUMNS / 8; j += 2) {
            u32 b[4];
            load_b_transposed<T, PITCH>(b, b_rows + 8 * j * PITCH + k);
            #pragma unroll
            for (int m = 0; m < M; m++) {
                Multiply<T, EXACT>(s[m][j], a[m], b[0], b[1]);
                Multiply<T, EXACT>(s[m][j + 1], a[m], b[2], b[3]);
            }
        }
    }
}

// o += W B: sums of the COLUMNS rows of B, with the weights that are in this warp's registers.
template <class T, bool EXACT, int HEAD, int M, int COLUMNS>
__device__ __forceinline__ void add_weighted(Scores<M, HEAD>& o, const Scores<M, COLUMNS>& weights,
                                             const T* b_rows) {
    constexpr int PITCH = pitch<T>(HEAD);
    #pragma unroll
    for (int k = 0; k < COLUMNS; k += DEEP<T>) {
        u32 a[M][4];
        #pragma unroll
        for (int m = 0; m < M; m++) a_from_result<T>(a[m], &weights[m][k / 8]);
        #pragma unroll
        for (int j = 0; j < HEAD / 8; j += 2) {
            u32 b[4];
            load_b_for_result<T, PITCH>(b, b_rows + k * PITCH + 8 * j);
            #pragma unroll
            for (int m = 0; m < M; m++) {
                Multiply<T, EXACT>(o[m][j], a[m], b[0], b[1]);
                Multiply<T, EXACT>(o[m][j + 1], a[m], b[2], b[3]);
            }
        }
    }
}

template <int M, int COLUMNS> __device__ __forceinline__ void clear(Scores<M, COLUMNS>& o) {
    #pragma unroll
    for (int m = 0; m < M; m++)
        #pragma unroll
        for (int j = 0; j < COLUMNS / 8; j++)
            #pragma unroll
            for (int e = 0; e < 4; e++) o[m][j][e] = 0;
}

// body(m, j, e, row, column) for each of this thread's scores, with its place in the warp's part.
template <int M, int COLUMNS, class Body> __device__ __forceinline__ void each_score(Body body) {
    int g = lane_id() / 4, t = lane_id() % 4;
    #pragma unroll
    for (int m = 0; m < M; m++)
        #pragma unroll
        for (int j = 0; j < COLUMNS / 8; j++)
            #pragma unroll
            for (int e = 0; e < 4; e++)
                body(m, j, e, 16 * m + e / 2 * 8 + g, 8 * j + 2 * t + e % 2);
}

// Write this warp's rows of (rows, columns) numbers, times `factor` of (m, which half of 16 rows).
template <class T, int M, int HEAD, class Factor>
__device__ __forceinline__ void store_rows(T* to, int rows, int columns, const Scores<M, HEAD>& o,
                                           Factor factor) {
    bool pairs = columns % 2 == 0 && aligned(to, 2 * sizeof(T));
    each_score<M, HEAD>([&](int m, int j, int e, int row, int column) {
        if (e % 2 || row >= rows || column >= columns) return;  // e and e + 1 are neighbours
        float f = factor(m, e / 2);
        Pack<T, 2> two = {{narrow<T>(o[m][j][e] * f), narrow<T>(o[m][j][e + 1] * f)}};
        T* at = to + i64(row) * columns + column;
        if (pairs) {
            *reinterpret_cast<Pack<T, 2>*>(at) = two;
        } else {
            at[0] = two.at[0];
            if (column + 1 < columns) at[1] = two.at[1];
        }
    });
}

// ---------------------------------------------------------------- bias, masks, dropout

// An array of four axes that is broadcast to (B, H, T, S): a stride is 0 along such an axis.
struct Strides { i64 b, h, t, s; };

// What is added to a score, and what its weight is multiplied with afterwards, for one batch and
// head. bias and kept may be 0: no bias; what is kept is decided by the seed.
template <class T> struct Extras {
    const T* bias;
    const unsigned char* kept;
    Strides of_bias, of_kept;
    float keep_scale;  // 1 / (1 - p)
    u32 threshold;
    u64 seed, first;   // the number of the weight at t = s = 0
    int padded;        // T rounded up to 64

    __device__ __forceinline__ void enter(int batch, int head, int heads, int keys, int queries) {
        if (bias) bias += batch * of_bias.b + head * of_bias.h;
        if (kept) kept += batch * of_kept.b + head * of_kept.h;
        first = (u64(batch) * heads + head) * keys;
        padded = (queries + 63) / 64 * 64;
    }
    __device__ __forceinline__ float bias_at(int t, int s) const {
        return bias ? widen(bias[t * of_bias.t + s * of_bias.s]) : 0.0f;
    }
    __device__ __forceinline__ float keep_at(int t, int s) const {
        if (keep_scale == 1) return 1;
        bool keep = kept ? kept[t * of_kept.t + s * of_kept.s] != 0
                         : random_bits(seed, (first + s) * padded + t) >= threshold;
        return keep ? keep_scale : 0;
    }
};

// Their part of the kernels' parameters.
#define EXTRAS_PARAMETERS                                                                          \
    const T *bias, i64 bias_b, i64 bias_h, i64 bias_t, i64 bias_s, const unsigned char *kept,      \
        i64 kept_b, i64 kept_h, i64 kept_t, i64 kept_s, float keep_scale, u32 threshold, u64 seed
#define EXTRAS_ARGUMENTS                                                                           \
    {bias, kept, {bias_b, bias_h, bias_t, bias_s}, {kept_b, kept_h, kept_t, kept_s}, keep_scale,   \
     threshold, seed, 0, 0}
