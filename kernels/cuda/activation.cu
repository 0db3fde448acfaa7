// Activation functions and their gradients, elementwise: see reference/activation.py.
//
// What takes the time is memory: a thread reads and writes 16 bytes at once.

#include "ptx.cuh"
#include "types.cuh"
#include "rows.cuh"

// The options of a function, in the order of its arguments.
template <class W> struct Options { W a, b, c; };

// An activation is a struct with f(x), and gradient(g, v): g dy/dx, from v = x or v = y.
// Written so that NaN stays NaN: fmax and fmin would drop it.

struct Relu {
    template <class W> static __device__ W f(W x, Options<W>) { return x <= 0 ? W(0) : x; }
    template <class W> static __device__ W gradient(W g, W y, Options<W>) {
        return y == 0 ? W(0) : g;
    }
};
struct LeakyRelu {  // a: the slope below 0
    template <class W> static __device__ W f(W x, Options<W> o) { return x > 0 ? x : o.a * x; }
    template <class W> static __device__ W gradient(W g, W x, Options<W> o) {
        return x > 0 ? g : g * o.a;
    }
};
struct Tanh {
    template <class W> static __device__ W f(W x, Options<W>) { return tanh(x); }
    template <class W> static __device__ W gradient(W g, W y, Options<W>) {
        return g * (1 - y * y);
    }
};
struct Sigmoid {
    template <class W> static __device__ W f(W x, Options<W>) { return 1 / (1 + exp(-x)); }
    template <class W> static __device__ W gradient(W g, W y, Options<W>) {
        return g * (y * (1 - y));
    }
};
struct Elu {  // a: alpha, b: scale, c: width
    template <class W> static __device__ W f(W x, Options<W> o) {
        return o.b * (x > 0 ? x : o.a * expm1(x / o.c));
    }
    template <class W> static __device__ W gradient(W g, W y, Options<W> o) {
        return y > 0 ? o.b * g : g * ((y + o.b * o.a) / o.c);
    }
};
struct Silu {
    template <class W> static __device__ W f(W x, Options<W>) { return x * (1 / (1 + exp(-x))); }
    template <class W> static __device__ W gradient(W g, W x, Options<W>) {
        W s = 1 / (1 + exp(-x));
        return g * (s * (1 + x * (1 - s)));
    }
};
struct Softplus {  // a: beta, b: threshold
    template <class W> static __device__ W f(W x, Options<W> o) {
        W z = o.a * x;
        return z > o.b ? x : ((z > 0 ? z : W(0)) + log1p(exp(-fabs(z)))) / o.a;
    }
    template <class W> static __device__ W gradient(W g, W x, Options<W> o) {
        W z = o.a * x;
        return z > o.b ? g : g / (1 + exp(-z));
    }
};
struct Mish {
    // tanh(softplus(x)) = n / (n + 2) with n = e^x (e^x + 2); from x = 20 on it is 1.
    template <class W> static __device__ W f(W x, Options<W>) {
        W e = exp(x > 20 ? W(20) : x), n = e * (e + 2);
        return x * (n / (n + 2));
    }
    template <class W> static __device__ W gradient(W g, W x, Options<W>) {
        W e = exp(x > 20 ? W(20) : x), n = e * (e + 2);
        return g * (x > 20 ? W(1) : n / (n + 2) + x * (4 * e * (e + 1) / ((n + 2) * (n + 2))));
    }
};
struct Gelu {
    template <class W> static __device__ W f(W x, Options<W>) {
        return W(0.5) * x * (1 + erf(x * W(0.7071067811865476)));
    }
    template <class W> static __device__ W gradient(W g, W x, Options<W>) {
        W density = W(0.3989422804014327) * exp(W(-0.5) * x * x);
        return g * (W(0.5) * (1 + erf(x * W(0.7071067811865476))) + x * density);
    }
};
struct GeluTanh {
    template <class W> static __device__ W inner(W x) {
        return tanh(W(0.7978845608028654) * x * (1 + W(0.044715) * x * x));
    }
    template <class W> static __device__ W f(W x, Options<W>) {
        return W(0.5) * x * (1 + inner(x));
    }
    template <class W> static __device__ W gradient(W g, W x, Options<W>) {
        W t = inner(x), slope = W(0.7978845608028654) * (1 + 3 * W(0.044715) * x * x);
        return g * (W(0.5) * (1 + t) + W(0.5) * x * (1 - t * t) * slope);
    }
};

// body(i, Count<N>): for the 16 bytes of this thread, or one by one at the end of the array.
template <class T, class Body>
__device__ __forceinline__ void my_pack(i64 n, bool whole, Body body) {
    constexpr int N = 16 / sizeof(T);
    i64 first = (i64(blockIdx.x) * blockDim.x + threadIdx.x) * N;
    if (whole && first + N <= n) {
        body(first, Count<N>());
    } else {
        for (i64 i = first; i < n && i < first + N; i++) body(i, Count<1>());
    }
}

template <class T, class Op>
__global__ void activate(const T* __restrict__ x, T* __restrict__ y, double a, double b, double c,
                         i64 n) {
    typedef Wide<T> W;
    my_pack<T>(n, aligned(x) && aligned(y), [&](i64 i, auto count) {
        auto xs = load(x + i, count);
        for (T& one : xs.at) one = narrow<T>(Op::f(widen(one), Options<W>{W(a), W(b), W(c)}));
        store(y + i, xs);
    });
}

// v: x or y, whatever the gradient is made from.
template <class T, class Op>
__global__ void activate_backward(const T* __restrict__ g, const T* __restrict__ v,
                                  T* __restrict__ dx, double a, double b, double c, i64 n) {
    typedef Wide<T> W;
    my_pack<T>(n, aligned(g) && aligned(v) && aligned(dx), [&](i64 i, auto count) {
        auto gs = load(g + i, count), vs = load(v + i, count);
        Options<W> options = {W(a), W(b), W(c)};
        for (int j = 0; j < count.n; j++)
            gs.at[j] = narrow<T>(Op::gradient(widen(gs.at[j]), widen(vs.at[j]), options));
        store(dx + i, gs);
    });
}
