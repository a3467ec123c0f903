"""How far a parameter may plausibly be from its value: the documented ranges over which `stress` moves assumptions.

The law of a parameter (`talk.unhappy_tells`, 0 to 100) says what the program takes; a range says what a reader should
think possible. Where a source gives one, it stands here with its argument. Where none does, the convention holds, which
is ours and claims no more than a factor of two:

* an amount, a rate or a weight: half to double;
* a share or a chance: half to double the odds, so that 0.95 becomes 0.905 to 0.974;
* a utility or a logit that may have either sign: ln 2 less to ln 2 more, which halves or doubles the odds of a choice;
* a word: each other word.

`*` stands for every segment, firm or level, moved together, each from its own value; FOCUS for the firm that is spoken
of, RIVALS for all others together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.scenario.laws import Parameter

LN2 = math.log(2.0)

CONVENTION = "half to double: ours, no source says more"
ODDS = "half to double the odds: ours, no source says more"
LOGIT = "half to double the odds of a choice: ours, no source says more"
TOGETHER = "half to double, all together: ours, no log tells them"
SCALED = "scaled to your spend"
"""What a scenario that was made from a log says of amounts that are the model's, in the log's money."""

OPPOSED = "half to double the odds, the other the other way, for no log tells the two apart: ours"
TUNED = "tuned so that the market reproduces the log"
"""What such a scenario says of values that its market was tuned by."""

OTHER_WORDS = "each other form: which one holds is not known"


class Range(NamedTuple):
    """A range that is documented: two ends, or words, and why."""

    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()
    why: str = ""


def _same(names: str) -> dict[str, Range | None]:
    """Addresses to which the convention applies."""
    return dict.fromkeys(names.split(), None)


RANGES: dict[str, Range | None] = {
    **_same(
        "market.discount_rate market.initial_awareness market.initial_trust market.initial_tenure market.initial_belief_sd"
    ),
    # who the customers are
    **_same(
        "segments.*.need_rate.mean segments.*.need_rate.shape segments.*.basket.mean segments.*.service_need.mean "
        "segments.*.price_sensitivity.mean segments.*.relationship_orientation.mean segments.*.contact_tolerance.mean "
        "segments.*.privacy_concern.mean segments.*.attention.mean segments.*.service_intensity.sd segments.*.exit_rate.mean"
    ),
    # what firms are: what all share, and how the firm that is spoken of differs from its rivals
    **_same(
        "firms.*.switching_cost firms.*.reliability firms.*.unit_margin firms.FOCUS.quality firms.FOCUS.brand_bonus"
    ),
    "firms.RIVALS.plan.advertising": None,
    # what levels, mail and advertising do
    **_same(
        "decide.contact_cost decide.contact_time decide.levels.*.heard decide.levels.*.prevented decide.levels.*.lift "
        "decide.levels.*.growth decide.levels.*.cost decide.levels.*.time decide.levels.*.cross_sell"
    ),
    **_same("advertise.brand_decay advertise.forgetting advertise.response advertise.brand_gain"),
    **_same(
        "contact.list_coverage contact.base_relevance contact.taste_spread contact.read_uninvited contact.read_database "
        "contact.read_keen contact.read_consenting contact.salience contact.brand_gain contact.pressure_uninvited "
        "contact.pressure_database contact.fatigue_gain contact.opt_out contact.brand_loss contact.trust_loss contact.report "
        "contact.ask_base contact.ask_trust contact.message_cost contact.personalization_cost"
    ),
    "contact.need_lift": Range(1.0, 1.1, why="no lift to twice the lift of a read message: ours"),
    "contact.report_ceiling": Range(
        0.001,
        0.003,
        why="bulk-sender rules of large mailbox providers, 2024: stay below 0.1 %, never reach 0.3 %",
    ),
    # choosing and buying
    **_same(
        "buy.base_chance buy.rival_message buy.price_alert buy.outside buy.loyalty_weight buy.tie_weight buy.initial_trust "
        "buy.offer_weight buy.offer_read buy.cross_sell buy.product_value"
    ),
    # service
    **_same(
        "serve.encounter_load serve.materials serve.overload_failures serve.overload_quality serve.personal serve.noise "
        "serve.severity serve.own_norm_weight serve.satisfaction_weight serve.belief_rate serve.unhappy_below "
        "serve.happy_above serve.unhappy_pending serve.unresolved_pending serve.happy_clears serve.recoveries.*.chance "
        "serve.quick_satisfaction serve.quick_loyalty serve.quick_kept serve.trust_loss_voiced serve.trust_loss_silent "
        "serve.skill_gain"
    ),
    "serve.loss_weight": Range(
        1.0,
        4.4,
        why="from no asymmetry to twice the default; Anderson & Sullivan 1993 for the direction only",
    ),
    # loyalty, trust, bonds
    **_same(
        "relate.satisfaction_base relate.social_growth relate.idle_growth relate.dissatisfied_loss relate.loyalty_decay "
        "relate.trust_growth relate.tie_growth relate.tie_decay relate.structural_cost relate.social_cost "
        "relate.satisfaction_decay"
    ),
    # word of mouth
    "talk.unhappy_tells": Range(
        1,
        20,
        why="from one, nearly silence; TARP 1981: the median is near ten, and an eighth tell more than twenty",
    ),
    **_same(
        "talk.happy_tells talk.happy_talks talk.online talk.bad_weight talk.good_weight talk.bad_news talk.own_weight "
        "talk.belief_fade talk.makes_aware talk.degree"
    ),
    "talk.tells_spread": Range(words=("fixed", "negative_binomial"), why=OTHER_WORDS),
    "talk.network": Range(words=("watts_strogatz", "scale_free", "random"), why=OTHER_WORDS),
    "leave.base_exit": None,
}
"""Address -> its range; None where the convention holds. Addresses with `*` also match one name each."""


def range_of(one: Parameter, found: Range | None) -> Range | None:
    """The range of a parameter around its value; None if the convention moves it nowhere.

    Parameters
    ----------
    one : with its value in this scenario.
    found : what `RANGES` says of its address.

    Examples
    --------
    >>> from sim.scenario import explain_parameter
    >>> found = range_of(explain_parameter("firms.North.reliability")[0], None)
    >>> round(found.low, 3), round(found.high, 3)
    (0.905, 0.974)
    """
    if found is not None and found.words:
        return found._replace(words=tuple(word for word in found.words if word != one.value))
    if not isinstance(one.value, (int, float)) or isinstance(one.value, bool):
        return None
    value = float(one.value)
    low, high, why = _by_convention(one, value)
    if found is not None:
        low, high, why = float(found.low or 0.0), float(found.high or 0.0), found.why
        low, high = min(low, value), max(high, value)
    if one.low is not None and one.high is not None:
        low, high = max(low, one.low), min(high, one.high)
    if one.type == "whole number":
        low, high = float(math.floor(low)), float(math.ceil(high))
    return None if low == high else Range(low, high, why=why)


def _by_convention(one: Parameter, value: float) -> tuple[float, float, str]:
    """Half to double: of the odds, of the odds of a choice, or of the amount."""
    if one.unit in ("utility", "logit") and one.low is not None and one.low < 0.0 < (one.high or 0.0):
        return value - LN2, value + LN2, LOGIT
    if one.low is not None and one.low >= 0.0 and one.high is not None and one.high <= 1.0:
        return _odds(value, 0.5), _odds(value, 2.0), ODDS
    low, high = sorted((value / 2.0, value * 2.0))
    return low, high, CONVENTION


def _odds(share: float, factor: float) -> float:
    """The share whose odds are so many times those of another."""
    return factor * share / (1.0 - share + factor * share)
