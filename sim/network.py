"""Who knows whom: networks of people as compressed sparse rows, and their builders.

The acquaintances of person i are ``people[start[i]:start[i + 1]]``, in ring order: as one meets them
on a walk round the ring 0, 1, …, n - 1 that begins behind i. Acquaintance is mutual, nobody knows
themselves, and nobody is listed twice.

Every choice is a keyed draw (seed, purpose "network", edge): the same seed gives the same network, on
any machine and for any number of threads.
"""

from __future__ import annotations

import difflib
import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.compiled import equation, loop
from sim.draws import CODES, key_of, philox, uniform

KINDS = ("watts_strogatz", "scale_free", "random", "none", "file")
"""The kinds of network that `build` knows."""

NETWORK = CODES["network"]
TRIES = 64
"""How often a rewired edge looks for a stranger before it stays where it was."""

MOST_FAULTS = 10
"""How many faults of a file are listed at once."""

MOST_EDGES = 2**30 - 1
"""Pairs of acquaintances at most: each stands twice in a list that 31 bits count."""

_INT32 = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Network:
    """Who knows whom, as compressed sparse rows.

    Attributes
    ----------
    start : int32 [N + 1]; where the acquaintances of each person begin in `people`.
    people : int32 [E]; acquaintances, 0 to N - 1, by person and in ring order ((j - i) mod N rises).
        An acquaintance of two people stands here twice, once for each.
    """

    start: npt.NDArray[np.int32]
    people: npt.NDArray[np.int32]

    @property
    def n_people(self) -> int:
        """Number of people."""
        return len(self.start) - 1

    @property
    def mean_degree(self) -> float:
        """Mean number of acquaintances a person."""
        return len(self.people) / self.n_people if self.n_people else 0.0

    def neighbours(self, i: int) -> npt.NDArray[np.int32]:
        """Acquaintances of person `i`, in ring order (a view, not a copy)."""
        return self.people[self.start[i] : self.start[i + 1]]


# --- draws -------------------------------------------------------------------------------------


@equation
def _words(edge, attempt, key0, key1):
    """Four random words for an attempt to place an edge."""
    return philox(edge & 0xFFFFFFFF, attempt, edge >> 32, NETWORK, key0, key1)


@equation
def _one_of(n, high, low):
    """One of 0 to n - 1 (n below 2**31), each as likely as the other, from 64 random bits."""
    return (high * n + ((low * n) >> 32)) >> 32


# --- from edges to rows ------------------------------------------------------------------------


