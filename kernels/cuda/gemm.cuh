// The main loop of a matrix product, C = A B, for one tile of C: 128 x 128, by 8 warps.
//
// Tiles of A (128 x K) and B (K x 128) come to shared memory through a ring of three: while one is
// multiplied, the next two are under way. A warp computes 64 x 32 of C in its registers, in
// fragments: with each that is loaded it multiplies four others, so that reading shared memory is
// not what takes the time.

constexpr int TILE = 128, WARPS = 8, RING = 3;
constexpr int WARP_ROWS = 64, WARP_COLUMNS = 32;                   // of C, a warp
constexpr int FRAGMENTS_M = WARP_ROWS / 16, FRAGMENTS_N = WARP_COLUMNS / 8;

template <class T> constexpr int TILE_K = 64 / int(sizeof(T));     // 64 bytes

// A tile of one operand: [128][K] if its numbers lie side by side along k, else [K][128].
// (Floats of the second kind are read one by one: with 8 more a row, from different banks.)
template <class T, bool ALONG_K> struct Operand {
    static constexpr int ROWS = ALONG_K ? TILE : TILE_K<T>, COLUMNS = ALONG_K ? TILE_K<T> : TILE;
    static constexpr int PITCH = COLUMNS + (ALONG_K || sizeof(T) == 2 ? 1 : 2) * CHUNK<T>;
    static constexpr int SIZE = ROWS * PITCH;
};

typedef float Accumulators[FRAGMENTS_M][FRAGMENTS_N][4];

// load_a_tile(to, step), load_b_tile(to, step): start to copy the tiles from k = step TILE_K on to
// shared memory. `c` is this warp's part of the tile.
template <class T, bool EXACT, bool A_ALONG_K, bool B_ALONG_K, class LoadA, class LoadB>
__device__ __forceinline__ void multiply_tiles(Accumulators& c, int steps, LoadA load_a_tile,
                                               LoadB load_b_tile) {
    typedef Operand<T, A_ALONG_K> A;
    typedef Operand<T, B_ALONG_K> B;
    T* tiles_a = reinterpret_cast<T*>(dynamic_shared);
    T* tiles_b = tiles_a + RING * A::SIZE;
    int warp = threadIdx.x / 32;
    int row = warp / 4 * WARP_ROWS, column = warp % 4 * WARP_COLUMNS;

    auto start = [&](int step) {
        if (step < steps) {
            load_a_tile(tiles_a + step % RING * A::SIZE, step);
            load_b_tile(tiles_b + step % RING * B::SIZE, step);
        }
        commit_copies();  // also where there is nothing: wait_copies counts groups
    };

    #pragma unroll
    for (int i = 0; i < FRAGMENTS_M; i++)
        for (int j = 0; j < FRAGMENTS_N; j++)
            for (int e = 0; e < 4; e++) c[i][j][e] = 0;

    for (int step = 0; step < RING - 1; step++) start(step);
    for (int step = 0; step < steps; step++) {
        wait_copies<RING - 2>();
        __syncthreads();         // the tiles of `step` are there, and nobody reads those before it:
        start(step + RING - 1);  // their place is free
        const T* a_tile = tiles_a + step % RING * A::SIZE;
        const T* b_tile = tiles_b + step % RING * B::SIZE;
        #pragma unroll
        for (int k = 0; k < TILE_K<T>; k += DEEP<T>) {
            u32 a[FRAGMENTS_M][4], b[FRAGMENTS_N / 2][4];
            #pragma unroll
            for (int i = 0; i < FRAGMENTS_M; i++) {
                int at = row + 16 * i;
                if constexpr (A_ALONG_K) load_a<T, A::PITCH>(a[i], a_tile + at * A::PITCH + k);
                else load_a_transposed<T, A::PITCH>(a[i], a_tile + k * A::PITCH + at);
            }
            #pragma unroll
            for (int j = 0; j < FRAGMENTS_N / 2; j++) {
                int at = column + 16 * j;
                if constexpr (B_ALONG_K)
                    load_b_transposed<T, B::PITCH>(b[j], b_tile + at * B::PITCH + k);
                else load_b<T, B::PITCH>(b[j], b_tile + k * B::PITCH + at);
            }
            #pragma unroll
            for (int i = 0; i < FRAGMENTS_M; i++)
                #pragma unroll
                for (int j = 0; j < FRAGMENTS_N; j++)
                    Multiply<T, EXACT>(c[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
        }
    }
    wait_copies<0>();
    __syncthreads();  // the shared memory may be written to again
}

// body(row, column, x, y): C[row][column] = x and C[row][column + 1] = y, within the tile, for all
// that this thread has. column is even.
template <class Body> __device__ __forceinline__ void each_pair(const Accumulators& c, Body body) {
    int warp = threadIdx.x / 32, g = lane_id() / 4, t = lane_id() % 4;
    #pragma unroll
    for (int i = 0; i < FRAGMENTS_M; i++)
        #pragma unroll
        for (int j = 0; j < FRAGMENTS_N; j++)
            #pragma unroll
            for (int half = 0; half < 2; half++)
                body(warp / 4 * WARP_ROWS + 16 * i + 8 * half + g,
                     warp % 4 * WARP_COLUMNS + 8 * j + 2 * t, c[i][j][2 * half],
                     c[i][j][2 * half + 1]);
}
