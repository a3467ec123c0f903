"""Elementary functions of our own, so that a market has the same bits on every processor.

System libraries round ``exp`` and ``log`` differently from one machine to the next. These functions
are built from addition, multiplication, division, square root and moves of bits only, which the IEEE 754
standard fixes to the last bit. All take and return float64. Compiled or as plain Python
(``exp.py_func``) they give identical bits.

The equations (``exp``, ``log``, ``normal_quantile``, ``tanh``, ``logistic``, ``normal_cdf``) select instead
of branching, so that a loop over them runs on several numbers at once. The helpers (gamma and beta) loop
inside and are meant for tables made once, not for a month's work. Error bounds are as measured by
``tests/test_maths.py``.
"""

from __future__ import annotations

import math

from sim.compiled import bits_of, equation, float_of, helper, loop

MAX_TERMS = 5000
"""Most terms of a series or continued fraction; a shape of 1e4 needs about 900."""


@equation
def exp(x):
    """Exponential of `x`: error at most 0.9 ulp; below -708 it is 0, above 709 it is inf.

    Source: fdlibm e_exp.c (Sun Microsystems 1993), with selects for its branches.
    """
    inside = min(max(x, -708.0), 709.0)
    # Adding 1.5 * 2**52 rounds to a whole number and leaves it in the low bits.
    shifted = inside * 1.4426950408889634 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    high = inside - n * 6.93147180369123816490e-01
    low = n * 1.90821492927058770002e-10
    r = high - low
    t = r * r
    even = 4.13813679705723846039e-08
    even = -1.65339022054652515390e-06 + t * even
    even = 6.61375632143793436117e-05 + t * even
    even = -2.77777777770155933842e-03 + t * even
    even = 1.66666666666666019037e-01 + t * even
    c = r - t * even
    mantissa = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    value = mantissa * float_of((bits_of(shifted) - 0x4338000000000000 + 1023) << 52)
    value = 0.0 if x < -708.0 else value
    return math.inf if x > 709.0 else value


@equation
def log(x):
    """Natural logarithm of `x`: error at most 0.9 ulp; below 2.2e-308 it is -inf, below 0 nan.

    Source: fdlibm e_log.c (Sun Microsystems 1993), with selects for its branches.
    """
    bits = bits_of(x)
    # x = 2**n (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); 0x95F61998 0C433 moves the cut there.
    exponent = ((bits + 0x00095F619980C433) >> 52) & 0x7FF
    f = float_of(bits - ((exponent - 1023) << 52)) - 1.0
    n = float_of(exponent + 0x4338000000000000) - 6755399441056767.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = 1.531383769920937332e-01
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * odd))
    even = 1.818357216161805012e-01 + w * 1.479819860511658591e-01
    even = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * even))
    half = 0.5 * f * f
    tail = s * (half + (odd + even)) + n * 1.90821492927058770002e-10
    value = n * 6.93147180369123816490e-01 - ((half - tail) - f)
    value = value if x < math.inf else x
    value = -math.inf if x < 2.2250738585072014e-308 else value
    return math.nan if x < 0.0 else value


@equation
def normal_quantile(u):
    """Standard normal value below which a share `u` (between 0 and 1) lies: error at most 8e-7.

    The short form is chosen for speed: it is finer than any draw of a market needs. It takes u from 1e-300
    on; below 1e-12 its error is at most 3e-7 of the value. u = 0 gives nan: draws are never 0 or 1.

    Source: Wichura 1988, algorithm AS241, PPND7, with selects for its three branches.
    """
    q = u - 0.5
    is_central = abs(q) <= 0.425
    v = 0.180625 - q * q
    central = q * (((59.109374720 * v + 159.29113202) * v + 50.434271938) * v + 3.3871327179)
    central_below = ((67.187563600 * v + 78.757757664) * v + 17.895169469) * v + 1.0
    tail_share = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-log(tail_share))
    is_far = r > 5.0
    r = r - 5.0 if is_far else r - 1.6
    p0 = 6.6579051150 if is_far else 1.4234372777
    p1 = 3.0812263860 if is_far else 2.7568153900
    p2 = 0.42868294337 if is_far else 1.3067284816
    p3 = 0.017337203997 if is_far else 0.17023821103
    q1 = 0.24197894225 if is_far else 0.73700164250
    q2 = 0.012258202635 if is_far else 0.12021132975
    tail = ((p3 * r + p2) * r + p1) * r + p0
    tail = -tail if q < 0.0 else tail
    tail_below = (q2 * r + q1) * r + 1.0
    above = central if is_central else tail
    return above / (central_below if is_central else tail_below)


