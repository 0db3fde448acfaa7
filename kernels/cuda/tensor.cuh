// Matrix products on tensor cores: tiles in shared memory, and fragments of them in the registers
// of a warp, which multiplies a 16 x K fragment with a K x 8 one in one instruction.
//
// K is 32 bytes of numbers: 16 of f16 or bf16, 8 of float. In 32-bit words, two halves or a float,
// the fragments are the same for both: word t of row g, and so on (see ptx.cuh).

template <class T> constexpr int DEEP = 32 / int(sizeof(T));    // K of one instruction
template <class T> constexpr int CHUNK = 16 / int(sizeof(T));   // numbers of one 16-byte copy

// ---------------------------------------------------------------- one instruction: C += A B

template <class T, bool EXACT> struct Multiply;

template <bool EXACT> struct Multiply<f16, EXACT> {
    __device__ __forceinline__ Multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
        mma_half(c, a, b0, b1);
    }
};
template <bool EXACT> struct Multiply<bf16, EXACT> {
    __device__ __forceinline__ Multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
        mma_bf16(c, a, b0, b1);
    }
};
__device__ __forceinline__ u32 rounded_to_tf32(u32 bits) {
    return float_to_tf32(__uint_as_float(bits));
}
// Floats lose 13 of their 23 bits of fraction in a tensor core (TF32) ...
template <> struct Multiply<float, false> {
    __device__ __forceinline__ Multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
        u32 rounded[4];
        for (int i = 0; i < 4; i++) rounded[i] = rounded_to_tf32(a[i]);
        mma_tf32(c, rounded, rounded_to_tf32(b0), rounded_to_tf32(b1));
    }
};
// ... unless a number is split into a large and a small part of 11 bits each, as in Ootomo and
// Yokota, "Recovering single precision accuracy from Tensor Cores", 2022: three products for one.
struct Split {
    u32 large, small, finite;
    __device__ __forceinline__ Split(u32 bits) {
        float x = __uint_as_float(bits);
        large = float_to_tf32(x);
        float rest = x - __uint_as_float(large);
        bool has_rest = rest == rest;  // infinity and NaN have none; infinity times a small part of
        small = has_rest ? float_to_tf32(rest) : 0;  // 0 would be NaN, so they count only in the
        finite = has_rest ? large : 0;               // product of the large parts
    }
};
template <> struct Multiply<float, true> {
    __device__ __forceinline__ Multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
        Split s[4] = {a[0], a[1], a[2], a[3]}, s0 = b0, s1 = b1;
        u32 large[4], small[4], finite[4];
        for (int i = 0; i < 4; i++)
            large[i] = s[i].large, small[i] = s[i].small, finite[i] = s[i].finite;
        mma_tf32(c, small, s0.finite, s1.finite);
        mma_tf32(c, finite, s0.small, s1.small);
        mma_tf32(c, large, s0.large, s1.large);
    }
};

// ---------------------------------------------------------------- tiles in shared memory

// Numbers from one row of a tile to the next. 16 bytes more than there are columns: eight rows then
// start in different banks, and eight lanes that read a row each do not wait for each other.
template <class T> __device__ constexpr int pitch(int columns) { return columns + CHUNK<T>; }

// Start to copy a tile of ROWS x COLUMNS from a matrix whose rows are `stride` apart. Rows from
// `rows` on and columns from `columns` on are not there: they become zero. `whole`: each row starts
// at a multiple of 16 bytes, and copies are asynchronous. The caller commits them.
template <class T, int ROWS, int COLUMNS, int PITCH>
__device__ __forceinline__ void copy_tile(T* to, const T* from, i64 stride, int rows, int columns,
                                          bool whole) {
    constexpr int CHUNKS = COLUMNS / CHUNK<T>;
    for (int i = threadIdx.x; i < ROWS * CHUNKS; i += blockDim.x) {
        int r = i / CHUNKS, c = i % CHUNKS * CHUNK<T>;
        int there = r < rows ? min(max(columns - c, 0), CHUNK<T>) : 0;
        const T* source = there ? from + r * stride + c : from;
        T* target = to + r * PITCH + c;
        if (whole) {
            copy_async(target, source, there * int(sizeof(T)));
        } else {
            for (int j = 0; j < CHUNK<T>; j++) target[j] = j < there ? source[j] : T();
        }
    }
}

