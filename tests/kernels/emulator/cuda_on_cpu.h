// CUDA C++ on a CPU, to test kernels where there is no GPU: slow, exact about who waits for whom.
//
// A thread of a block is a fiber, which runs until it must wait: for its block at __syncthreads, or
// for its warp at a shuffle, a matrix load or a tensor-core product, which the last lane to arrive
// computes for all 32. What the hardware leaves open is decided by the test: which warp is ahead of
// the others, the first or (`backwards`) the last, and whether an asynchronous copy is made when it
// is started or when it is waited for (`late`). A kernel whose result depends on either has a race.
//
// It stands in for kernels/cuda/ptx.cuh, function by function, and for CUDA's own names.

#include <math.h>
#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __restrict__
#define __launch_bounds__(...)
#define __shared__ static

using std::max;
using std::min;

struct dim3 { unsigned x = 1, y = 1, z = 1; };

namespace emulator {

enum Waiting { NO, FOR_BLOCK, FOR_WARP, DONE };

struct Copy { void* to; const void* from; int bytes, size; };  // bytes of size, then zeros

struct Fiber {
    ucontext_t start;  // to begin it, on its own stack; from then on `place`, which is cheaper
    jmp_buf place;
    bool begun = false;
    std::vector<char> stack = std::vector<char>(128 * 1024);
    dim3 thread;
    Waiting waiting = NO;
    std::deque<std::vector<Copy>> groups;  // asynchronous copies, by commit
    std::vector<Copy> started;
};

struct Warp {
    int arrived = 0;
    const char* what = nullptr;  // the operation that its lanes are gathering for
    void* operands[32];
};

inline std::vector<std::unique_ptr<Fiber>> fibers;
inline std::vector<Warp> warps;
inline int current, at_barrier;
inline bool backwards, late;
inline const char* error;
inline jmp_buf scheduler;
inline dim3 grid, block, block_index;

inline void pause(Waiting why) {
    Fiber& me = *fibers[current];
    me.waiting = why;
    if (!_setjmp(me.place)) _longjmp(scheduler, 1);
}

inline void fail(const char* why) {
    error = why;
    pause(FOR_BLOCK);
}

// Gather the operands of 32 lanes; the last to arrive calls compute(operands) for all of them.
template <class F> void together(const char* what, void* operand, F compute) {
    int me = current;
    Warp& warp = warps[me / 32];
    if (warp.arrived && warp.what != what) fail("the lanes of a warp came to different operations");
    warp.what = what;
    warp.operands[me % 32] = operand;
    if (++warp.arrived < 32) return pause(FOR_WARP);
    compute(warp.operands);
    warp.arrived = 0;
    for (int lane = 0; lane < 32; lane++) fibers[me / 32 * 32 + lane]->waiting = NO;
}

inline std::function<void()>* body;

}  // namespace emulator

#define threadIdx (emulator::fibers[emulator::current]->thread)
#define blockIdx emulator::block_index
#define blockDim emulator::block
#define gridDim emulator::grid

inline void __syncthreads() {
    using namespace emulator;
    if (++at_barrier < int(fibers.size())) return pause(FOR_BLOCK);
    at_barrier = 0;
    for (auto& fiber : fibers)
        if (fiber->waiting == FOR_BLOCK) fiber->waiting = NO;
}
inline void __syncwarp() { emulator::together("syncwarp", nullptr, [](void**) {}); }

// ---------------------------------------------------------------- numbers

inline float __uint_as_float(unsigned bits) { float x; std::memcpy(&x, &bits, 4); return x; }
inline unsigned __float_as_uint(float x) { unsigned bits; std::memcpy(&bits, &x, 4); return bits; }
inline float rsqrt(float x) { return 1 / std::sqrt(x); }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }

inline float half_to_float(unsigned short bits) {
    _Float16 h;
    std::memcpy(&h, &bits, 2);
    return h;
}
inline unsigned short float_to_half(float x) {
    _Float16 h = x;
    unsigned short bits;
    std::memcpy(&bits, &h, 2);
    return bits;
}
inline unsigned short float_to_bf16(float x) {
    unsigned bits = __float_as_uint(x);
    if (x != x) return 0x7fff;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;  // to nearest, ties to even
}
inline unsigned pack_half(float low, float high) {
    return float_to_half(low) | unsigned(float_to_half(high)) << 16;
}
inline unsigned pack_bf16(float low, float high) {
    return float_to_bf16(low) | unsigned(float_to_bf16(high)) << 16;
}
inline unsigned float_to_tf32(float x) {
    return std::isfinite(x) ? (__float_as_uint(x) + 0x1000) & ~0x1fffu : __float_as_uint(x);
}

