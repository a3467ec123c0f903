"""The stage `advertise`: brands fade, people forget, advertising reaches some.

In this order, for each customer and firm: brand attitude fades, who is not the firm's customer may
forget it, and each person, aware or not, may be reached, which makes aware and lifts the brand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.frame import parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, loop
from sim.draws import BLOCK, CODES, draw_block
from sim.maths import exp
from sim.scenario.parameters import AdvertiseTable
from sim.scenario.words import AWARE_BY

if TYPE_CHECKING:
    from sim.market import Market

READS = ("supplier", "price_sensitivity")
CHANGES = ("brand", "annoyed", "aware", "aware_month", "aware_by")
DRAWS = ("reached", "forgets", "affiliate")

AdvertiseColumns = column_tuple("AdvertiseColumns", READS + CHANGES, __name__)
AdvertiseParameters = parameter_tuple("AdvertiseParameters", AdvertiseTable, __name__)

_REACHED, _FORGETS, _AFFILIATE = CODES["reached"], CODES["forgets"], CODES["affiliate"]
_BY_ADVERTISING, _BY_AFFILIATE = AWARE_BY.index("advertising"), AWARE_BY.index("affiliate")


@equation
def faded_brand(brand, p):
    """Brand attitude (-1 to 1) a month later. Source: Nerlove & Arrow 1962, goodwill decay."""
    return brand * (1.0 - p.brand_decay)


@equation
def chance_reached(money_a_head, p):
    """Chance that a person is reached by advertising in a month.

    Saturating response, as in Blattberg & Deighton 1996; money a head a month, 0 or more.
    """
    return 1.0 - exp(-p.response * money_a_head)


@equation
def reached_brand(brand, p):
    """Brand attitude after being reached: the better it is, the less is gained. Source: ours."""
    return brand + p.brand_gain * (1.0 - max(0.0, brand))


@equation
def chance_affiliate(commission, price_sensitivity, p):
    """Chance a month that an affiliate's page makes somebody aware; bargain hunters look more. Source: ours."""
    return (
        p.affiliate_reach * (1.0 - exp(-commission / p.affiliate_scale)) * min(2.0, price_sensitivity / 4.0)
    )


@loop
def advertise_rows(c, room, start, stop, month, key0, key1, p, firms):
    """The stage over customers start to stop."""
    n_firms = c.brand.shape[0]
    reach, forget, click = room.words[0], room.words[1], room.words[2]
    met, kept = room.flags[0], room.flags[1]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        supplier = c.supplier[lo : lo + n]
        sensitivity = c.price_sensitivity[lo : lo + n]
        annoyed = c.annoyed[lo : lo + n]
        for j in range(n):
            annoyed[j] = faded_brand(float(annoyed[j]), p)
        for f in range(n_firms):
            if f % 4 == 0:
                draw_block(lo, n, f // 4, month, _REACHED, key0, key1, reach)
                draw_block(lo, n, f // 4, month, _FORGETS, key0, key1, forget)
            u = reach[f % 4]
            v = forget[f % 4]
            chance = firms.reach_chance[f]
            brand = c.brand[f, lo : lo + n]
            aware = c.aware[f, lo : lo + n]
            since = c.aware_month[f, lo : lo + n]
            by = c.aware_by[f, lo : lo + n]
            for j in range(n):
                faded = faded_brand(float(brand[j]), p)
                brand[j] = reached_brand(faded, p) if u[j] < chance else faded
            for j in range(n):
                met[j] = np.uint8(u[j] < chance)
            for j in range(n):
                kept[j] = np.uint8(v[j] >= p.forgetting)
            own, now = np.int8(f), np.int16(month)
            for j in range(n):
                kept[j] = aware[j] & (kept[j] | np.uint8(supplier[j] == own))
            for j in range(n):
                before = since[j]
                since[j] = now if met[j] > kept[j] else before
            for j in range(n):
                before = by[j]
                by[j] = np.uint8(_BY_ADVERTISING) if met[j] > kept[j] else before
            for j in range(n):
                aware[j] = met[j] | kept[j]
            if firms.commission[f] > 0.0:
                draw_block(lo, n, f // 4, month, _AFFILIATE, key0, key1, click)
                w = click[f % 4]
                for j in range(n):
                    if aware[j] == 0 and w[j] < chance_affiliate(
                        firms.commission[f], float(sensitivity[j]), p
                    ):
                        aware[j] = 1
                        since[j] = month
                        by[j] = _BY_AFFILIATE


def advertise(market: Market) -> None:
    """Brands fade, people forget, advertising and affiliates reach some; the money is booked."""
    p = parameters(AdvertiseParameters, market.tables.advertise)
    n = len(market.customers)
    for firm in market.firms:
        money = firm.plan.advertising
        market.month_of_firms.reach_chance[firm.place] = market.call("advertise.chance_reached", money / n, p)
        market.ledger.enter(firm.place, "advertising", market.cents(money))
    market.rows("advertise", AdvertiseColumns, p, market.month_of_firms)
