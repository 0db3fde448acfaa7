// The gradients of attention: see reference/attention.py.
//
// The weights are computed once more from q, k and lse, tile by tile: w = exp(score - lse). With
// delta[t] = g[t] . out[t] and dw = g v^T, the gradient of the scores is w (dw - delta). One kernel
// owns tiles of queries and sums up dq; one owns tiles of keys and sums up dk and dv. Together they
// compute the scores twice, but no two blocks add to the same numbers, so that the result is the
// same each time, to the last bit.

#include "ptx.cuh"
#include "types.cuh"
#include "tensor.cuh"
#include "rows.cuh"
#include "random.cuh"
#include "attention.cuh"

// delta[t] = g[t] . out[t], rows of dv numbers; a warp a row.
template <class T>
__global__ void row_dots(const T* __restrict__ g, const T* __restrict__ out,
                         float* __restrict__ delta, i64 rows, int dv) {
    i64 row = team_row();
    if (row >= rows) return;
    float sum = 0;
    for (int i = threadIdx.x; i < dv; i += 32)
        sum += widen(g[row * dv + i]) * widen(out[row * dv + i]);
    sum = warp_reduce(sum, Add());
    if (threadIdx.x == 0) delta[row] = sum;
}

// dq = scale (w (dw - delta)) k, for a tile of queries.
template <class T, bool EXACT, int HEAD, int KEYS, bool EXTRAS>
__global__ void __launch_bounds__(32 * ATTENTION_WARPS)
attention_grad_q(const T* __restrict__ g, const T* __restrict__ q, const T* __restrict__ k,
                 const T* __restrict__ v, const float* __restrict__ lse,
                 const float* __restrict__ delta, T* __restrict__ dq, int heads, int group,
                 int queries, int keys, int d, int dv, float scale, int causal,
                 EXTRAS_PARAMETERS) {
    constexpr int QUERIES = 16 * ATTENTION_WARPS, PITCH = pitch<T>(HEAD);
    T* tile_q = reinterpret_cast<T*>(dynamic_shared);
    T* tile_g = tile_q + QUERIES * PITCH;
    T* tiles_k = tile_g + QUERIES * PITCH;     // two each: one is used, the next is on its way
    T* tiles_v = tiles_k + 2 * KEYS * PITCH;
    int head = blockIdx.y, batch = blockIdx.z;
    int start = (gridDim.x - 1 - blockIdx.x) * QUERIES, mine = threadIdx.x / 32 * 16;
    Extras<T> extras = EXTRAS_ARGUMENTS;
    if (EXTRAS) extras.enter(batch, head, heads, keys, queries);

    i64 row = i64(batch) * heads + head;
    i64 key_row = i64(batch) * (heads / group) + head / group;
    q += row * queries * d, g += row * queries * dv;
    k += key_row * keys * d, v += key_row * keys * dv;
    int end = causal ? min(keys, start + QUERIES) : keys;
    auto copy_keys = [&](int first) {
        int place = first / KEYS % 2 * KEYS * PITCH;
        if (first < end) {
            copy_rows<T, KEYS, HEAD>(tiles_k + place, k, first, keys, d);
            copy_rows<T, KEYS, HEAD>(tiles_v + place, v, first, keys, dv);
        }
        commit_copies();
    };
    copy_rows<T, QUERIES, HEAD>(tile_q, q, start, queries, d);
    copy_rows<T, QUERIES, HEAD>(tile_g, g, start, queries, dv);
    copy_keys(0);

    float row_lse[2], row_delta[2];  // of rows g and g + 8
    for (int h = 0; h < 2; h++) {
        int query = start + mine + 8 * h + lane_id() / 4;
        bool there = query < queries;
        row_lse[h] = finite_lse(there ? lse[row * queries + query] : 0);
        row_delta[h] = there ? delta[row * queries + query] : 0;
    }

    Scores<1, HEAD> sums;
    clear<1, HEAD>(sums);
    for (int first = 0; first < end; first += KEYS) {
        int place = first / KEYS % 2 * KEYS * PITCH;
        wait_copies<0>();
        __syncthreads();  // this tile is there, and nobody reads the one before it any more
        copy_keys(first + KEYS);
        Scores<1, KEYS> s, dw;
        row_products<T, EXACT, HEAD, 1, KEYS>(s, tile_q + mine * PITCH, tiles_k + place);
        row_products<T, EXACT, HEAD, 1, KEYS>(dw, tile_g + mine * PITCH, tiles_v + place);
        each_score<1, KEYS>([&](int, int j, int e, int r, int c) {
            int query = start + mine + r, key = first + c;
            bool there = query < queries && key < keys && !(causal && key > query);
            float x = s[0][j][e] * scale, dweight = dw[0][j][e];
            if (EXTRAS && there) {
                x += extras.bias_at(query, key);
                dweight *= extras.keep_at(query, key);
            }
            float w = there ? exp2f((x - row_lse[e / 2]) * LOG2_E) : 0;
            s[0][j][e] = w * (dweight - row_delta[e / 2]);
        });
        add_weighted<T, EXACT, HEAD, 1, KEYS>(sums, s, tiles_k + place);
    }
    store_rows<T, 1, HEAD>(dq + (row * queries + start + mine) * d, queries - start - mine, d, sums,
                           [&](int, int) { return scale; });
}