// ---------------------------------------------------------------- a warp

template <class W> W shuffle_xor(W x, int apart) {
    struct Operand { W in, out; int apart; } mine = {x, x, apart};
    emulator::together("shuffle", &mine, [](void** all) {
        for (int lane = 0; lane < 32; lane++) {
            auto me = static_cast<Operand*>(all[lane]);
            me->out = static_cast<Operand*>(all[lane ^ me->apart])->in;
        }
    });
    return mine.out;
}

// ---------------------------------------------------------------- memory

inline unsigned char* dynamic_shared;

inline void make(const emulator::Copy& copy) {
    std::memset(copy.to, 0, copy.size);
    std::memcpy(copy.to, copy.from, copy.bytes);
}
inline void start_copy(const emulator::Copy& copy) {
    if (uintptr_t(copy.to) % copy.size || uintptr_t(copy.from) % copy.size)
        emulator::fail("a copy is not aligned");
    if (copy.bytes < 0 || copy.bytes > copy.size) emulator::fail("a copy of too many bytes");
    if (emulator::late) emulator::fibers[emulator::current]->started.push_back(copy);
    else make(copy);
}
inline void copy_async(void* to, const void* from, int bytes) { start_copy({to, from, bytes, 16}); }
inline void copy_async_4(void* to, const void* from, bool there) {
    start_copy({to, from, there ? 4 : 0, 4});
}
inline void commit_copies() {
    auto& me = *emulator::fibers[emulator::current];
    me.groups.push_back(std::move(me.started));
    me.started.clear();
}
template <int N> void wait_copies() {
    auto& groups = emulator::fibers[emulator::current]->groups;
    for (; int(groups.size()) > N; groups.pop_front())
        for (auto& copy : groups.front()) make(copy);
}

template <bool TRANSPOSED> void load_matrices_(unsigned (&r)[4], const void* row) {
    struct Operand { unsigned* r; const void* row; } mine = {r, row};
    if (uintptr_t(row) % 16) emulator::fail("a row of load_matrices is not aligned");
    emulator::together(TRANSPOSED ? "load transposed" : "load", &mine, [](void** all) {
        for (int lane = 0; lane < 32; lane++)
            for (int i = 0; i < 4; i++) {
                auto halves = [&](int r, int c) {
                    auto row = static_cast<Operand*>(all[8 * i + r])->row;
                    return unsigned(static_cast<const unsigned short*>(row)[c]);
                };
                int g = lane / 4, t = lane % 4;
                static_cast<Operand*>(all[lane])->r[i] =
                    TRANSPOSED ? halves(2 * t, g) | halves(2 * t + 1, g) << 16
                               : halves(g, 2 * t) | halves(g, 2 * t + 1) << 16;
            }
    });
}
inline void load_matrices(unsigned (&r)[4], const void* row) { load_matrices_<false>(r, row); }
inline void load_matrices_transposed(unsigned (&r)[4], const void* row) {
    load_matrices_<true>(r, row);
}

// ---------------------------------------------------------------- tensor cores

// READ(word, i): number i of a 32-bit word; K numbers in a row of A.
template <int PER_WORD, class Read>
void mma(const char* what, float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1,
         Read read) {
    struct Operand { float* c; const unsigned* a; unsigned b[2]; } mine = {c, a, {b0, b1}};
    emulator::together(what, &mine, [&](void** all) {
        constexpr int WORDS = 8, K = WORDS * PER_WORD;
        float A[16][K], B[K][8];
        for (int lane = 0; lane < 32; lane++) {
            auto one = static_cast<Operand*>(all[lane]);
            int g = lane / 4, t = lane % 4;
            for (int i = 0; i < PER_WORD; i++) {
                for (int half = 0; half < 2; half++) {
                    int k = (t + 4 * half) * PER_WORD + i;
                    A[g][k] = read(one->a[2 * half], i);
                    A[g + 8][k] = read(one->a[2 * half + 1], i);
                    B[k][g] = read(one->b[half], i);
                }
            }
        }
        for (int lane = 0; lane < 32; lane++)
            for (int i = 0; i < 4; i++) {
                int row = lane / 4 + 8 * (i / 2), column = lane % 4 * 2 + i % 2;
                double sum = 0;
                for (int k = 0; k < K; k++) sum += double(A[row][k]) * B[k][column];
                static_cast<Operand*>(all[lane])->c[i] += float(sum);
            }
    });
}
inline void mma_half(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    mma<2>("mma half", c, a, b0, b1,
           [](unsigned word, int i) { return half_to_float(word >> 16 * i & 0xffff); });
}
inline void mma_bf16(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    mma<2>("mma bf16", c, a, b0, b1,
           [](unsigned word, int i) { return __uint_as_float(word >> 16 * i << 16); });
}
inline void mma_tf32(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    // The hardware does not look at the last 13 bits.
    mma<1>("mma tf32", c, a, b0, b1,
           [](unsigned word, int) { return __uint_as_float(word & ~0x1fffu); });
}

