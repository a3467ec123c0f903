"""The model's amounts of money in the money of a log: all by one factor, so that no currency turns an answer."""

from __future__ import annotations

from sim.calibrate.marks import Mark
from sim.calibrate.reading import LogError
from sim.scenario import Parameter
from sim.scenario.addressing import change
from sim.scenario.finding import addresses
from sim.scenario.parameters import Segment
from sim.scenario.ranges import SCALED
from sim.scenario.tables import Tables

BASKET: float = Segment().model_dump()["basket"]["mean"]
"""Spend on a purchase for which the defaults in money were chosen."""


def amounts(tables: Tables) -> dict[str, Parameter]:
    """The parameters in money, or by money, whose default is an amount other than 0: all but what customers spend."""
    return {
        address: one
        for address, one in addresses(tables).items()
        if one.unit.split(" ")[0] in ("money", "1/money") and one.default and not address.endswith(".basket.mean")
    }  # fmt: skip


def scaled(tables: Tables, spend: float) -> Tables:
    """The same scenario, defaults in money times spend over `BASKET`, and those by money divided by it.

    Parameters
    ----------
    tables : with defaults of these amounts. spend : mean spend on a purchase, in the log's money, above 0.

    Raises
    ------
    LogError
        An amount would be outside of its range.

    Source: ours. That wages, materials and postage go with the spend is an assumption: no log tells them.
    """
    factor, found = spend / BASKET, {}
    for address, one in amounts(tables).items():
        value = float(f"{one.default * (1.0 / factor if one.unit == '1/money' else factor):.5g}")
        if not float(one.low or 0.0) <= value <= float(one.high or value):
            cure = "thousands" if factor > 1.0 else "a smaller unit, such as cents"
            raise LogError(
                f"spend on a purchase is {spend:,.6g}, so that {address} would be {value:,.6g} {one.unit}, and it may be "
                f"{one.low:g} to {one.high:g}: give the log's amounts in {cure}"
            )
        found[address] = value
    return change(tables, found)


def scaled_marks(tables: Tables) -> dict[str, Mark]:
    """The mark of each scaled amount, by address."""
    return {
        address: Mark("ours", about=f"{SCALED}: {one.default:g} where it is {BASKET:g}")
        for address, one in amounts(tables).items()
    }