@equation
def tanh(x):
    """Hyperbolic tangent of `x`: error at most 2 ulp, never beyond -1 and 1.

    Source: Cody and Waite 1980 (rational below 0.625), otherwise 1 - 2 / (exp(2 |x|) + 1).
    """
    size = abs(x)
    is_small = size < 0.625
    z = x * x
    above = (-9.64399179425052238628e-01 * z - 9.92877231001918586564e01) * z - 1.61468768441708447952e03
    below = (z + 1.12811678491632931402e02) * z + 2.23548839060100448583e03
    below = below * z + 4.84406305325125486048e03
    ratio = (x * z * above if is_small else 2.0) / (below if is_small else exp(2.0 * size) + 1.0)
    large = 1.0 - ratio
    large = -large if x < 0.0 else large
    return x + ratio if is_small else large


@equation
def logistic(x):
    """Share between 0 and 1 that belongs to the log-odds `x`: error at most 3 ulp, no overflow."""
    return 1.0 / (1.0 + exp(-x))


@equation
def normal_cdf(x):
    """Share of a standard normal below `x`: absolute error at most 1e-15, for x below -7 relative 1e-8.

    Source: Hart 1968, algorithm 5666, as given by West 2005 (Wilmott).
    """
    size = min(abs(x), 40.0)
    above = 3.52624965998911e-02 * size + 0.700383064443688
    above = (above * size + 6.37396220353165) * size + 33.912866078383
    above = ((above * size + 112.079291497871) * size + 221.213596169931) * size + 220.206867912376
    below = 8.83883476483184e-02 * size + 1.75566716318264
    below = (below * size + 16.064177579207) * size + 86.7807322029461
    below = (below * size + 296.564248779674) * size + 637.333633378831
    below = (below * size + 793.826512519948) * size + 440.413735824752
    far = size + 1.0 / (size + 2.0 / (size + 3.0 / (size + 4.0 / (size + 0.65))))
    ratio = above / below if size < 7.07106781186547 else 1.0 / (far * 2.506628274631)
    tail = exp(-0.5 * size * size) * ratio
    return 1.0 - tail if x > 0.0 else tail


@helper
def log_gamma(x):
    """Logarithm of the gamma function of `x` > 0: error at most 2e-14, relative above 1, else absolute.

    Source: Abramowitz and Stegun 6.1.41 (Stirling) above 12, reached by 6.1.15 (recurrence).
    """
    product = 1.0
    while x < 12.0:
        product = product * x
        x = x + 1.0
    z = 1.0 / (x * x)
    series = -691.0 / 360360.0 + z * (1.0 / 156.0)
    series = 1.0 / 1260.0 + z * (-1.0 / 1680.0 + z * (1.0 / 1188.0 + z * series))
    series = (1.0 / 12.0 + z * (-1.0 / 360.0 + z * series)) / x
    return (x - 0.5) * log(x) - x + 0.9189385332046728 + series - log(product)


@helper
def gamma_tails(shape, x):
    """Shares of a gamma (scale 1) below and above `x`: the pair (lower, upper), the smaller one accurate.

    Source: Abramowitz and Stegun 6.5.29 (series) below shape + 1, 6.5.31 (continued fraction) above,
    the latter by Lentz 1976 as modified by Thompson and Barnett 1986.
    """
    return _gamma_tails(shape, x, log_gamma(shape))


@helper
def _gamma_tails(shape, x, log_gamma_shape):
    """The same, where the gamma function of the shape is known: a quantile asks 64 times."""
    if x <= 0.0:
        return 0.0, 1.0
    front = exp(shape * log(x) - x - log_gamma_shape)
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        for n in range(1, MAX_TERMS):
            term = term * x / (shape + n)
            total = total + term
            if term < total * 1e-17:
                break
        lower = min(front * total, 1.0)
        return lower, 1.0 - lower
    b = x + 1.0 - shape
    c = 1e300
    d = 1.0 / b
    fraction = d
    for n in range(1, MAX_TERMS):
        step = n * (shape - n)
        b = b + 2.0
        d = _away_from_zero(b + step * d)
        c = _away_from_zero(b + step / c)
        d = 1.0 / d
        fraction = fraction * (c * d)
        if abs(c * d - 1.0) < 2e-16:
            break
    upper = min(front * fraction, 1.0)
    return 1.0 - upper, upper


@equation
def _away_from_zero(x):
    """A divisor that is not zero (Lentz's guard)."""
    return 1e-300 if abs(x) < 1e-300 else x


