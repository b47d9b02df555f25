/*
 * mlp_functions.h - functions of one number, of a register and of an array: the same operations, so
 * the same bits, in every kernel. For mlp_kernel.h alone, which says what the macros are.
 */
#define PICK(mask, a, b) FLOATS((mask & BITS(a)) | (~mask & BITS(b)))
#define MAGIC 12582912.0f /* 1.5 * 2^23: adding it rounds to a whole number, in the lowest bits */

/* 2^n for whole n from -126 to 127. */
INLINE V pow2(VI n)
{
	return FLOATS(SHIFT(n + 127, 23));
}

/*
 * exp by Cody and Waite's reduction and Cephes' polynomial, within 1.5 units in the last place;
 * 0 far below, infinity above, NaN of NaN.
 */
INLINE V v_exp(V x)
{
	V t, n, r, p;
	VI whole, half;

	x = MAX(SET(-104.0f), x);
	x = MIN(SET(89.0f), x);
	t = FMA(x, SET(1.44269504f), SET(MAGIC));
	n = t - SET(MAGIC);
	r = FMA(n, SET(-0.693359375f), x);
	r = FMA(n, SET(2.12194440e-4f), r);
	p = SET(1.9875691500e-4f);
	p = FMA(p, r, SET(1.3981999507e-3f));
	p = FMA(p, r, SET(8.3334519073e-3f));
	p = FMA(p, r, SET(4.1665795894e-2f));
	p = FMA(p, r, SET(1.6666665459e-1f));
	p = FMA(p, r, SET(5.0000001201e-1f));
	p = FMA(p, r * r, r) + SET(1.0f);
	/* In two halves: neither leaves the exponents that there are. */
	whole = BITS(t) - BITS(SET(MAGIC));
	half = whole >> 1;
	return p * pow2(half) * pow2(whole - half);
}

/* 1 - 2 / (exp(2 |x|) + 1), and Cephes' polynomial below 0.625. */
INLINE V v_tanh(V x)
{
	V a = FLOATS(BITS(x) & 0x7fffffff), s = x * x, p, big;
	VI sign = BITS(x) & (VI)(BITS(SET(-0.0f)));

	p = SET(-5.70498872745e-3f);
	p = FMA(p, s, SET(2.06390887954e-2f));
	p = FMA(p, s, SET(-5.37397155531e-2f));
	p = FMA(p, s, SET(1.33314422036e-1f));
	p = FMA(p, s, SET(-3.33332819422e-1f));
	p = FMA(p * s, x, x);
	big = SET(1.0f) - SET(2.0f) / (v_exp(a + a) + SET(1.0f));
	big = FLOATS(BITS(big) | sign);
	return PICK(BELOW(a, SET(0.625f)), p, big);
}

/* The error function after N. Juffa: two polynomials, the upper one below exp. */
INLINE V v_erf(V x)
{
	V a = FLOATS(BITS(x) & 0x7fffffff), s, r, u, big;
	VI sign = BITS(x) & (VI)(BITS(SET(-0.0f)));

	a = MIN(SET(4.0f), a);
	s = a * a;
	r = FMA(SET(-1.72853470e-5f), a, SET(3.83197126e-4f));
	u = FMA(SET(-3.88396438e-3f), a, SET(2.42546219e-2f));
	r = FMA(r, s, u);
	r = FMA(r, a, SET(-1.06777877e-1f));
	r = FMA(r, a, SET(-6.34846687e-1f));
	r = FMA(r, a, SET(-1.28717512e-1f));
	r = FMA(r, a, SET(0.0f) - a);
	big = FLOATS(BITS(SET(1.0f) - v_exp(r)) | sign);
	r = SET(-5.96761703e-4f);
	r = FMA(r, s, SET(4.99119423e-3f));
	r = FMA(r, s, SET(-2.67681349e-2f));
	r = FMA(r, s, SET(1.12819925e-1f));
	r = FMA(r, s, SET(-3.76125336e-1f));
	r = FMA(r, s, SET(1.28379166e-1f));
	r = FMA(r, x, x);
	return PICK(BELOW(a, SET(0.927734375f)), r, big);
}

INLINE V v_gelu(V x)
{
	return SET(0.5f) * x * (SET(1.0f) + v_erf(x * SET(0.70710678f)));
}

/* With e = exp(-|x|), which cannot overflow: 1 / (1 + e), and e times that below 0. */
INLINE V v_logistic(V x)
{
	V e = v_exp(FLOATS(BITS(x) | BITS(SET(-0.0f)))), upper = SET(1.0f) / (SET(1.0f) + e);

	return PICK(BELOW(x, SET(0.0f)), e * upper, upper);
}

enum function { F_EXP, F_LOGISTIC, F_TANH, F_GELU };

INLINE V v_apply(enum function f, V x)
{
	switch (f) {
	case F_EXP:
		return v_exp(x);
	case F_LOGISTIC:
		return v_logistic(x);
	case F_TANH:
		return v_tanh(x);
	default:
		return v_gelu(x);
	}
}

/* In place; n of any size, v anywhere. */
INLINE void apply(enum function f, float *v, size_t n)
{
	float block[LANES] __attribute__((aligned(MLP_ALIGN))) = { 0 };

	for (; n >= LANES; n -= LANES, v += LANES)
		STORE(v, v_apply(f, LOAD(v)));
	if (!n)
		return;
	memcpy(block, v, n * sizeof(*v));
	STORE(block, v_apply(f, LOAD(block)));
	memcpy(v, block, n * sizeof(*v));
}

/* In place; n a multiple of LANES. */
TARGET static void activate(enum net_activation a, float *v, size_t n)
{
	if (a == NET_TANH)
		apply(F_TANH, v, n);
	else if (a == NET_GELU)
		apply(F_GELU, v, n);
	else
		for (; n; n -= LANES, v += LANES)
			STORE(v, MAX(SET(0.0f), LOAD(v)));
}