// dv = w^T g and dk = scale (w (dw - delta))^T q, for a tile of keys: all is transposed, a row is a
// key. They are summed over the `group` query heads that share the key head. Where registers do
// not hold the sums of both, each is a kernel of its own.
template <class T, bool EXACT, int HEAD, int QUERIES, bool EXTRAS, bool DK, bool DV>
__global__ void __launch_bounds__(32 * ATTENTION_WARPS)
attention_grad_kv(const T* __restrict__ g, const T* __restrict__ q, const T* __restrict__ k,
                  const T* __restrict__ v, const float* __restrict__ lse,
                  const float* __restrict__ delta, T* __restrict__ dk, T* __restrict__ dv_out,
                  int heads, int group, int queries, int keys, int d, int dv, float scale,
                  int causal, EXTRAS_PARAMETERS) {
    constexpr int KEYS = 16 * ATTENTION_WARPS, PITCH = pitch<T>(HEAD);
    T* tile_k = reinterpret_cast<T*>(dynamic_shared);
    T* tile_v = tile_k + KEYS * PITCH;
    T* tiles_q = tile_v + KEYS * PITCH;
    T* tiles_g = tiles_q + 2 * QUERIES * PITCH;
    int key_head = blockIdx.y, batch = blockIdx.z;
    int start = blockIdx.x * KEYS, mine = threadIdx.x / 32 * 16;

    i64 key_row = i64(batch) * (heads / group) + key_head;
    copy_rows<T, KEYS, HEAD>(tile_k, k + key_row * keys * d, start, keys, d);
    copy_rows<T, KEYS, HEAD>(tile_v, v + key_row * keys * dv, start, keys, dv);

    // One tile of queries after another, of one head after another: tile i is the (i % tiles)th.
    int skipped = causal ? start / QUERIES : 0;  // tiles whose queries see none of these keys
    int tiles = max((queries + QUERIES - 1) / QUERIES - skipped, 0);
    auto copy_queries = [&](int i) {
        if (i < tiles * group) {
            int first = (skipped + i % tiles) * QUERIES, place = i % 2 * QUERIES * PITCH;
            i64 row = (i64(batch) * heads + key_head * group + i / tiles) * queries;
            copy_rows<T, QUERIES, HEAD>(tiles_q + place, q + row * d, first, queries, d);
            copy_rows<T, QUERIES, HEAD>(tiles_g + place, g + row * dv, first, queries, dv);
        }
        commit_copies();
    };
    copy_queries(0);

    Scores<1, HEAD> sums_k, sums_v;
    clear<1, HEAD>(sums_k);
    clear<1, HEAD>(sums_v);
    for (int i = 0; i < tiles * group; i++) {
        int first = (skipped + i % tiles) * QUERIES, place = i % 2 * QUERIES * PITCH;
        int head = key_head * group + i / tiles;
        i64 row = (i64(batch) * heads + head) * queries;
        Extras<T> extras = EXTRAS_ARGUMENTS;
        if (EXTRAS) extras.enter(batch, head, heads, keys, queries);
        wait_copies<0>();
        __syncthreads();
        copy_queries(i + 1);
        Scores<1, QUERIES> s, dw;
        row_products<T, EXACT, HEAD, 1, QUERIES>(s, tile_k + mine * PITCH, tiles_q + place);
        row_products<T, EXACT, HEAD, 1, QUERIES>(dw, tile_v + mine * PITCH, tiles_g + place);
        each_score<1, QUERIES>([&](int, int j, int e, int r, int c) {
            int key = start + mine + r, query = first + c;
            bool there = query < queries && key < keys && !(causal && key > query);
            float keep = 1, w = 0, slope = 0;
            if (there) {
                float x = s[0][j][e] * scale;
                if (EXTRAS) x += extras.bias_at(query, key), keep = extras.keep_at(query, key);
                w = exp2f((x - finite_lse(lse[row + query])) * LOG2_E);
                slope = w * (dw[0][j][e] * keep - delta[row + query]);
            }
            s[0][j][e] = w * keep;
            dw[0][j][e] = slope;
        });
        if (DV) add_weighted<T, EXACT, HEAD, 1, QUERIES>(sums_v, s, tiles_g + place);
        if (DK) add_weighted<T, EXACT, HEAD, 1, QUERIES>(sums_k, dw, tiles_q + place);
    }
    i64 at = key_row * keys + start + mine;
    int left = keys - start - mine;
    if (DK) store_rows<T, 1, HEAD>(dk + at * d, left, d, sums_k, [&](int, int) { return scale; });
    if (DV) store_rows<T, 1, HEAD>(dv_out + at * dv, left, dv, sums_v, [](int, int) { return 1; });
}
