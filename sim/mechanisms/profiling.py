"""Profiling: by which sources a firm knows its customers, how fully, how accurately and how soon.

What a purchase tells is little. Sales people, scanners, web logs, cookies, what people disclose themselves, and automated tracking each add to a
profile, cover some customers and not others, cost, and need consent or not. A fuller profile fits messages better. Mining makes a forecast
of who will leave out of it, the more accurate the fuller the profile and the greater the effort; in real time it is of this month, in batches
it is up to a quarter old. Tracking that nobody was told of is resented.

Source: Peppers & Rogers 1993 (identify, differentiate); Neslin et al. 2006, Defection Detection (accuracy of forecasts of churn); sizes ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    Table,
    clip,
    columns,
    draw,
    enter,
    firm_bits,
    forget_rows,
    known_supplier,
    loop,
    number,
    on_record,
    own_mean,
    word,
)
from sim.mechanisms.frame import normal as normal_number
from sim.mechanisms.privacy import fuller_profile
from sim.scenario.table import variant

LONGEST = 12
"""Most months until what a source sees stands in a profile."""


class SourceTable(Table):
    """One source of knowledge about customers."""

    coverage: float = number(0.5, "share of the customers whom it reaches", "share", 0.0, 1.0)
    adds: float = number(0.1, "part of what is unknown that it adds a month", "share a month", 0.0, 1.0)
    latency: int = number(0, "months until what it sees stands in the profile", "months", 0, LONGEST)
    cost: float = number(0.1, "cost of a customer whom it covers", "money a month", 0.0, 1e4)
    needs_consent: bool = word(False, "covers only who said yes")
    intrudes: float = number(
        0.0, "share of trust lost a month where it is not disclosed, times privacy concern", "share", 0.0, 1.0
    )


class ConsentTable(SourceTable):
    """A source of knowledge about customers that asks first."""

    needs_consent: bool = word(True, "covers only who said yes")


NO_FORECAST = -1.0
"""Of the column `risk`: the supplier has made no forecast of the customer."""

RIGHT_WITHIN = 0.1
"""A forecast that is so near to the true risk is right."""

ROWS = {
    # coverage, adds, latency, cost, needs consent, intrudes
    "sales_force": ("what sales people note down", 0.3, 0.15, 1, 1.00, False, 0.0),
    "scanner": ("what the till records under a card", 0.6, 0.10, 1, 0.10, False, 0.002),
    "web_log": ("what a server records", 0.5, 0.05, 0, 0.02, False, 0.004),
    "cookies": ("tagged strings that recognize a browser", 0.6, 0.12, 0, 0.01, False, 0.010),
    "disclosure": ("what people say of themselves", 0.4, 0.25, 0, 0.20, True, 0.0),
    "tracking": ("automatic tracking of use", 0.8, 0.20, 0, 0.05, False, 0.020),
}
"""The sources: what each is, coverage, addition, latency, cost, whether it needs consent, how it intrudes. Numbers ours."""

_variants = {
    name: variant(
        ConsentTable if _consent else SourceTable,
        f"{name.title().replace('_', '')}Source",
        what,
        coverage=covers,
        adds=adds,
        latency=latency,
        cost=cost,
        intrudes=intrudes,
    )
    for name, (what, covers, adds, latency, cost, _consent, intrudes) in ROWS.items()
}
SalesForceSource, ScannerSource, WebLogSource, CookiesSource, DisclosureSource, TrackingSource = (
    _variants.values()
)


class ProfilingDecisions(Decisions):
    """Which sources a firm uses, and what it makes of them."""

    sales_force: bool = word(False, f"uses the source: {ROWS['sales_force'][0]}")
    scanner: bool = word(False, f"uses the source: {ROWS['scanner'][0]}")
    web_log: bool = word(False, f"uses the source: {ROWS['web_log'][0]}")
    cookies: bool = word(False, f"uses the source: {ROWS['cookies'][0]}")
    disclosure: bool = word(False, f"uses the source: {ROWS['disclosure'][0]}")
    tracking: bool = word(False, f"uses the source: {ROWS['tracking'][0]}")
    discloses: bool = word(False, "tells customers of all sources in use")
    mining: float = number(0.0, "effort of data mining", "share", 0.0, 1.0)
    real_time: bool = word(False, "forecasts are of this month, and not of the last quarter's end")


class ProfilingTable(MechanismTable):
    """Sources of profiles, data mining, real time."""

    sales_force: SalesForceSource = SalesForceSource()  # type: ignore[valid-type]
    scanner: ScannerSource = ScannerSource()  # type: ignore[valid-type]
    web_log: WebLogSource = WebLogSource()  # type: ignore[valid-type]
    cookies: CookiesSource = CookiesSource()  # type: ignore[valid-type]
    disclosure: DisclosureSource = DisclosureSource()  # type: ignore[valid-type]
    tracking: TrackingSource = TrackingSource()  # type: ignore[valid-type]
    ages: float = number(
        0.03, "share of a profile that is out of date after a month", "share a month", 0.0, 1.0
    )
    fits: float = number(0.6, "completeness that a full profile adds for fitting messages", "share", 0.0, 1.0)
    noise: float = number(
        1.0, "spread of a forecast's error with no profile and no mining, in sd of the truth", "sd", 0.0, 20.0
    )
    mining_cost: float = number(0.05, "cost of full mining, a person on record and month", "money", 0.0, 1e4)
    real_time_cost: float = number(200.0, "cost of forecasting in real time", "money a month", 0.0, 1e9)
    firms: dict[str, ProfilingDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def next_profile(profile: Any, added: Any, p: Any) -> Any:
    """How complete a profile is a month later, 0 to 1: sources add to what is unknown, what was known ages. Source: ours."""
    kept = profile * (1.0 - p.ages)
    return kept + clip(added) * (1.0 - kept)


def forecast_accuracy(profile: Any, mining: Any) -> Any:
    """How much of a customer's risk a forecast sees, 0 to 1: profile and effort help each other. Source: ours."""
    return clip(0.2 + 0.8 * (profile * (0.3 + 0.7 * mining)))


