// The random numbers of dropout: see reference/dropout.py.

// Block `number` of Philox4x32-10: four words of 32 random bits.
struct Random {
    u32 words[4];
    __device__ __forceinline__ Random(u64 seed, u64 number) {
        u32 c[4] = {u32(number), u32(number >> 32), 0, 0}, key[2] = {u32(seed), u32(seed >> 32)};
        #pragma unroll
        for (int round = 0; round < 10; round++) {
            u64 a = u64(0xD2511F53) * c[0], b = u64(0xCD9E8D57) * c[2];
            c[0] = u32(b >> 32) ^ c[1] ^ key[0], c[1] = u32(b);
            c[2] = u32(a >> 32) ^ c[3] ^ key[1], c[3] = u32(a);
            key[0] += 0x9E3779B9, key[1] += 0xBB67AE85;
        }
        for (int i = 0; i < 4; i++) words[i] = c[i];
    }
};

// The bits of element `index`: a word of one block. (An array with a computed index would be kept
// in memory, hence the choices.)
__device__ __forceinline__ u32 random_bits(u64 seed, u64 index) {
    Random block(seed, 16 * (index / 64) + index % 16);
    u32 which = index / 16 % 4;
    u32 low = which == 0 ? block.words[0] : block.words[1];
    return which < 2 ? low : which == 2 ? block.words[2] : block.words[3];
}
