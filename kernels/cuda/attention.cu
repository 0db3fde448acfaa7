// out = softmax(scale q k^T + bias) v in tiles: see reference/attention.py.
//
// FlashAttention (Dao et al., 2022; Dao, 2023): a block owns a tile of queries and goes through the
// keys, tile by tile. The scores of a tile exist only in registers. Of each query's row it keeps
// the largest score so far, and sums relative to it: sum = sum_s exp(score_s - largest), and
// o = sum_s exp(score_s - largest) v_s. When a larger score comes, both are scaled down. So the
// T x S scores never go to memory, and memory is read once for each tile of queries.

#include "ptx.cuh"
#include "types.cuh"
#include "tensor.cuh"
#include "random.cuh"
#include "attention.cuh"

// HEAD: a power of two, at least D and DV. M: how often 16 queries a warp has. KEYS: of a tile.
template <class T, bool EXACT, int HEAD, int M, int KEYS, bool EXTRAS>
__global__ void __launch_bounds__(32 * ATTENTION_WARPS)
attention(const T* __restrict__ q, const T* __restrict__ k, const T* __restrict__ v,
          T* __restrict__ out, float* __restrict__ lse, int heads, int group, int queries, int keys,
          int d, int dv, float scale, int causal, EXTRAS_PARAMETERS) {
    constexpr int QUERIES = 16 * M * ATTENTION_WARPS, PITCH = pitch<T>(HEAD);
    T* tile_q = reinterpret_cast<T*>(dynamic_shared);
    T* tile_k = tile_q + QUERIES * PITCH;
    T* tile_v = tile_k + KEYS * PITCH;
    int head = blockIdx.y, batch = blockIdx.z;
    int start = (gridDim.x - 1 - blockIdx.x) * QUERIES;  // the longest rows, if causal, come first
    int mine = threadIdx.x / 32 * 16 * M;                // this warp's first row of the tile
    Extras<T> extras = EXTRAS_ARGUMENTS;
    if (EXTRAS) extras.enter(batch, head, heads, keys, queries);

    i64 row = i64(batch) * heads + head;
    i64 key_row = i64(batch) * (heads / group) + head / group;
    q += row * queries * d, k += key_row * keys * d, v += key_row * keys * dv;
    int end = causal ? min(keys, start + QUERIES) : keys;  // keys from here on are seen by none

    copy_rows<T, QUERIES, HEAD>(tile_q, q, start, queries, d);
    copy_rows<T, KEYS, HEAD>(tile_k, k, 0, keys, d);
    commit_copies();
    copy_rows<T, KEYS, HEAD>(tile_v, v, 0, keys, dv);
    commit_copies();

    Scores<M, HEAD> o;
    clear<M, HEAD>(o);
    float largest[M][2], sum[M][2];  // of rows g and g + 8 of each 16; four lanes share a row
    #pragma unroll
    for (int m = 0; m < M; m++)
        for (int h = 0; h < 2; h++) largest[m][h] = -infinity(), sum[m][h] = 0;

    for (int first = 0; first < end; first += KEYS) {
        Scores<M, KEYS> s;
        int next = first + KEYS;
        wait_copies<1>();
        __syncthreads();  // q and this tile's k are there, v is on its way
        row_products<T, EXACT, HEAD, M, KEYS>(s, tile_q + mine * PITCH, tile_k);
        __syncthreads();  // nobody needs this k any more
        if (next < end) copy_rows<T, KEYS, HEAD>(tile_k, k, next, keys, d);
        commit_copies();

        float top[M][2], before[M][2];
        #pragma unroll
        for (int m = 0; m < M; m++)
            for (int h = 0; h < 2; h++) top[m][h] = largest[m][h];
        each_score<M, KEYS>([&](int m, int j, int e, int r, int c) {
            int query = start + mine + r, key = first + c;
            float x = s[m][j][e] * scale;
            if (EXTRAS && query < queries && key < keys) x += extras.bias_at(query, key);
            if (key >= keys || (causal && key > query)) x = -infinity();
            s[m][j][e] = x * LOG2_E;
            top[m][e / 2] = fmax(top[m][e / 2], s[m][j][e]);
        });
        #pragma unroll
        for (int m = 0; m < M; m++)
            for (int h = 0; h < 2; h++) {
                for (int apart = 1; apart < 4; apart *= 2)
                    top[m][h] = fmax(top[m][h], shuffle_xor(top[m][h], apart));
                before[m][h] = weight(largest[m][h], top[m][h]);
                largest[m][h] = top[m][h];
                sum[m][h] *= before[m][h];
            }
        each_score<M, KEYS>([&](int m, int j, int e, int r, int c) {
            float w = weight(s[m][j][e], largest[m][e / 2]);
            sum[m][e / 2] += w;
            if (EXTRAS) w *= extras.keep_at(start + mine + r, first + c);
            s[m][j][e] = w;
        });
        each_score<M, HEAD>([&](int m, int j, int e, int, int) { o[m][j][e] *= before[m][e / 2]; });

        wait_copies<1>();
        __syncthreads();  // this tile's v is there, the next k is on its way
        add_weighted<T, EXACT, HEAD, M, KEYS>(o, s, tile_v);
        __syncthreads();
        if (next < end) copy_rows<T, KEYS, HEAD>(tile_v, v, next, keys, dv);
        commit_copies();
    }

    #pragma unroll
    for (int m = 0; m < M; m++)
        for (int h = 0; h < 2; h++) {
            for (int apart = 1; apart < 4; apart *= 2) sum[m][h] += shuffle_xor(sum[m][h], apart);
            int query = start + mine + 16 * m + 8 * h + lane_id() / 4;
            // A query that sees no key has the sum 0: its result is 0, and not 0 / 0.
            float log_sum = largest[m][h] / LOG2_E + log(sum[m][h]);
            if (lane_id() % 4 == 0 && query < queries)
                lse[row * queries + query] = sum[m][h] == 0 ? -infinity() : log_sum;
        }
    store_rows<T, M, HEAD>(out + (row * queries + start + mine) * dv, queries - start - mine, dv, o,
                           [&](int m, int h) { return sum[m][h] == 0 ? 0 : 1 / sum[m][h]; });
}