// ---------------------------------------------------------------- a launch

namespace emulator {

inline void run_fiber() {
    (*body)();
    fibers[current]->waiting = DONE;
    _longjmp(scheduler, 1);
}

// Run a fiber until it pauses.
inline void resume(Fiber& fiber) {
    if (_setjmp(scheduler)) return;
    if (fiber.begun) _longjmp(fiber.place, 1);
    fiber.begun = true;
    setcontext(&fiber.start);
}

// Run a warp as far as it gets: how many of its lanes are done with that, -1 if none could move.
inline int run_warp(int warp, int threads) {
    int done = 0;
    bool moved = false;
    for (bool again = true; again && !error;) {
        again = false;
        for (int lane = 0; lane < 32 && 32 * warp + lane < threads && !error; lane++) {
            current = 32 * warp + (backwards ? 31 - lane : lane);
            if (current >= threads || fibers[current]->waiting != NO) continue;
            again = moved = true;
            resume(*fibers[current]);
            done += fibers[current]->waiting == DONE;
        }
    }
    return moved ? done : -1;
}

inline void run_block(int shared) {
    constexpr int CANARY = 4096;
    std::vector<unsigned char> memory(shared + CANARY + 128, 0xff);  // NaN, whatever the type
    dynamic_shared = memory.data() + (128 - uintptr_t(memory.data()) % 128) % 128;
    int threads = block.x * block.y * block.z;
    fibers.resize(threads);
    warps.assign((threads + 31) / 32, {});
    at_barrier = 0;
    for (int i = 0; i < threads; i++) {
        if (!fibers[i]) fibers[i] = std::make_unique<Fiber>();
        Fiber& f = *fibers[i];
        f.thread = {i % block.x, i / block.x % block.y, i / (block.x * block.y)};
        f.waiting = NO;
        f.groups.clear();
        f.started.clear();
        f.begun = false;
        getcontext(&f.start);
        f.start.uc_stack.ss_sp = f.stack.data();
        f.start.uc_stack.ss_size = f.stack.size();
        makecontext(&f.start, run_fiber, 0);
    }
    int count = warps.size(), done = 0;
    for (int i = 0; i < count && !error; i++) {
        // A warp runs until all its lanes wait for the block; then it is the turn of the first warp
        // that can go on. So one is as far ahead of the others as barriers let it be.
        int lanes = run_warp(backwards ? count - 1 - i : i, threads);
        done += lanes < 0 ? 0 : lanes;
        if (lanes >= 0) i = -1;
    }
    if (done < threads && !error) error = "threads wait for others that have left, or are elsewhere";
    for (int i = 0; i < CANARY; i++)
        if (dynamic_shared[shared + i] != 0xff) error = "written beyond the shared memory";
}

template <class... A, size_t... I>
const char* launch(void (*kernel)(A...), const unsigned* sizes, int shared, int how, void** args,
                   std::index_sequence<I...>) {
    grid = {sizes[0], sizes[1], sizes[2]};
    block = {sizes[3], sizes[4], sizes[5]};
    backwards = how & 1;
    late = how & 2;
    error = nullptr;
    std::function<void()> call = [&] { kernel(*static_cast<A*>(args[I])...); };
    body = &call;
    for (unsigned z = 0; z < grid.z; z++)
        for (unsigned y = 0; y < grid.y; y++)
            for (unsigned x = 0; x < grid.x && !error; x++) {
                block_index = {x, y, z};
                run_block(shared);
            }
    return error;
}

// Run a kernel; nullptr, or what was wrong with it.
template <class... A>
const char* launch(void (*kernel)(A...), const unsigned* sizes, int shared, int how, void** args) {
    return launch(kernel, sizes, shared, how, args, std::index_sequence_for<A...>());
}

}  // namespace emulator
