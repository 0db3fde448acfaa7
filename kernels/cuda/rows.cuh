// Rows of n numbers, each read by a team of threads: a warp (blockDim = 32 x rows) or a whole block
// (blockDim = threads x 1), which `teams` in source.py chooses. Neighbouring threads take
// neighbouring packs of 16 bytes, so that a warp reads 512 bytes at once.

template <int N> struct Count { static constexpr int n = N; };

template <class T, int N> __device__ __forceinline__ Pack<T, N> load(const T* p, Count<N>) {
    return *reinterpret_cast<const Pack<T, N>*>(p);
}
template <class T, int N> __device__ __forceinline__ void store(T* p, const Pack<T, N>& x) {
    *reinterpret_cast<Pack<T, N>*>(p) = x;
}

// The row of this thread's team.
__device__ __forceinline__ i64 team_row() { return i64(blockIdx.x) * blockDim.y + threadIdx.y; }

// Whether rows of n numbers can be read in packs: each must start at a multiple of 16 bytes.
template <class T> __device__ __forceinline__ bool whole_packs(int n) {
    return n % (16 / sizeof(T)) == 0;
}
template <class T, class... P> __device__ __forceinline__ bool whole_packs(int n, const T* p,
                                                                           P... others) {
    return aligned(p) && whole_packs<T>(n, others...);
}

// body(i, Count<N>) for this thread's share of 0 .. n - 1: the N numbers from i on.
template <class T, class Body>
__device__ __forceinline__ void each_pack(int n, bool whole, Body body) {
    constexpr int N = 16 / sizeof(T);
    if (whole) {
        for (int i = threadIdx.x * N; i < n; i += blockDim.x * N) body(i, Count<N>());
    } else {
        for (int i = threadIdx.x; i < n; i += blockDim.x) body(i, Count<1>());
    }
}