def true_risk(satisfaction: Any, loyalty: Any, pending: Any) -> Any:
    """How near a customer is to leaving, 0 to 1, from what the firm cannot see. Source: ours."""
    return clip(0.5 * pending + 0.35 * (1.0 - loyalty) + 0.15 * (1.0 - satisfaction) * 0.5)


# ---------------------------------------------------------------- steps


def used(own: Own, name: str) -> np.ndarray:
    """Whether each firm uses a source, (F,)."""
    return own.decided(name)


def _sources_used(own: Own) -> np.ndarray:
    """Whether each firm uses any source this month, bool (F,)."""
    found: np.ndarray = own.follows("any source", lambda: np.any([used(own, name) for name in ROWS], axis=0))
    return found


@loop
def cover_rows(ids, generation, code, key0, key1, coverage, covered):
    """Which sources cover some people, a bit each."""
    for x in range(len(ids)):
        i, bits = ids[x], 0
        for k in range(len(coverage)):
            covers = draw(i, k, np.int64(generation[i]), code, key0, key1) < coverage[k]
            bits |= (1 << k) * covers
        covered[i] = bits


def draw_coverage(market: Any, own: Own, ids: np.ndarray) -> None:
    """Which sources cover a customer: for life, a bit each."""
    coverage = own.follows("coverage", lambda: np.array([getattr(own.p, name).coverage for name in ROWS]))
    cover_rows(ids, *own.of_traits(market, "covered"), coverage, market.customers.covered)


def begin(market: Any, own: Own) -> None:
    """Whom the sources cover at the start; no firm has used one yet, so there is no forecast."""
    own.state["used"] = np.zeros(len(market.firms), dtype=bool)
    own.state["in_use"] = np.zeros((len(ROWS), len(market.firms), LONGEST + 1), dtype=bool)
    draw_coverage(market, own, np.arange(len(market.customers)))


def forget_forecasts(market: Any, own: Own) -> None:
    """A forecast belongs to the firm that made it: a new supplier has none yet."""
    c = market.customers
    forget_rows(c.supplier, c.supplier_before, np.float32(NO_FORECAST), c.risk)