@helper
def gamma_cdf(shape, x):
    """Share of a gamma with this shape (0.01 to 1e4) and scale 1 below `x`: relative error at most 1e-10."""
    return gamma_tails(shape, x)[0]


@helper
def _beta_fraction(a, b, x):
    """Continued fraction of the incomplete beta function.

    Source: Abramowitz and Stegun 26.5.8, by Lentz 1976 as modified by Thompson and Barnett 1986.
    """
    c = 1.0
    d = 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, MAX_TERMS):
        step = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 / _away_from_zero(1.0 + step * d)
        c = _away_from_zero(1.0 + step / c)
        fraction = fraction * (c * d)
        step = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 / _away_from_zero(1.0 + step * d)
        c = _away_from_zero(1.0 + step / c)
        fraction = fraction * (c * d)
        if abs(c * d - 1.0) < 2e-16:
            break
    return fraction


@helper
def beta_tails(a, b, x):
    """Shares of a beta below and above `x`: the pair (lower, upper). Source: Abramowitz and Stegun 26.5.8."""
    return _beta_tails(a, b, x, log_gamma(a + b), log_gamma(a), log_gamma(b))


@helper
def _beta_tails(a, b, x, log_gamma_both, log_gamma_a, log_gamma_b):
    """The same, where the gamma functions of the shapes are known: a quantile asks 64 times."""
    if x <= 0.0:
        return 0.0, 1.0
    if x >= 1.0:
        return 1.0, 0.0
    y = 1.0 - x
    front = exp(a * log(x) + b * log(y) + log_gamma_both - log_gamma_a - log_gamma_b)
    if x < (a + 1.0) / (a + b + 2.0):
        lower = min(front * _beta_fraction(a, b, x) / a, 1.0)
        return lower, 1.0 - lower
    upper = min(front * _beta_fraction(b, a, y) / b, 1.0)
    return 1.0 - upper, upper


@helper
def beta_cdf(a, b, x):
    """Share of a beta with shapes `a`, `b` (0.05 to 1000) below `x`: relative error at most 1e-10."""
    return beta_tails(a, b, x)[0]


@equation
def _middle(low, high):
    """A number half-way between two in their bits: geometric afar, arithmetic once close."""
    from_bits = bits_of(low)
    return float_of(from_bits + ((bits_of(high) - from_bits) >> 1))


@equation
def _is_below(lower, upper, u):
    """Whether a point with these tails lies below the quantile of `u`; asks the smaller tail."""
    return lower < u if lower <= upper else upper > 1.0 - u


@helper
def gamma_quantile(shape, u):
    """Value below which a share `u` of a gamma with this shape (0.01 to 1e4), mean `shape` and scale 1 lies.

    Relative error at most 1e-10 where the value is above 1e-12. Bisection from a bracket that does not depend
    on `u`, so it never falls as `u` rises, not by a single bit. u = 0 gives 0, u = 1 gives inf. Source: ours.
    """
    if u <= 0.0:
        return 0.0
    if u >= 1.0:
        return math.inf
    low = 0.0
    high = shape + 20.0 * math.sqrt(shape) + 100.0
    known = log_gamma(shape)
    for _ in range(64):
        x = _middle(low, high)
        lower, upper = _gamma_tails(shape, x, known)
        if _is_below(lower, upper, u):
            low = x
        else:
            high = x
    return high


@helper
def beta_quantile(a, b, u):
    """Value below which a share `u` of a beta with shapes `a`, `b` (0.05 to 1000) lies, between 0 and 1.

    Relative error at most 1e-10 where the value is above 1e-12. Bisection from a bracket that does not depend
    on `u`, so it never falls as `u` rises, not by a single bit. u = 0 gives 0, u = 1 gives 1. Source: ours.
    """
    if u <= 0.0:
        return 0.0
    if u >= 1.0:
        return 1.0
    low = 0.0
    high = 1.0
    both, of_a, of_b = log_gamma(a + b), log_gamma(a), log_gamma(b)
    for _ in range(64):
        x = _middle(low, high)
        lower, upper = _beta_tails(a, b, x, both, of_a, of_b)
        if _is_below(lower, upper, u):
            low = x
        else:
            high = x
    return high


@loop
def exp_rows(x, out):
    """The exponential of each number of a row."""
    for i in range(len(x)):
        out[i] = exp(x[i])


@loop
def log_rows(x, out):
    """The natural logarithm of each number of a row."""
    for i in range(len(x)):
        out[i] = log(x[i])


@loop
def normal_rows(u, out):
    """The standard normal quantile of each number of a row."""
    for i in range(len(u)):
        out[i] = normal_quantile(u[i])
