"""Who the customers are: traits by segment, and the state in which a run begins.

Each trait is drawn by inversion: a uniform number becomes a place z on the normal scale, and a
table of the trait's quantile function over z gives the value (linear between points 1/64 apart).
Tables are made once for each scenario from our own quantile functions, so that the bits do not
depend on the computer; a replaced customer costs a look-up, not a solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.columns import Customers, column_tuple
from sim.compiled import bundle, helper, loop, part, step
from sim.draws import CODES, geometric, philox, uniform
from sim.maths import beta_quantile, exp, gamma_quantile, log, normal_cdf, normal_quantile
from sim.scenario.parameters import Segment

if TYPE_CHECKING:
    from sim.scenario.tables import Tables

TRAITS = (
    "need_rate", "service_need", "service_basket", "taste", "attention", "basket", "price_sensitivity",
    "relationship_orientation", "contact_tolerance", "privacy_concern", "service_intensity", "exit_rate",
)  # fmt: skip
"""Traits in the order of their draws; draw 0 is the segment."""

LOWEST = {"need_rate": 0.005, "contact_tolerance": 0.25}
"""Floors of traits."""

Z_END = 6.5
POINTS_PER_UNIT = 64
POINTS = int(2 * Z_END * POINTS_PER_UNIT) + 1

_BASKET = 1 + TRAITS.index("basket")
_INTENSITY = 1 + TRAITS.index("service_intensity")
_TRAITS = CODES["traits"]
_AWARE = CODES["start_aware"]
_START = CODES["start_supplier"]
_START_BELIEF = CODES["start_belief"]


class Population(NamedTuple):
    """What draws a customer: quantile tables by segment and trait, and shares."""

    tables: np.ndarray  # (segments, 12, POINTS) float64
    segment_edges: np.ndarray  # (segments,) cumulative shares
    correlation: np.ndarray  # (segments,) of basket and service intensity
    awareness: float
    key0: int
    key1: int


TraitColumns = column_tuple("TraitColumns", ("segment", *TRAITS, "generation", "aware"), __name__)
StartColumns = column_tuple(
    "StartColumns",
    ("supplier", "tenure", "loyalty", "trust", "belief", "aware", "identified", "first_on_record", "last_purchase", "sold", "spent", "basket",
     "supplier_history", "products"),
    __name__,
)  # fmt: skip


@helper
def quantile_at(table, z):
    """A trait's value at z on the normal scale: linear between the points of its table."""
    place = (z + 6.5) * 64.0
    place = min(max(place, 0.0), len(table) - 1.000001)
    j = int(place)
    part = place - j
    return table[j] + part * (table[j + 1] - table[j])


@helper
def _fill(kind, a, b, low, out):
    for j in range(len(out)):
        z = -6.5 + j / 64.0
        if kind == 3:  # lognormal of log mean a, log sd b
            value = exp(a + b * z)
        else:
            u = normal_cdf(z)
            if kind == 1:  # gamma of shape a, mean b
                value = gamma_quantile(a, u) * b / a
            elif kind == 2:  # beta of a, b
                value = beta_quantile(a, b, u)
            elif kind == 4:  # uniform from a to b
                value = a + (b - a) * u
            else:
                value = a
        out[j] = max(value, low)


@loop
def fill_table(kind, a, b, low, out):
    """The quantile function of a trait on the grid of z; kind 0 constant, 1 gamma, 2 beta, 3 lognormal, 4 uniform."""
    _fill(kind, a, b, low, out)


def trait_table(name: str, trait: Any) -> np.ndarray:
    """The quantile table of one trait, float64 (POINTS,)."""
    out = np.empty(POINTS)
    low = LOWEST.get(name, 0.0)
    mean, kind = float(trait.mean), type(trait).kind
    if not trait.varies or (mean == 0.0 and kind in ("gamma", "lognormal")):
        fill_table(0, mean, 0.0, low, out)
    elif kind == "gamma":
        fill_table(1, trait.shape, mean, low, out)
    elif kind == "beta":
        fill_table(2, trait.strength * mean, trait.strength * (1.0 - mean), low, out)
    elif kind == "lognormal":
        variance = log(1.0 + (trait.sd / mean) ** 2)
        fill_table(3, log(mean) - variance / 2.0, variance**0.5, low, out)
    else:
        fill_table(4, mean - trait.width / 2.0, mean + trait.width / 2.0, low, out)
    return out


_made: dict[Any, np.ndarray] = {}


def segment_table(segment: Segment) -> np.ndarray:
    """The quantile tables of a segment, (12, POINTS); made once for equal traits."""
    rows = []
    for name in TRAITS:
        trait = getattr(segment, name)
        key = (name, type(trait).kind, tuple(trait.model_dump().values()))
        if key not in _made:
            if len(_made) > 2000:
                _made.clear()
            _made[key] = trait_table(name, trait)
        rows.append(_made[key])
    return np.array(rows)


def population(tables: Tables, key: tuple[int, int]) -> Population:
    """What draws the customers of a scenario."""
    segments = list(tables.segments.values())
    shares = np.cumsum([s.share for s in segments])
    return Population(
        np.array([segment_table(s) for s in segments]),
        shares / shares[-1],
        np.array([s.basket_correlation for s in segments]),
        float(tables.market.initial_awareness),
        *key,
    )