LearnColumns = columns(
    "LearnColumns", "supplier", "tenure", "permission", "covered", "privacy_concern", "profile_known", "trust", "month_profit_cents"
)  # fmt: skip
Gain = columns("Gain", "profile_gain")
"""What the equation of a fuller profile asks for."""
RiskColumns = columns(
    "RiskColumns", "supplier", "satisfaction", "loyalty", "pending", "profile_known", "risk"
)


@loop
def learn_rows(c, p, known, known_to, ready, added, loss, money, line, ledger, signs):
    """Sources add to the profiles of customers whom they cover, and who are known to the firm; trust suffers where they were not told; sources are paid."""
    n, learns, who = 0, firm_bits(known), np.empty(len(known_to), dtype=np.int64)
    for i in range(len(known_to)):
        who[n] = i
        n += learns >> (c.supplier[i] + 1) & 1
    for x in range(n):
        i = who[x]
        f = c.supplier[i]
        yes = int((c.permission[f, i] == 1) | (c.permission[f, i] == 2))
        covered = np.int64(c.covered[i]) if known_to[i] >= 0 else 0
        place, arrived = (f, yes, covered), (f, yes, covered & ready[f, min(np.int64(c.tenure[i]), LONGEST)])
        c.profile_known[f, i] = next_profile(np.float64(c.profile_known[f, i]), added[arrived], p)
        c.trust[i] = np.float64(c.trust[i]) * (1.0 - clip(loss[place] * np.float64(c.privacy_concern[i])))
        enter(ledger, signs, c.month_profit_cents, f, i, line, money[place])


def learn(market: Any, own: Own) -> None:
    """Sources add to the profiles of those whom they cover; trust suffers where they were not told; forecasts are renewed."""
    makes = own.follows("makes", lambda: _sources_used(own) | (own.decided("mining") > 0))
    known = own.state["used"] = own.state["used"] | makes
    here, line = market.customers.bundle(LearnColumns), own.place(market, "profiles")
    effects, ready = own.follows("effects", lambda: _effects(own)), _ready(own)
    known_to, book = known_supplier(market), market.ledger
    learn_rows(here, own.numbers, known, known_to, ready, *effects, line, book.current, book.signs)
    _forecast(market, own, makes, known_to)


@loop
def ready_rows(now, before, latency, in_use, ready):
    """The bit of each source goes to the firms, and the months of a relationship, of which data arrive; ``in_use``: by months back, now first."""
    for k in range(len(latency)):
        for f in range(len(ready)):
            in_use[k, f, 0] = now[k, f]
            for months in range(1, in_use.shape[2]):
                in_use[k, f, months] = before[k, f, months - 1]
            bit = (1 << k) * in_use[k, f, latency[k]]
            for tenure in range(latency[k], ready.shape[1]):
                ready[f, tenure] |= bit


def _ready(own: Own) -> np.ndarray:
    """Bits of the sources of which data arrive in profiles this month, by firm and months of the relationship, (F, LONGEST + 1).

    They were in use as many months ago as their latency is; of who was a customer then.
    """
    now = own.follows("in use", lambda: np.array([used(own, name) > 0 for name in ROWS]))
    latency = own.follows("latency", lambda: np.array([getattr(own.p, name).latency for name in ROWS]))
    before, ready = own.state["in_use"], np.zeros((len(own.plans), LONGEST + 1), dtype=np.int64)
    own.state["in_use"] = in_use = np.empty_like(before)
    ready_rows(now, before, latency, in_use, ready)
    return ready


