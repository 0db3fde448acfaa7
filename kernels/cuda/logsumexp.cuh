// The largest x so far, and the sum of exp(x - largest). Those of two parts of a row combine into
// that of both, and so one pass is enough: Milakov and Gimelshein, "Online normalizer calculation
// for softmax", 2018.
template <class W> struct Sum { W largest, sum; };

// exp(x - largest); 0 for x = -inf also where largest is -inf, because there is nothing else yet.
template <class W> __device__ __forceinline__ W relative(W x, W largest) {
    return x == -W(infinity()) ? W(0) : exp(x - largest);
}

struct Combine {
    template <class W> __device__ __forceinline__ Sum<W> operator()(Sum<W> a, Sum<W> b) const {
        W top = fmax(a.largest, b.largest);  // not NaN, if there is a number; the sum is
        return {top, a.sum * relative(a.largest, top) + b.sum * relative(b.largest, top)};
    }
};

template <class W> __device__ __forceinline__ Sum<W> shuffle_xor(Sum<W> s, int apart) {
    return {shuffle_xor(s.largest, apart), shuffle_xor(s.sum, apart)};
}

// Of the row x[0 .. n - 1], to every thread of its team.
template <class T>
__device__ __forceinline__ Sum<Wide<T>> sum_of_exp(const T* x, int n, bool whole) {
    typedef Wide<T> W;
    __shared__ Sum<W> room[32];
    Sum<W> part = {-W(infinity()), W(0)};
    each_pack<T>(n, whole, [&](int i, auto count) {
        auto xs = load(x + i, count);
        W top = part.largest;
        for (T one : xs.at) top = fmax(top, widen(one));
        part.sum *= relative(part.largest, top);
        for (T one : xs.at) part.sum += relative(widen(one), top);
        part.largest = top;
    });
    Sum<W> all = team_reduce(part, Combine(), room);
    if (all.sum == 0) all.sum = not_a_number();  // nothing but -inf, and -inf - -inf is NaN
    return all;
}
