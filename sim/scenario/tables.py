"""A whole scenario file: the tables of `parameters`, and those of the optional mechanisms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, create_model

from sim.mechanisms import MECHANISMS
from sim.scenario.parameters import (
    FORMAT,
    AccountTable,
    AdvertiseTable,
    BuyTable,
    ContactTable,
    DecideTable,
    FirmTable,
    Info,
    LeaveTable,
    MarketTable,
    RelateTable,
    Segment,
    ServeTable,
    TalkTable,
)
from sim.scenario.sweep_table import SweepTable
from sim.scenario.table import Table


class MechanismsTable(Table):
    """Optional mechanisms: each is off unless its table says anything."""


if not TYPE_CHECKING:  # one field a mechanism
    _off = {name: (one.table, one.table(on=False)) for name, one in MECHANISMS.items()}
    _about = MechanismsTable.__doc__
    MechanismsTable = create_model("MechanismsTable", __base__=MechanismsTable, __module__=__name__, **_off)
    MechanismsTable.__doc__ = _about


class Tables(Table):
    """A whole scenario file."""

    tenfold: int = Field(default=FORMAT, description="the format of this file")
    title: str = Field(default="A market", description="title", min_length=1, max_length=200)
    focus: str | None = Field(default=None, description="the firm that you are; left out: the first")
    info: Info = Info()
    market: MarketTable = MarketTable()
    segments: dict[str, Segment] = Field(
        default_factory=lambda: {"everyone": Segment()},
        description="kinds of customers",
        min_length=1,
        max_length=32,
    )
    firms: dict[str, FirmTable] = Field(
        default_factory=lambda: {name: FirmTable() for name in ("North", "East", "South", "West")},
        description="firms",
        min_length=1,
        max_length=30,
    )
    decide: DecideTable = DecideTable()
    advertise: AdvertiseTable = AdvertiseTable()
    contact: ContactTable = ContactTable()
    buy: BuyTable = BuyTable()
    serve: ServeTable = ServeTable()
    relate: RelateTable = RelateTable()
    talk: TalkTable = TalkTable()
    leave: LeaveTable = LeaveTable()
    account: AccountTable = AccountTable()
    mechanisms: MechanismsTable = MechanismsTable()
    sweep: SweepTable = SweepTable()