def _effects(own: Own) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What sources add, and what those in use intrude and cost: by firm, consent, and the bits of sources."""
    covered = np.arange(1 << len(ROWS))
    shape = (len(own.plans), 2, len(covered))
    added, loss, money = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    told = own.decided("discloses")[:, None, None]
    for k, name in enumerate(ROWS):
        row = getattr(own.p, name)
        asked = np.array([not row.needs_consent, True])[:, None] & ((covered >> k & 1) > 0)
        works = used(own, name)[:, None, None] * asked
        added += asked * row.adds
        money += works * row.cost
        loss += works * row.intrudes * (1.0 - told)
    return added, loss, money


@loop
def forecast_rows(
    c, p, known_to, makes, now, mining, real_time, recorded, month, code, key0, key1, line, ledger
):
    """Forecasts of those whose firm makes one now; who has a firm that makes none, or that does not know them, has none; firms pay for them."""
    n, have, renews = 0, firm_bits(makes), firm_bits(now)
    who, luck = np.empty(len(known_to), dtype=np.int64), np.empty(len(known_to))
    for i in range(len(known_to)):
        c.risk[i] = c.risk[i] if have >> (known_to[i] + 1) & 1 else np.float32(NO_FORECAST)
    for i in range(len(known_to)):
        who[n] = i
        n += renews >> (known_to[i] + 1) & 1
    for x in range(n):
        luck[x] = draw(who[x], 0, month, code, key0, key1)
    for x in range(n):
        luck[x] = normal_number(luck[x])
    for x in range(n):
        i = who[x]
        f = c.supplier[i]
        sees = forecast_accuracy(np.float64(c.profile_known[f, i]), mining[f])
        error = luck[x] * p.noise * 0.2 * (1.0 - sees)
        risk = true_risk(np.float64(c.satisfaction[i]), np.float64(c.loyalty[i]), c.pending[i])
        c.risk[i] = clip(0.35 + sees * (risk - 0.35) + error)
    for f in range(len(mining)):
        money = p.mining_cost * mining[f] * recorded[f] + p.real_time_cost * real_time[f]
        ledger[f, line] += np.int64(np.rint(money * 100.0))


def _forecast(market: Any, own: Own, makes: np.ndarray, known_to: np.ndarray) -> None:
    mining, real_time = own.decided("mining"), own.decided("real_time")
    at_once = own.follows("at once", lambda: makes & (real_time > 0))
    here, claim = market.customers.bundle(RiskColumns), own.claim(market, "error")
    now, line = at_once if market.month % 3 else makes, own.place(market, "data_mining")
    costs = mining, real_time, on_record(market)
    forecast_rows(here, own.numbers, known_to, makes, now, *costs, *claim, line, market.ledger.current)


@loop
def fit_rows(identified, known, scale, gain):
    """Purchases on record are at least those at which a profile is as complete as it is with what sources know."""
    n, who = 0, np.empty(len(known), dtype=np.int64)
    record, more = np.empty(len(known)), np.empty(len(known))
    for i in range(len(known)):
        who[n], record[n], more[n] = i, identified[i], known[i]
        n += (identified[i] > 0) & (known[i] > 0.0)
    for x in range(n):
        more[x] = fuller_profile(record[x], more[x], scale, gain)
    for x in range(n):
        i = who[x]
        identified[i] = max(identified[i], np.uint16(np.rint(more[x])))


def fit_better(market: Any, own: Own) -> None:
    """Messages are fitted with what profiles know beyond purchases."""
    c, scale = market.customers, float(market.tables.contact.profile_scale)
    gain = own.follows("gain", lambda: _bundle_of_gain(own))
    own.scratch["identified"] = {}
    for f in np.flatnonzero(_sources_used(own)):
        own.scratch["identified"][f] = c.identified[f].copy()
        fit_rows(c.identified[f], c.profile_known[f], scale, gain)


def _bundle_of_gain(own: Own) -> Any:
    from sim.compiled import bundle

    return bundle(Gain(own.p.fits))


def fit_as_before(market: Any, own: Own) -> None:
    """The record of purchases is as it was."""
    for f, identified in own.scratch.pop("identified").items():
        market.customers.identified[f] = identified


def risk_seen(market: Any, own: Own, f: int, ids: np.ndarray) -> np.ndarray:
    """The firm's forecast of who will leave, of own customers; NaN for others, and where it has made none."""
    c = market.customers
    risk = c.risk[ids].astype(np.float64)
    return np.where((c.supplier[ids] == f) & (risk >= 0.0), risk, np.nan)


def profile_completeness(market: Any, own: Own) -> np.ndarray:
    """Mean completeness of own customers' profiles. Unit: share. Source: Peppers & Rogers 1993."""
    return own_mean(market, market.customers.profile_known)


