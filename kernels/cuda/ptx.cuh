// The machine's own instructions that C++ has no words for, one small function each.
//
// Layouts of the tensor cores' operands are in NVIDIA's "PTX ISA", sections "Matrix Fragments for
// mma.m16n8k16" and "... mma.m16n8k8". g = lane / 4 and t = lane % 4 below.

// ---------------------------------------------------------------- numbers

__device__ __forceinline__ float half_to_float(unsigned short bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
}
__device__ __forceinline__ unsigned short float_to_half(float x) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}
__device__ __forceinline__ unsigned short float_to_bf16(float x) {
    unsigned short bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}
// Two numbers in one register, `low` in its lower half.
__device__ __forceinline__ unsigned pack_half(float low, float high) {
    unsigned two;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(two) : "f"(high), "f"(low));
    return two;
}
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
    unsigned two;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(two) : "f"(high), "f"(low));
    return two;
}
// float with 10 bits of fraction, which is what a tensor core makes of floats ("TF32").
__device__ __forceinline__ unsigned float_to_tf32(float x) {
    unsigned bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
}

// ---------------------------------------------------------------- a warp

template <class W> __device__ __forceinline__ W shuffle_xor(W x, int apart) {
    return __shfl_xor_sync(0xffffffff, x, apart);
}

// ---------------------------------------------------------------- memory

__device__ __forceinline__ unsigned shared_address(const void* p) {
    return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// Start to copy 16 bytes from global to shared memory, past the registers. Only the first `bytes`
// are read, the rest becomes zero. Both addresses are multiples of 16.
__device__ __forceinline__ void copy_async(void* to, const void* from, int bytes) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :: "r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}
// The same for 4 bytes, or zero if they are not `there`.
__device__ __forceinline__ void copy_async_4(void* to, const void* from, bool there) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;"
                 :: "r"(shared_address(to)), "l"(from), "r"(there ? 4 : 0) : "memory");
}
// Copies started since the last commit are one group.
__device__ __forceinline__ void commit_copies() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}
// Wait until at most N of this thread's groups are under way. A __syncthreads must follow before
// other threads look at what was copied.
template <int N> __device__ __forceinline__ void wait_copies() {
    asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory");
}

// Four 8 x 8 matrices of 16-bit numbers (or 8 x 4 of 32-bit ones). Lane 8 i + r gives the address
// of row r of matrix i; r[i] becomes word t of row g of matrix i.
__device__ __forceinline__ void load_matrices(unsigned (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared_address(row)) : "memory");
}
// The same, each matrix transposed: rows 2 t and 2 t + 1 of column g. 16-bit numbers only.
__device__ __forceinline__ void load_matrices_transposed(unsigned (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared_address(row)) : "memory");
}

// ---------------------------------------------------------------- tensor cores: C += A B

// A is 16 x 16, B 16 x 8, C 16 x 8. In 32-bit words, two numbers each:
//   a = A[g][t], A[g + 8][t], A[g][t + 4], A[g + 8][t + 4]
//   b = B[2 t and 2 t + 1][g], B[2 t + 8 and 2 t + 9][g]
//   c = C[g][2 t], C[g][2 t + 1], C[g + 8][2 t], C[g + 8][2 t + 1]
__device__ __forceinline__ void mma_half(float (&c)[4], const unsigned (&a)[4], unsigned b0,
                                         unsigned b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
__device__ __forceinline__ void mma_bf16(float (&c)[4], const unsigned (&a)[4], unsigned b0,
                                         unsigned b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
// A is 16 x 8, B 8 x 8; the same words, one number each: b = B[t][g], B[t + 4][g].
__device__ __forceinline__ void mma_tf32(float (&c)[4], const unsigned (&a)[4], unsigned b0,
                                         unsigned b1) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Shared memory of the size that the launch asks for.
extern __shared__ __align__(128) unsigned char dynamic_shared[];
