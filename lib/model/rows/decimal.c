/*
 * decimal.c - Clinger's exact case, then the method of Eisel and Lemire: D. Lemire, "Number Parsing
 * at a Gigabyte per Second", Software: Practice and Experience 51 (2021).
 */
#include "lib/model/rows/decimal.h"

#include <string.h>

enum { FIRST = -50, LAST = 32 };

/* Powers of ten that a double holds exactly. */
static const double exact[] = { 1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,
				1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/*
 * 5^e in 128 bits, the highest of them set: cut off for e >= 0, the next above it below. What
 * tests/unit/model/decimal.c holds equal to strtod.
 */
static const struct power {
	uint64_t high, low;
} powers[] = {
	{ 0xef73d256a5c0f77c, 0x963e66858f6d4440 }, /* -50 */
	{ 0x95a8637627989aad, 0xdde7001379a44aa8 }, /* -49 */
	{ 0xbb127c53b17ec159, 0x5560c018580d5d52 }, /* -48 */
	{ 0xe9d71b689dde71af, 0xaab8f01e6e10b4a6 }, /* -47 */
	{ 0x9226712162ab070d, 0xcab3961304ca70e8 }, /* -46 */
	{ 0xb6b00d69bb55c8d1, 0x3d607b97c5fd0d22 }, /* -45 */
	{ 0xe45c10c42a2b3b05, 0x8cb89a7db77c506a }, /* -44 */
	{ 0x8eb98a7a9a5b04e3, 0x77f3608e92adb242 }, /* -43 */
	{ 0xb267ed1940f1c61c, 0x55f038b237591ed3 }, /* -42 */
	{ 0xdf01e85f912e37a3, 0x6b6c46dec52f6688 }, /* -41 */
	{ 0x8b61313bbabce2c6, 0x2323ac4b3b3da015 }, /* -40 */
	{ 0xae397d8aa96c1b77, 0xabec975e0a0d081a }, /* -39 */
	{ 0xd9c7dced53c72255, 0x96e7bd358c904a21 }, /* -38 */
	{ 0x881cea14545c7575, 0x7e50d64177da2e54 }, /* -37 */
	{ 0xaa242499697392d2, 0xdde50bd1d5d0b9e9 }, /* -36 */
	{ 0xd4ad2dbfc3d07787, 0x955e4ec64b44e864 }, /* -35 */
	{ 0x84ec3c97da624ab4, 0xbd5af13bef0b113e }, /* -34 */
	{ 0xa6274bbdd0fadd61, 0xecb1ad8aeacdd58e }, /* -33 */
	{ 0xcfb11ead453994ba, 0x67de18eda5814af2 }, /* -32 */
	{ 0x81ceb32c4b43fcf4, 0x80eacf948770ced7 }, /* -31 */
	{ 0xa2425ff75e14fc31, 0xa1258379a94d028d }, /* -30 */
	{ 0xcad2f7f5359a3b3e, 0x096ee45813a04330 }, /* -29 */
	{ 0xfd87b5f28300ca0d, 0x8bca9d6e188853fc }, /* -28 */
	{ 0x9e74d1b791e07e48, 0x775ea264cf55347e }, /* -27 */
	{ 0xc612062576589dda, 0x95364afe032a819e }, /* -26 */
	{ 0xf79687aed3eec551, 0x3a83ddbd83f52205 }, /* -25 */
	{ 0x9abe14cd44753b52, 0xc4926a9672793543 }, /* -24 */
	{ 0xc16d9a0095928a27, 0x75b7053c0f178294 }, /* -23 */
	{ 0xf1c90080baf72cb1, 0x5324c68b12dd6339 }, /* -22 */
	{ 0x971da05074da7bee, 0xd3f6fc16ebca5e04 }, /* -21 */
	{ 0xbce5086492111aea, 0x88f4bb1ca6bcf585 }, /* -20 */
	{ 0xec1e4a7db69561a5, 0x2b31e9e3d06c32e6 }, /* -19 */
	{ 0x9392ee8e921d5d07, 0x3aff322e62439fd0 }, /* -18 */
	{ 0xb877aa3236a4b449, 0x09befeb9fad487c3 }, /* -17 */
	{ 0xe69594bec44de15b, 0x4c2ebe687989a9b4 }, /* -16 */
	{ 0x901d7cf73ab0acd9, 0x0f9d37014bf60a11 }, /* -15 */
	{ 0xb424dc35095cd80f, 0x538484c19ef38c95 }, /* -14 */
	{ 0xe12e13424bb40e13, 0x2865a5f206b06fba }, /* -13 */
	{ 0x8cbccc096f5088cb, 0xf93f87b7442e45d4 }, /* -12 */
	{ 0xafebff0bcb24aafe, 0xf78f69a51539d749 }, /* -11 */
	{ 0xdbe6fecebdedd5be, 0xb573440e5a884d1c }, /* -10 */
	{ 0x89705f4136b4a597, 0x31680a88f8953031 }, /* -9 */
	{ 0xabcc77118461cefc, 0xfdc20d2b36ba7c3e }, /* -8 */
	{ 0xd6bf94d5e57a42bc, 0x3d32907604691b4d }, /* -7 */
	{ 0x8637bd05af6c69b5, 0xa63f9a49c2c1b110 }, /* -6 */
	{ 0xa7c5ac471b478423, 0x0fcf80dc33721d54 }, /* -5 */
	{ 0xd1b71758e219652b, 0xd3c36113404ea4a9 }, /* -4 */
	{ 0x83126e978d4fdf3b, 0x645a1cac083126ea }, /* -3 */
	{ 0xa3d70a3d70a3d70a, 0x3d70a3d70a3d70a4 }, /* -2 */
	{ 0xcccccccccccccccc, 0xcccccccccccccccd }, /* -1 */
	{ 0x8000000000000000, 0x0000000000000000 }, /* 0 */
	{ 0xa000000000000000, 0x0000000000000000 }, /* 1 */
	{ 0xc800000000000000, 0x0000000000000000 }, /* 2 */
	{ 0xfa00000000000000, 0x0000000000000000 }, /* 3 */
	{ 0x9c40000000000000, 0x0000000000000000 }, /* 4 */
	{ 0xc350000000000000, 0x0000000000000000 }, /* 5 */
	{ 0xf424000000000000, 0x0000000000000000 }, /* 6 */
	{ 0x9896800000000000, 0x0000000000000000 }, /* 7 */
	{ 0xbebc200000000000, 0x0000000000000000 }, /* 8 */
	{ 0xee6b280000000000, 0x0000000000000000 }, /* 9 */
	{ 0x9502f90000000000, 0x0000000000000000 }, /* 10 */
	{ 0xba43b74000000000, 0x0000000000000000 }, /* 11 */
	{ 0xe8d4a51000000000, 0x0000000000000000 }, /* 12 */
	{ 0x9184e72a00000000, 0x0000000000000000 }, /* 13 */
	{ 0xb5e620f480000000, 0x0000000000000000 }, /* 14 */
	{ 0xe35fa931a0000000, 0x0000000000000000 }, /* 15 */
	{ 0x8e1bc9bf04000000, 0x0000000000000000 }, /* 16 */
	{ 0xb1a2bc2ec5000000, 0x0000000000000000 }, /* 17 */
	{ 0xde0b6b3a76400000, 0x0000000000000000 }, /* 18 */
	{ 0x8ac7230489e80000, 0x0000000000000000 }, /* 19 */
	{ 0xad78ebc5ac620000, 0x0000000000000000 }, /* 20 */
	{ 0xd8d726b7177a8000, 0x0000000000000000 }, /* 21 */
	{ 0x878678326eac9000, 0x0000000000000000 }, /* 22 */
	{ 0xa968163f0a57b400, 0x0000000000000000 }, /* 23 */
	{ 0xd3c21bcecceda100, 0x0000000000000000 }, /* 24 */
	{ 0x84595161401484a0, 0x0000000000000000 }, /* 25 */
	{ 0xa56fa5b99019a5c8, 0x0000000000000000 }, /* 26 */
	{ 0xcecb8f27f4200f3a, 0x0000000000000000 }, /* 27 */
	{ 0x813f3978f8940984, 0x4000000000000000 }, /* 28 */
	{ 0xa18f07d736b90be5, 0x5000000000000000 }, /* 29 */
	{ 0xc9f2c9cd04674ede, 0xa400000000000000 }, /* 30 */
	{ 0xfc6f7c4045812296, 0x4d00000000000000 }, /* 31 */
	{ 0x9dc5ada82b70b59d, 0xf020000000000000 }, /* 32 */
};

/* The upper 128 bits of w * power, as far as the rounding needs them. */
static void product(uint64_t w, const struct power *p, uint64_t *high, uint64_t *low)
{
	__extension__ typedef unsigned __int128 wide;
	wide first = (wide)w * p->high;

	*high = (uint64_t)(first >> 64);
	*low = (uint64_t)first;
	if ((*high & 0x1ff) == 0x1ff) {
		uint64_t second = (uint64_t)((wide)w * p->low >> 64);

		*low += second;
		*high += *low < second;
	}
}

bool decimal_double(uint64_t m, int e, double *out)
{
	uint64_t high, low, bits;
	int zeros, top;

	if (m <= 1ull << 53 && e >= -22 && e <= 22) {
		*out = e < 0 ? (double)m / exact[-e] : (double)m * exact[e];
		return true;
	}
	if (!m || e < FIRST || e > LAST)
		return false;
	zeros = __builtin_clzll(m);
	product(m << zeros, &powers[e - FIRST], &high, &low);
	if (low == UINT64_MAX && (e < -27 || e > 55))
		return false;
	top = (int)(high >> 63);
	bits = high >> (top + 9);
	if (low <= 1 && e >= -4 && e <= 23 && (bits & 3) == 1 && bits << (top + 9) == high)
		bits &= ~1ull; /* halfway: to even */
	bits = (bits + (bits & 1)) >> 1;
	/* 217706 / 2^16 is log2(10); a carry out of the fraction raises the exponent by itself */
	bits += (uint64_t)(((217706 * e) >> 16) + 63 + top - zeros + 1022) << 52;
	memcpy(out, &bits, sizeof *out);
	return true;
}
