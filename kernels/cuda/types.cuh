// The number types of the kernels, and what a warp does together.
//
// A kernel is a template of the type T that is in memory: f16, bf16, float or double. It computes
// in Wide<T>: float, or double for double. 32 threads that run in step are a warp; `lane` is a
// thread's place in it.

typedef unsigned int u32;
typedef unsigned short u16;
typedef long long i64;
typedef unsigned long long u64;

struct f16 { u16 bits; };   // IEEE half: 5 bits of exponent, 10 of fraction
struct bf16 { u16 bits; };  // the upper half of a float: 8 and 7 bits

template <class T> struct WideType { typedef float type; };
template <> struct WideType<double> { typedef double type; };
template <class T> using Wide = typename WideType<T>::type;

__device__ __forceinline__ float widen(f16 x) { return half_to_float(x.bits); }
__device__ __forceinline__ float widen(bf16 x) { return __uint_as_float(u32(x.bits) << 16); }
__device__ __forceinline__ float widen(float x) { return x; }
__device__ __forceinline__ double widen(double x) { return x; }

template <class T> __device__ __forceinline__ T narrow(Wide<T> x) { return x; }
template <> __device__ __forceinline__ f16 narrow<f16>(float x) { return {float_to_half(x)}; }
template <> __device__ __forceinline__ bf16 narrow<bf16>(float x) { return {float_to_bf16(x)}; }

__device__ __forceinline__ float infinity() { return __uint_as_float(0x7f800000); }
__device__ __forceinline__ float not_a_number() { return __uint_as_float(0x7fc00000); }

// N numbers that are read or written by one instruction, if they start at a multiple of their size.
template <class T, int N> struct alignas(sizeof(T) * N) Pack { T at[N]; };

template <class T> __device__ __forceinline__ bool aligned(const T* p, int bytes = 16) {
    return reinterpret_cast<u64>(p) % bytes == 0;
}

// ---------------------------------------------------------------- sums of a warp and of a block

struct Add {
    template <class W> __device__ __forceinline__ W operator()(W a, W b) const { return a + b; }
};

// Every lane gets the result. Lanes 1 apart combine first, then 2, 4, 8 and 16: five steps, not 31,
// and always in the same order.
template <class W, class Op> __device__ __forceinline__ W warp_reduce(W x, Op op) {
    for (int apart = 1; apart < 32; apart *= 2) x = op(x, shuffle_xor(x, apart));
    return x;
}

// The same for all threads with the same threadIdx.y: one warp, or the whole block if blockDim.x is
// larger than 32. `room` is shared memory for one W a warp.
template <class W, class Op> __device__ __forceinline__ W team_reduce(W x, Op op, W* room) {
    x = warp_reduce(x, op);
    if (blockDim.x == 32) return x;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    __syncthreads();  // until nobody reads what an earlier call left in `room`
    if (lane == 0) room[warp] = x;
    __syncthreads();
    W total = room[0];
    for (int w = 1; w < warps; w++) total = op(total, room[w]);
    return total;
}
