"""Keyed draws: each random number is a pure function of (seed, purpose, month, customer, k).

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011) turns a counter of four words (customer, k, month,
purpose code) and a key of two words (the seed) into four random words. Nothing is ever "the next
number of a stream": two worlds that differ in one policy share every draw that both make.

Purpose codes are frozen integers. A code is never used again for something else; a new purpose
gets a new code. Purposes with the same code differ in the word that they read.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.compiled import equation, helper, loop, step
from sim.maths import beta_quantile, exp, gamma_quantile, log, normal_quantile

BLOCK = 512
"""Customers in a block: the columns that a loop touches fit the first-level cache."""

FIRM_BLOCKS = 8
"""Words are packed four firms to a call; the blocks of an occasion are a fixed eight (30 firms and
the outside option), so that adding a firm shifts nothing."""

OUTSIDE = 31
"""The place of the outside option among the firms of an occasion."""


class Purpose(NamedTuple):
    """What a number is drawn for.

    ``k`` says what the counter's second word holds besides the customer; ``word`` which of the
    four words is read (-1: all four, or one a firm).
    """

    name: str
    code: int
    word: int
    k: str
    meaning: str


PURPOSES = (
    Purpose(
        "traits",
        1,
        -1,
        "trait // 4 (month word: the generation)",
        "traits of a customer, by slot and generation",
    ),
    Purpose("start_supplier", 2, 0, "0", "who begins with a supplier"),
    Purpose("start_firm", 2, 1, "0", "with which firm"),
    Purpose("start_tenure", 2, 2, "0", "tenure at the start"),
    Purpose("start_loyalty", 2, 3, "0", "loyalty at the start"),
    Purpose("start_belief", 3, 0, "0", "belief about the supplier at the start"),
    Purpose("start_aware", 4, -1, "firm // 4 (month word: the generation)", "which firms a newcomer knows"),
    Purpose("keen", 5, -1, "firm // 4 (month word: the generation)", "who is keen among those who say yes"),
    Purpose("listed", 6, -1, "firm // 4 (month word: the generation)", "who stands on a firm's bought list"),
    Purpose("reached", 10, -1, "firm // 4", "reached by advertising"),
    Purpose("forgets", 11, -1, "firm // 4", "forgets a firm"),
    Purpose("affiliate", 12, -1, "firm // 4", "reached by an affiliate"),
    Purpose("reads", 15, 0, "firm", "reads at least one of a firm's messages"),
    Purpose("opts_out", 15, 1, "firm", "opts out"),
    Purpose("complains_of_mail", 15, 2, "firm", "complains to the firm about mail"),
    Purpose("reports", 15, 3, "firm", "reports mail to the mailbox provider"),
    Purpose("reads_offer", 16, -1, "firm // 4", "reads a win-back offer"),
    Purpose("base_chance", 20, 0, "0", "thinks again by chance"),
    Purpose("rival_message", 20, 1, "0", "thinks again after a rival's message"),
    Purpose("price_gap", 20, 2, "0", "thinks again because rivals are cheaper"),
    Purpose("occasions", 20, 3, "0", "number of purchase occasions"),
    Purpose("visits", 21, 0, "0", "number of service visits"),
    Purpose("payment", 21, 1, "0", "whether a contract's payment fails"),
    Purpose(
        "choice", 22, -1, "8 * occasion + firm // 4 (outside option: place 31)", "Gumbel noise of the choice"
    ),
    Purpose("spend", 23, -1, "occasion", "spend noise"),
    Purpose("cross_sells", 24, 0, "occasion", "buys a further product"),
    Purpose("up_sells", 24, 1, "occasion", "moves to a higher tier"),
    Purpose("says_yes", 24, 2, "occasion", "gives permission when asked"),
    Purpose("visit_spend", 25, -1, "visit", "spend noise of a service visit"),
    Purpose("fails", 30, 0, "encounter", "whether service fails"),
    Purpose("experience", 30, 1, "encounter", "noise of the experience"),
    Purpose("severity", 30, 2, "encounter", "severity of a failure"),
    Purpose("voices", 30, 3, "encounter", "whether a failure is voiced"),
    Purpose("recovered", 31, 0, "encounter", "whether a voiced failure is recovered"),
    Purpose("quickly", 31, 1, "encounter", "and quickly so"),
    Purpose("thinks", 31, 2, "encounter", "whether an encounter sets or clears thinking again"),
    Purpose("recovered_happy", 31, 3, "encounter", "whether a recovery makes happy"),
    Purpose("talks", 40, 0, "0", "whether a happy customer tells anybody"),
    Purpose("ring_start", 40, 1, "0", "where a teller begins among the neighbours"),
    Purpose("number_told", 40, 2, "0", "how many are told, where the number varies"),
    Purpose("told_online", 41, 0, "try", "whether this try goes to anybody in the market"),
    Purpose("hearer", 41, 1, "try", "to whom"),
    Purpose("hears_of", 42, -1, "firm // 4", "whether good news makes aware"),
    Purpose("exits", 50, 0, "0", "leaves the market"),
    Purpose("exit_asked", 51, 0, "0", "asked in the exit survey"),
    Purpose("exit_true", 51, 1, "0", "names the true reason"),
    Purpose("exit_other", 51, 2, "0", "which other reason"),
    Purpose("surveyed", 52, 0, "0", "asked in the survey"),
    Purpose("answers", 52, 1, "0", "answers it"),
    Purpose("survey_score", 52, 2, "0", "noise of the answer"),
    Purpose("network", 90, -1, "edge (customer word: edge)", "who knows whom"),
    Purpose("lever_tenth", 95, 0, "0 (month word: 0)", "for which tenth of the customers a lever is raised"),
    Purpose("teller_sample", 95, 1, "0 (month word: 0)", "which tellers' words are valued"),
    *(Purpose(f"own_{i}", 1000 + i, 0, "as given", "free for functions of your own") for i in range(10)),
)

CODES = {purpose.name: purpose.code for purpose in PURPOSES}
_BY_NAME = {purpose.name: purpose for purpose in PURPOSES}


@equation
def philox(c0, c1, c2, c3, k0, k1):
    """Four random words of 32 bits from a counter and a key: Philox4x32-10.

    All arguments and results are integers of 0 to 2**32 - 1.
    Source: Salmon, Moraes, Dror & Shaw 2011, known-answer vectors of Random123.
    """
    for _ in range(10):
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            ((p1 >> 32) & 0xFFFFFFFF) ^ c1 ^ k0,
            p1 & 0xFFFFFFFF,
            ((p0 >> 32) & 0xFFFFFFFF) ^ c3 ^ k1,
            p0 & 0xFFFFFFFF,
        )
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


@equation
def uniform(word):
    """A number in (0, 1), never 0 nor 1, from a random word: (word + 1/2) / 2**32."""
    return (word + 0.5) * 2.3283064365386963e-10


@equation
def normal(u):
    """A standard normal number, by inversion of a uniform one."""
    return normal_quantile(u)


@equation
def exponential(u):
    """An exponential number of mean 1."""
    return -log(u)


@equation
def gumbel(u):
    """A standard Gumbel number: the noise of a multinomial logit."""
    return -log(-log(u))


@equation
def gamma4(u0, u1, u2, u3):
    """A Gamma number of shape 4 and mean 1, from four uniforms."""
    return -0.25 * log(u0 * u1 * u2 * u3)


@equation
def chance_of_none(mean):
    """The chance of a Poisson number of 0."""
    return exp(-mean)


@equation
def poisson_from(none, mean, u, most):
    """A Poisson number by inversion of one uniform, at most ``most``, given its chance of 0."""
    term = none
    total = term
    n = 0
    while u > total and n < most:
        n += 1
        term = term * mean / n
        total = total + term
    return n


@equation
def poisson(mean, u, most):
    """A Poisson number by inversion of one uniform, at most ``most``; grows with mean and u."""
    return poisson_from(chance_of_none(mean), mean, u, most)


@equation
def geometric(p, u):
    """Failures before the first success of chance p: 0, 1, 2 …; mean (1 - p) / p."""
    return np.floor(log(u) / log(1.0 - p))


@helper
def negative_binomial(mean, size, u, most):
    """A negative-binomial number (Gamma-mixed Poisson) by inversion, at most ``most``."""
    p = size / (size + mean)
    term = exp(size * log(p))
    total = term
    n = 0
    while u > total and n < most:
        term = term * (n + size) / (n + 1) * (1.0 - p)
        n += 1
        total = total + term
    return n


@step
def draw(first, who, m, k, month, code, key0, key1, out):
    """Fill ``out`` (4, BLOCK) with uniforms for the customers ``first + who[:m]``.

    Counter (customer, k, month, code); word j of customer who[x] goes to out[j, x].
    """
    o0 = out[0]
    o1 = out[1]
    o2 = out[2]
    o3 = out[3]
    for x in range(m):
        w0, w1, w2, w3 = philox(first + who[x], k, month, code, key0, key1)
        o0[x] = uniform(w0)
        o1[x] = uniform(w1)
        o2[x] = uniform(w2)
        o3[x] = uniform(w3)


@step
def draw_block(first, n, k, month, code, key0, key1, out):
    """The same for n customers in a row, beginning with ``first``."""
    o0 = out[0]
    o1 = out[1]
    o2 = out[2]
    o3 = out[3]
    for x in range(n):
        w0, w1, w2, w3 = philox(first + x, k, month, code, key0, key1)
        o0[x] = uniform(w0)
        o1[x] = uniform(w1)
        o2[x] = uniform(w2)
        o3[x] = uniform(w3)


@loop
def _draw_ids(ids, k, month, code, key0, key1, word, out):
    for x in range(len(ids)):
        words = philox(ids[x], k[x], month[x], code, key0, key1)
        out[x] = uniform(words[word])


@loop
def _each(function, out, u, a, b):
    for x in range(len(u)):
        out[x] = function(u[x], a, b)


@equation
def _normal3(u, mean, sd):
    return mean + sd * normal_quantile(u)


@equation
def _exponential3(u, mean, _unused):
    return -mean * log(u)


@equation
def _gumbel3(u, _a, _b):
    return -log(-log(u))


@helper
def _poisson3(u, mean, most):
    return float(poisson(mean, u, np.int64(most)))


@helper
def _gamma3(u, shape, mean):
    return gamma_quantile(shape, u) * mean / shape


@helper
def _beta3(u, a, b):
    return beta_quantile(a, b, u)


@equation
def _lognormal3(u, mu, sigma):
    return exp(mu + sigma * normal_quantile(u))


def customers_given(ids: npt.ArrayLike) -> np.ndarray:
    """Customers' numbers, int64; a mask, shares or one number in their place raises ValueError with the cure."""
    given = np.asarray(ids)
    if given.ndim == 0 or (given.size and (given.dtype.kind not in "iu" or given.min() < 0)):
        is_number = given.dtype.kind in "iu" and given.ndim
        got = f"{given.dtype} of shape {given.shape}" + (f", from {given.min()} up" if is_number else "")
        raise ValueError(
            "ids: customers' numbers are needed, such as market.customers.ids, or np.flatnonzero(mask) for a mask "
            f"(got {got})"
        )
    return given.astype(np.int64)