@loop
def _bucket(n, ones, others):
    """Both directions of each edge by person, in the order of the edges: (start, people)."""
    start = np.zeros(n + 1, np.int32)
    for e in range(len(ones)):
        start[ones[e] + 1] += 1
        start[others[e] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    fill = start[:-1].copy()
    people = np.empty(2 * len(ones), np.int32)
    for e in range(len(ones)):
        i, j = ones[e], others[e]
        people[fill[i]] = j
        people[fill[j]] = i
        fill[i] += 1
        fill[j] += 1
    return start, people


@loop
def _in_ring_order(start, people):
    """Sort each row in ring order and drop doubles, in time proportional to the edges.

    Going through the people in ascending order and entering each with their acquaintances leaves every
    row ascending. Returns the new starts; `people` is overwritten.
    """
    n = len(start) - 1
    ascending = np.empty_like(people)
    fill = start[:-1].copy()
    for j in range(n):
        for e in range(start[j], start[j + 1]):
            i = people[e]
            if fill[i] == start[i] or ascending[fill[i] - 1] != j:
                ascending[fill[i]] = j
                fill[i] += 1
    new_start = np.zeros(n + 1, np.int32)
    m = 0
    for i in range(n):
        behind = start[i]
        while behind < fill[i] and ascending[behind] < i:
            behind += 1
        for e in range(behind, fill[i]):
            people[m] = ascending[e]
            m += 1
        for e in range(start[i], behind):
            people[m] = ascending[e]
            m += 1
        new_start[i + 1] = m
    return new_start


def _network(n: int, ones: _INT32, others: _INT32) -> Network:
    """The network of valid edges (int32 [edges] each); doubles are dropped."""
    if len(ones) > MOST_EDGES:
        raise ValueError(
            f"contacts: at most {MOST_EDGES:,} pairs (got {len(ones):,}); make talk.degree or market.customers smaller"
        )
    start, people = _bucket(n, ones, others)
    new_start = _in_ring_order(start, people)
    kept = int(new_start[-1])
    return Network(new_start, people if kept == len(people) else people[:kept].copy())


def _complete(n: int) -> Network:
    """Everybody knows everybody."""
    ones, others = np.triu_indices(n, 1)
    return _network(n, ones.astype(np.int32), others.astype(np.int32))


# --- builders ----------------------------------------------------------------------------------


def _check(n: int, degree: float = 0.0, rewiring: float = 0.0) -> None:
    """Refuse what no network can have."""
    if not 0 <= n < 2**31:
        raise ValueError(f"n: the number of people must be 0 to 2,147,483,647 (got {n!r})")
    if not (math.isfinite(degree) and degree >= 0):
        raise ValueError(f"degree: the mean number of acquaintances must be 0 or more (got {degree!r})")
    if not 0 <= rewiring <= 1:
        raise ValueError(f"rewiring: the share of rewired edges must be 0 to 1 (got {rewiring!r})")


def no_network(n: int) -> Network:
    """Nobody knows anybody.

    Parameters
    ----------
    n : number of people, 0 or more.
    """
    _check(n)
    return Network(np.zeros(n + 1, np.int32), np.empty(0, np.int32))


@loop
def _rewire(n, half, rewiring, key0, key1):
    """Far ends of a rewired ring lattice: int32 [n * half], those of person i from i * half on.

    The edge {i, j} exists where i lists j or j lists i, so a new far end is looked up in two short rows.
    """
    ends = np.empty(n * half, np.int32)
    for i in range(n):
        for d in range(half):
            ends[i * half + d] = (i + d + 1) % n
    for d in range(half):
        for i in range(n):
            w0, _w1, w2, w3 = _words(d * n + i, 0, key0, key1)
            if uniform(w0) >= rewiring:
                continue
            for attempt in range(1, TRIES + 1):
                j = _one_of(n, w2, w3)
                known = i == j
                for x in range(half):
                    known = known or ends[i * half + x] == j or ends[j * half + x] == i
                if not known:
                    ends[i * half + d] = j
                    break
                _w0, _w1, w2, w3 = _words(d * n + i, attempt, key0, key1)
    return ends


def watts_strogatz(n: int, degree: float, rewiring: float, seed: int) -> Network:
    """People on a ring know those next to them; a share of the edges leads to a stranger instead.

    Parameters
    ----------
    n : number of people, 0 or more.
    degree : acquaintances a person, 0 or more; ``degree // 2`` on each side, so 13 gives 12. Where n is not
        above `degree`, everybody knows everybody.
    rewiring : share of edges of which the far end moves to a random stranger, 0 (ring) to 1 (random). Whoever
        knows nearly everybody keeps the edge.
    seed : 0 to 2**64 - 1. An edge that is rewired at some share is also rewired at any larger one.

    Source: Watts & Strogatz 1998, "Collective dynamics of small-world networks", Nature 393.
    """
    _check(n, degree, rewiring)
    if n <= degree:
        return _complete(n)
    half = int(degree) // 2
    ends = _rewire(n, half, float(rewiring), *key_of(seed))
    return _network(n, np.repeat(np.arange(n, dtype=np.int32), half), ends)


@loop
def _attach(n, half_degree, first, key0, key1):
    """Edges of growth with preferential attachment: (ones, others), int32 each.

    The first people all know each other. An end of an edge picked at random is a person picked in
    proportion to their acquaintances.
    """
    grown = int(np.floor(n * half_degree)) - int(np.floor(first * half_degree))
    ones = np.empty(first * (first - 1) // 2 + grown, np.int32)
    others = np.empty_like(ones)
    m = 0
    for i in range(first):
        for j in range(i):
            ones[m], others[m] = i, j
            m += 1
    for i in range(first, n):
        before = m
        newcomer_edges = int(np.floor((i + 1) * half_degree)) - int(np.floor(i * half_degree))
        for _ in range(newcomer_edges):
            attempt = 0
            known = True
            while known:
                w0, w1, _w2, _w3 = _words(m, attempt, key0, key1)
                end = _one_of(2 * before, w0, w1)
                j = ones[end >> 1] if end & 1 == 0 else others[end >> 1]
                known = False
                for x in range(before, m):
                    known = known or others[x] == j
                attempt += 1
            ones[m], others[m] = i, j
            m += 1
    return ones, others


def scale_free(n: int, degree: float, seed: int) -> Network:
    """People arrive one by one and get to know those who are known already: few hubs, many with little.

    Parameters
    ----------
    n : number of people, 0 or more; the earliest (lowest ids) become the hubs.
    degree : mean acquaintances a person in a large market, 0 or more. A newcomer brings half of it; where
        that is no whole number, newcomers take turns (5 gives 2, 3, 2, 3 …). Where n is not above `degree`,
        everybody knows everybody; just above, the mean falls short (by about degree**2 / (4 n)).
    seed : 0 to 2**64 - 1.

    Notes
    -----
    The share of people with k or more acquaintances falls as k**-2.

    Source: Barabási & Albert 1999, "Emergence of scaling in random networks", Science 286; the list of
    ends is that of Batagelj & Brandes 2005, Physical Review E 71.
    """
    _check(n, degree)
    if n <= degree:
        return _complete(n)
    first = min(n, math.ceil(degree / 2) + 1)
    ones, others = _attach(n, degree / 2, first, *key_of(seed))
    return _network(n, ones, others)


@loop
def _pairs(n, first, m, key0, key1):
    """Random pairs `first` to ``first + m - 1`` as codes i * n + j with i < j: int64 [m]."""
    codes = np.empty(m, np.int64)
    for x in range(m):
        w0, w1, w2, w3 = _words(first + x, 0, key0, key1)
        i = _one_of(n, w0, w1)
        j = _one_of(n - 1, w2, w3)
        j += 1 if j >= i else 0
        codes[x] = min(i, j) * n + max(i, j)
    return codes


def _distinct_pairs(n: int, m: int, seed: int) -> npt.NDArray[np.int64]:
    """The first m distinct pairs of a sequence of random pairs, as ascending codes."""
    codes = np.empty(0, np.int64)
    drawn = 0
    while len(codes) < m:
        missing = m - len(codes)
        more = _pairs(n, drawn, missing, *key_of(seed))
        codes = np.concatenate([codes, more]) if len(codes) else more
        del more
        codes.sort()
        is_new = np.ones(len(codes), dtype=bool)
        np.not_equal(codes[1:], codes[:-1], out=is_new[1:])
        codes = codes[is_new]
        drawn += missing
    return codes


def random_graph(n: int, degree: float, seed: int) -> Network:
    """Acquaintances are pure chance: of all pairs of people, n * degree / 2 know each other.

    Parameters
    ----------
    n : number of people, 0 or more.
    degree : mean acquaintances a person, 0 or more. Where n is not above it, everybody knows everybody.
    seed : 0 to 2**64 - 1.

    Source: Erdős & Rényi 1959, "On random graphs I": G(n, m), all networks with m edges equally likely.
    """
    _check(n, degree)
    pairs = n * (n - 1) // 2
    m = min(math.floor(n * degree / 2 + 0.5), pairs)
    if m == pairs:
        return _complete(n)
    if m > pairs // 2:  # draw the strangers instead, or the last pairs would never be found
        ones, others = np.triu_indices(n, 1)
        codes = np.setdiff1d(ones * n + others, _distinct_pairs(n, pairs - m, seed), assume_unique=True)
    else:
        codes = _distinct_pairs(n, m, seed)
    first = (codes // n).astype(np.int32)
    codes %= n
    second = codes.astype(np.int32)
    del codes
    return _network(n, first, second)


def from_edges(n: int, edges: npt.ArrayLike) -> Network:
    """The network of given acquaintances.

    Parameters
    ----------
    n : number of people, 0 or more.
    edges : integers [edges, 2], ids 0 to n - 1; in any order, a pair given twice or both ways counts once.

    Raises
    ------
    ValueError : an id out of range, somebody who knows themselves, another shape; names the row.
    TypeError : ids that are not integers.
    """
    _check(n)
    pairs = np.asarray(edges)
    if pairs.size == 0:
        return no_network(n)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"edges: must be rows of two ids, shape (edges, 2) (got shape {pairs.shape})")
    if pairs.dtype.kind not in "iu":
        raise TypeError(f"edges: ids must be integers (got {pairs.dtype}); convert them with .astype(int)")
    wrong = ((pairs < 0) | (pairs >= n)).any(axis=1) | (pairs[:, 0] == pairs[:, 1])
    if wrong.any():
        row = int(np.argmax(wrong))
        fault = _fault(n, int(pairs[row, 0]), int(pairs[row, 1]))
        raise ValueError(f"edges[{row}]: {fault}")
    return _network(n, pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32))


def _fault(n: int, one: int, other: int) -> str | None:
    """What is wrong with an edge, and the cure; None for a good one."""
    for person in (one, other):
        if not 0 <= person < n:
            cure = "mend the id or raise the number of people"
            return f"person {person} does not exist: ids go from 0 to {n - 1}; {cure}"
    if one == other:
        return f"person {one} cannot be their own acquaintance; remove this pair"
    return None


def _edge_of(line: str) -> tuple[int, int] | None:
    """The two ids of a line of an edge file; None where it does not hold two whole numbers."""
    try:
        one, other = line.replace(",", " ").split()
        return int(one), int(other)
    except ValueError:
        return None


def _read(lines: Iterable[str], n: int, where: str | Path) -> tuple[array[int], list[str]]:
    """Ends of the edges of a file, two an edge, and the faults of its lines."""
    ends = array("q")
    faults = []
    for number, line in enumerate(lines, start=1):
        edge = _edge_of(line)
        if edge is None:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            fault: str | None = (
                f'must be two whole numbers, as "3,17" or "3 17" (got "{line.strip()[:60]}"); '
                'mend the line, or begin it with "#" if it is a heading'
            )
        else:
            fault = _fault(n, *edge)
        if fault is None and edge is not None:
            ends.extend(edge)
        else:
            faults.append(f"{where}:{number}: {fault}")
    return ends, faults


def from_file(path: str | Path, n: int) -> Network:
    """The network of a text or CSV file with one acquaintance a line: "3,17" or "3 17".

    Parameters
    ----------
    path : the file, UTF-8. Empty lines and lines that begin with "#" are skipped; a pair given twice or
        both ways counts once.
    n : number of people; ids go from 0 to n - 1.

    Raises
    ------
    ValueError : the file cannot be read, or lines are wrong; names file and line of up to ten faults.
    """
    _check(n)
    try:
        with Path(path).open(encoding="utf-8-sig") as lines:
            ends, faults = _read(lines, n, path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ValueError(f"{path}: cannot be read: {reason}; give a text file of pairs of ids") from error
    if faults:
        more = len(faults) - MOST_FAULTS
        tail = [f"{path}: {more} more lines are wrong"] if more > 0 else []
        raise ValueError("\n".join(faults[:MOST_FAULTS] + tail))
    ones, others = np.frombuffer(ends, np.int64).reshape(-1, 2).astype(np.int32).T.copy()
    return _network(n, ones, others)


def build(
    kind: str, n: int, degree: float, rewiring: float, seed: int, file: str | Path | None = None
) -> Network:
    """The network of a scenario.

    Parameters
    ----------
    kind : one of `KINDS`.
    n : number of people.
    degree : mean acquaintances a person (not for "none" and "file").
    rewiring : share of rewired edges, 0 to 1 (for "watts_strogatz" only).
    seed : 0 to 2**64 - 1.
    file : edges, one a line (for "file" only).
    """
    if kind == "watts_strogatz":
        return watts_strogatz(n, degree, rewiring, seed)
    if kind == "scale_free":
        return scale_free(n, degree, seed)
    if kind == "random":
        return random_graph(n, degree, seed)
    if kind == "none":
        return no_network(n)
    if kind == "file":
        if file is None:
            raise ValueError('network: kind "file" needs a file of edges (got none); name it')
        return from_file(file, n)
    near = difflib.get_close_matches(str(kind), KINDS, 1)
    cure = f'did you mean "{near[0]}"?' if near else f"take one of {', '.join(KINDS)}"
    raise ValueError(f'network: unknown kind (got "{kind}"); {cure}')