STEPS = 1000
"""In so many steps from 0 to 1 the best number for all is looked for."""

WIDTH = round(2 * RIGHT_WITHIN * STEPS)
"""So many steps are right for one number."""


@loop
def right_rows(c, shares):
    """Forecasts of each firm that are near the risk now, and as many of the best number for all: shares of those who have one, (2, F)."""
    firms, people = shares.shape[1], len(c.supplier)
    who, truth = np.empty(people, dtype=np.int64), np.empty(people)
    n, truths = 0, np.zeros((firms, STEPS + 1), dtype=np.int64)  # customers by firm and risk now
    right, made = np.zeros(firms, dtype=np.int64), np.zeros(firms, dtype=np.int64)
    for i in range(people):
        who[n] = i
        n += (c.supplier[i] >= 0) & (c.risk[i] >= 0.0)
    for x in range(n):
        i = who[x]
        truth[x] = true_risk(np.float64(c.satisfaction[i]), np.float64(c.loyalty[i]), c.pending[i])
    for x in range(n):
        i = who[x]
        right[c.supplier[i]] += abs(np.float64(c.risk[i]) - truth[x]) <= RIGHT_WITHIN
        made[c.supplier[i]] += 1
        truths[c.supplier[i], int(truth[x] * STEPS)] += 1
    for f in range(firms):
        within = best = 0
        for k in range(STEPS + 1 if made[f] else 0):
            within += truths[f, k] - (truths[f, k - WIDTH] if k >= WIDTH else 0)
            best = max(best, within)
        shares[0, f], shares[1, f] = (right[f] / made[f], best / made[f]) if made[f] else (np.nan, np.nan)


def gather(market: Any, own: Own) -> None:
    """How right forecasts were, at the month's end, and how right one number for all would have been."""
    shares = np.empty((2, len(market.firms)))
    right_rows(market.customers.bundle(RiskColumns), shares)
    own.scratch["right"], own.scratch["base"] = shares


def forecasts_right(market: Any, own: Own) -> np.ndarray:
    """Share of the firm's forecasts that are within 0.1 of the customer's risk now; below `forecasts_right_base` one number for all would do better.

    Unit: share. Source: Neslin et al. 2006 for the question; measure ours.
    """
    return np.asarray(own.scratch["right"])


def forecasts_right_base(market: Any, own: Own) -> np.ndarray:
    """What `forecasts_right` would be of the best single number for all customers with a forecast (true: a firm cannot know it). Unit: share. Source: ours."""
    return np.asarray(own.scratch["base"])


MECHANISM = Mechanism(
    name="profiling",
    about=__doc__,
    table=ProfilingTable,
    decisions=ProfilingDecisions,
    columns=(
        Column(
            "profile_known", "float32", "pair", "share", "how complete the firm's profile of the customer is"
        ),
        Column("covered", "uint8", "customer", "bits", "sources that cover the customer, one bit each"),
        Column(
            "risk",
            "float32",
            "customer",
            "share",
            "the supplier's forecast of how near the customer is to leaving, -1 none",
        ),
    ),
    blank={"risk": NO_FORECAST},
    lines=(
        Activity("profiles", -1, True, "retention", "sources of customers' profiles"),
        Activity("data_mining", -1, False, "other", "forecasts made of profiles"),
    ),
    draws=(
        Draw("covered", 2040, "source (month word: the generation)", "whether a source covers a customer"),
        Draw("error", 2041, "0", "error of a forecast"),
    ),
    equations=(next_profile, forecast_accuracy, true_risk),
    steps=(
        Step("before", "contact", fit_better),
        Step("after", "contact", fit_as_before),
        Step("after", "buy", forget_forecasts),
        Step("after", "relate", learn),
        Step("after", "account", gather),
    ),
    limits={"covered": (0, (1 << len(ROWS)) - 1)},
    begin=begin,
    renew=draw_coverage,
    metrics={
        "profile_completeness": profile_completeness,
        "forecasts_right": forecasts_right,
        "forecasts_right_base": forecasts_right_base,
    },
    shows={"risk": risk_seen},
)