def key_of(seed: int) -> tuple[int, int]:
    """The two key words of a seed (0 to 2**64 - 1)."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed: must be 0 to 2**64 - 1 (got {seed})")
    return seed & 0xFFFFFFFF, seed >> 32


class Draws:
    """Random numbers of one market, from Python; the compiled loops draw the same ones.

    Parameters
    ----------
    seed : int, 0 to 2**64 - 1.

    Notes
    -----
    A purpose may be drawn once a month: a second time would repeat the same numbers, which is
    seldom meant, so it raises. Functions of your own have `own_0` … `own_9`.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.key = key_of(seed)
        self.month = 0
        self._drawn: set[str] = set()

    def begin(self, month: int) -> None:
        """A new month: every purpose may be drawn again."""
        self.month = month
        self._drawn.clear()

    def claim(self, *purposes: str | Purpose) -> None:
        """Note that purposes are drawn now; the second time in a month raises ValueError."""
        for one in purposes:
            name = one if isinstance(one, str) else one.name
            if isinstance(one, str) and name not in _BY_NAME:
                near = difflib.get_close_matches(name, _BY_NAME, 1)
                hint = f'did you mean "{near[0]}"?' if near else "for a draw of your own take own_0 to own_9"
                raise ValueError(f'purpose: unknown (got "{name}"); {hint}')
            if name in self._drawn:
                raise ValueError(
                    f'purpose "{name}" was already drawn in month {self.month + 1}: it would give the same '
                    "numbers again; take another purpose (own_0 to own_9) or keep the first draw"
                )
            self._drawn.add(name)

    def uniform(
        self, purpose: str | Purpose, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, month: int | None = None
    ) -> np.ndarray:
        """Uniform numbers in (0, 1) for customers.

        Parameters
        ----------
        purpose : a name of `PURPOSES`, or the purpose of an optional mechanism.
        ids : customers, integers, any shape (n,).
        k : the firm, occasion or try, as the purpose says; one number or (n,). For purposes with
            one word a firm give the firm.
        month : this month unless given (by generation for `traits`, `keen`, `listed`).

        Returns
        -------
        float64 (n,).

        Raises
        ------
        ValueError : an unknown purpose, or one that was drawn this month; what are no customers' numbers.
        """
        who = customers_given(ids)
        self.claim(purpose)
        found = _BY_NAME[purpose] if isinstance(purpose, str) else purpose
        return self._uniform(found, who, k, self.month if month is None else month)

    def _uniform(
        self, purpose: Purpose, ids: npt.ArrayLike, k: npt.ArrayLike, month: npt.ArrayLike
    ) -> np.ndarray:
        who = np.atleast_1d(np.asarray(ids, dtype=np.int64))
        place = np.broadcast_to(np.asarray(k, dtype=np.int64), who.shape).copy()
        when = np.broadcast_to(np.asarray(month, dtype=np.int64), who.shape).copy()
        out = np.empty(who.shape, dtype=np.float64)
        if purpose.word >= 0:
            _draw_ids(who, place, when, purpose.code, *self.key, purpose.word, out)
            return out
        for word in range(4):  # one word a firm
            mine = place % 4 == word
            if mine.any():
                part = np.empty(int(mine.sum()))
                _draw_ids(who[mine], place[mine] // 4, when[mine], purpose.code, *self.key, word, part)
                out[mine] = part
        return out

    def _from(
        self,
        function: Callable[..., Any],
        a: float,
        b: float,
        purpose: str,
        ids: npt.ArrayLike,
        k: npt.ArrayLike,
    ) -> np.ndarray:
        u = self.uniform(purpose, ids, k)
        out = np.empty_like(u)
        _each(function, out, u, float(a), float(b))
        return out

    def normal(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, mean: float = 0.0, sd: float = 1.0
    ) -> np.ndarray:
        """Normal numbers."""
        return self._from(_normal3, mean, sd, purpose, ids, k)

    def exponential(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, mean: float = 1.0
    ) -> np.ndarray:
        """Exponential numbers."""
        return self._from(_exponential3, mean, 0.0, purpose, ids, k)

    def gumbel(self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0) -> np.ndarray:
        """Standard Gumbel numbers: the noise of a logit choice."""
        return self._from(_gumbel3, 0.0, 0.0, purpose, ids, k)

    def poisson(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, mean: float = 1.0, most: int = 1000
    ) -> np.ndarray:
        """Poisson numbers, as integers, at most ``most``."""
        return self._from(_poisson3, mean, most, purpose, ids, k).astype(np.int64)

    def gamma(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, shape: float, mean: float
    ) -> np.ndarray:
        """Gamma numbers of a shape and a mean, by inversion."""
        return self._from(_gamma3, shape, mean, purpose, ids, k)

    def beta(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, a: float, b: float
    ) -> np.ndarray:
        """Beta numbers, by inversion."""
        return self._from(_beta3, a, b, purpose, ids, k)

    def lognormal(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, mean: float, sd: float
    ) -> np.ndarray:
        """Lognormal numbers of a mean and a standard deviation."""
        variance = log(1.0 + (sd / mean) ** 2)
        return self._from(_lognormal3, log(mean) - variance / 2.0, variance**0.5, purpose, ids, k)

    def choice(
        self, purpose: str, ids: npt.ArrayLike, k: npt.ArrayLike = 0, *, weights: npt.ArrayLike
    ) -> np.ndarray:
        """Places of `weights`, drawn in proportion to them; integers of 0 to len(weights) - 1."""
        share = np.asarray(weights, dtype=np.float64)
        if share.ndim != 1 or not np.isfinite(share).all() or (share < 0).any() or share.sum() <= 0:
            raise ValueError(f"weights: must be one row of numbers of 0 or more, not all 0 (got {weights!r})")
        edges = np.cumsum(share) / share.sum()
        places = np.searchsorted(edges, self.uniform(purpose, ids, k), side="left")
        return np.minimum(places, len(share) - 1)