// One number, or zero if it is not `there`. (There is no asynchronous copy of 2 bytes.)
template <class T> __device__ __forceinline__ void copy_one(T* to, const T* from, bool there) {
    if constexpr (sizeof(T) == 4) copy_async_4(to, from, there);
    else *to = there ? *from : T();
}

template <class T> __device__ __forceinline__ bool whole_chunks(const T* from, i64 stride) {
    return aligned(from) && stride % CHUNK<T> == 0;
}

// ---------------------------------------------------------------- fragments

__device__ __forceinline__ int lane_id() { return threadIdx.x % 32; }

template <class T> __device__ __forceinline__ u32 word(const T* p) {
    return *reinterpret_cast<const u32*>(p);
}

// A[16][DEEP], stored row by row: tile points to A[0][0].
template <class T, int PITCH> __device__ __forceinline__ void load_a(u32 (&a)[4], const T* tile) {
    int lane = lane_id();
    load_matrices(a, tile + lane % 16 * PITCH + lane / 16 * CHUNK<T>);
}

// A[16][DEEP], stored transposed, as [DEEP][16].
template <class T, int PITCH>
__device__ __forceinline__ void load_a_transposed(u32 (&a)[4], const T* tile) {
    int lane = lane_id(), g = lane / 4, t = lane % 4;
    if constexpr (sizeof(T) == 2) {
        int i = lane / 8, r = lane % 8;
        load_matrices_transposed(a, tile + (i / 2 * 8 + r) * PITCH + i % 2 * 8);
    } else {
        for (int i = 0; i < 4; i++) a[i] = word(tile + (t + i / 2 * 4) * PITCH + g + i % 2 * 8);
    }
}

// B[DEEP][16], stored transposed, as [16][DEEP]: b[0], b[1] are its left 8 columns, b[2], b[3] the
// right ones.
template <class T, int PITCH>
__device__ __forceinline__ void load_b_transposed(u32 (&b)[4], const T* tile) {
    int i = lane_id() / 8, r = lane_id() % 8;
    load_matrices(b, tile + (i / 2 * 8 + r) * PITCH + i % 2 * CHUNK<T>);
}

// B[DEEP][16], stored row by row.
template <class T, int PITCH> __device__ __forceinline__ void load_b(u32 (&b)[4], const T* tile) {
    int lane = lane_id(), g = lane / 4, t = lane % 4;
    if constexpr (sizeof(T) == 2) {
        int i = lane / 8, r = lane % 8;
        load_matrices_transposed(b, tile + (i % 2 * 8 + r) * PITCH + i / 2 * 8);
    } else {
        for (int i = 0; i < 4; i++) b[i] = word(tile + (t + i % 2 * 4) * PITCH + g + i / 2 * 8);
    }
}

// A product's result as the A of the next product, without leaving the registers. Its columns are
// the next one's k. For halves the places fit. For floats column 2 t comes to where t belongs, and
// 2 t + 1 to t + 4; the sum over k is the same if B's rows are taken in that order too.
__device__ __forceinline__ u32 two(f16, float low, float high) { return pack_half(low, high); }
__device__ __forceinline__ u32 two(bf16, float low, float high) { return pack_bf16(low, high); }

template <class T> __device__ __forceinline__ void a_from_result(u32 (&a)[4], const float (*c)[4]) {
    #pragma unroll
    for (int i = 0; i < 4; i++) {
        if constexpr (sizeof(T) == 2) a[i] = two(T(), c[i / 2][i % 2 * 2], c[i / 2][i % 2 * 2 + 1]);
        else a[i] = __float_as_uint(c[0][i % 2 * 2 + i / 2]);
    }
}

// load_b for an A from a result.
template <class T, int PITCH>
__device__ __forceinline__ void load_b_for_result(u32 (&b)[4], const T* tile) {
    if constexpr (sizeof(T) == 2) {
        load_b<T, PITCH>(b, tile);
    } else {
        int g = lane_id() / 4, t = lane_id() % 4;
        for (int i = 0; i < 4; i++) b[i] = word(tile + (2 * t + i % 2) * PITCH + g + i / 2 * 8);
    }
}