@step
def draw_traits(c, i, generation, population, words):
    """Give slot i the traits of a generation and forget its awareness; ``words`` is scratch (16,)."""
    for k in range(4):
        w0, w1, w2, w3 = philox(i, k, generation, _TRAITS, population.key0, population.key1)
        words[4 * k] = uniform(w0)
        words[4 * k + 1] = uniform(w1)
        words[4 * k + 2] = uniform(w2)
        words[4 * k + 3] = uniform(w3)
    s = 0
    last = len(population.segment_edges) - 1
    while s < last and words[0] >= population.segment_edges[s]:
        s += 1
    c.segment[i] = s
    t = population.tables[s]
    z_basket = normal_quantile(words[_BASKET])
    rho = population.correlation[s]
    z_intensity = rho * z_basket + (1.0 - rho * rho) ** 0.5 * normal_quantile(words[_INTENSITY])
    c.need_rate[i] = quantile_at(t[0], normal_quantile(words[1]))
    c.service_need[i] = quantile_at(t[1], normal_quantile(words[2]))
    c.service_basket[i] = quantile_at(t[2], normal_quantile(words[3]))
    c.taste[i] = quantile_at(t[3], normal_quantile(words[4]))
    c.attention[i] = quantile_at(t[4], normal_quantile(words[5]))
    c.basket[i] = quantile_at(t[5], z_basket)
    c.price_sensitivity[i] = quantile_at(t[6], normal_quantile(words[7]))
    c.relationship_orientation[i] = quantile_at(t[7], normal_quantile(words[8]))
    c.contact_tolerance[i] = quantile_at(t[8], normal_quantile(words[9]))
    c.privacy_concern[i] = quantile_at(t[9], normal_quantile(words[10]))
    c.service_intensity[i] = quantile_at(t[10], z_intensity)
    c.exit_rate[i] = quantile_at(t[11], normal_quantile(words[12]))
    draw_awareness(c, i, generation, population.key0, population.key1, population.awareness)


@part
def draw_awareness(c, i, generation, key0, key1, awareness):
    """A newcomer knows each firm with the chance of the start."""
    firms = c.aware.shape[0]
    for block in range((firms + 3) // 4):
        w0, w1, w2, w3 = philox(i, block, generation, _AWARE, key0, key1)
        for word in range(4):
            f = 4 * block + word
            if f < firms:
                w = w0 if word == 0 else (w1 if word == 1 else (w2 if word == 2 else w3))
                c.aware[f, i] = 1 if uniform(w) < awareness else 0


@loop
def draw_rows(c, start, stop, population):
    """Traits and awareness of the first generation."""
    words = np.empty(16)
    for i in range(start, stop):
        draw_traits(c, i, 0, population, words)


@loop
def start_rows(
    c,
    start,
    stop,
    key0,
    key1,
    served,
    shares,
    quality,
    tenure,
    trust,
    newcomer_trust,
    belief_sd,
    loyalty_table,
):
    """Suppliers, tenure, loyalty and beliefs with which a run begins."""
    p = 1.0 / tenure
    for i in range(start, stop):
        w0, w1, w2, w3 = philox(i, 0, 0, _START, key0, key1)
        if uniform(w0) >= served:
            c.trust[i] = newcomer_trust
            continue
        f = 0
        u = uniform(w1)
        while f < len(shares) - 1 and u >= shares[f]:
            f += 1
        months = 1.0 + (geometric(p, uniform(w2)) if p < 1.0 else 0.0)
        v0, _v1, _v2, _v3 = philox(i, 0, 0, _START_BELIEF, key0, key1)
        c.supplier[i] = f
        c.tenure[i] = min(int(months), 30000)
        c.loyalty[i] = quantile_at(loyalty_table, normal_quantile(uniform(w3)))
        c.trust[i] = trust
        c.belief[f, i] = quality[f] + belief_sd * normal_quantile(uniform(v0))
        c.aware[f, i] = 1
        c.identified[f, i] = 2
        c.first_on_record[f, i] = -min(int(months), 30000)
        c.last_purchase[f, i] = -1
        c.sold[f, i] = 1
        c.spent[f, i] = 2.0 * c.basket[i]


def populate(customers: Customers, tables: Tables, key: tuple[int, int]) -> Population:
    """Fill the columns with the customers of a scenario as its run begins."""
    people = population(tables, key)
    n = len(customers)
    draw_rows(customers.bundle(TraitColumns), 0, n, bundle(people))
    market = tables.market
    loyalty = np.empty(POINTS)
    fill_table(2, 2.0, 3.0, 0.0, loyalty)
    start_rows(
        customers.bundle(StartColumns), 0, n, *key, float(market.served_at_start), np.cumsum(initial_shares(tables)),
        np.array([float(f.quality) for f in tables.firms.values()]), float(market.initial_tenure),
        float(market.initial_trust), float(tables.buy.initial_trust), float(market.initial_belief_sd), loyalty,
    )  # fmt: skip
    return people


def initial_shares(tables: Tables) -> np.ndarray:
    """Each firm's share of the customers served at the start; those not given share the rest."""
    given = [f.initial_share for f in tables.firms.values()]
    rest = 1.0 - sum(s for s in given if s is not None)
    open_places = sum(s is None for s in given)
    return np.array([rest / open_places if s is None else s for s in given], dtype=np.float64)
