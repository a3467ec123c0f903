"""A scenario: one file's worth of market, with its page, its hash and its changes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.scenario import addressing, finding, page
from sim.scenario.checks import as_table
from sim.scenario.laws import PAGE
from sim.scenario.parameters import (
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
from sim.scenario.tables import MechanismsTable, Tables
from sim.scenario.writing import file_text, write_whole


@dataclass(frozen=True, eq=False, repr=False)
class Scenario:
    """A checked scenario; it never changes: `with_changes` makes another one.

    Attributes
    ----------
    name : str
        The name of a shipped scenario, or of its file without .toml.
    tables : Tables
        Every parameter, defaults filled in; the shortcuts `market`, `firms`, `talk` … lead there.
    changes : mapping of str to value
        What was changed since it was loaded, by address.
    folder : Path
        Where the files that it names stand.
    file : Path or None
        The file that was read; None for one made in memory.
    """

    name: str
    tables: Tables
    changes: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    file: Path | None = None

    @property
    def title(self) -> str:
        """Its title."""
        return self.tables.title

    @property
    def info(self) -> Info:
        """Its page: what it is, things to notice, things to try."""
        return self.tables.info

    @property
    def focus(self) -> str:
        """The firm that the user is; the first if the file does not say."""
        return self.tables.focus or next(iter(self.tables.firms))

    @property
    def market(self) -> MarketTable:
        """The market as a whole."""
        return self.tables.market

    @property
    def segments(self) -> dict[str, Segment]:
        """Kinds of customers, by name."""
        return self.tables.segments

    @property
    def firms(self) -> dict[str, FirmTable]:
        """Firms, by name."""
        return self.tables.firms

    @property
    def decide(self) -> DecideTable:
        """Parameters of the stage `decide`."""
        return self.tables.decide

    @property
    def advertise(self) -> AdvertiseTable:
        """Parameters of the stage `advertise`."""
        return self.tables.advertise

    @property
    def contact(self) -> ContactTable:
        """Parameters of the stage `contact`."""
        return self.tables.contact

    @property
    def buy(self) -> BuyTable:
        """Parameters of the stage `buy`."""
        return self.tables.buy

    @property
    def serve(self) -> ServeTable:
        """Parameters of the stage `serve`."""
        return self.tables.serve

    @property
    def relate(self) -> RelateTable:
        """Parameters of the stage `relate`."""
        return self.tables.relate

    @property
    def talk(self) -> TalkTable:
        """Parameters of the stage `talk`."""
        return self.tables.talk

    @property
    def leave(self) -> LeaveTable:
        """Parameters of the stage `leave`."""
        return self.tables.leave

    @property
    def account(self) -> AccountTable:
        """Parameters of the stage `account`."""
        return self.tables.account

    @property
    def mechanisms(self) -> MechanismsTable:
        """Optional mechanisms, by name; those that are off are there too, with `on` false."""
        return self.tables.mechanisms

    @property
    def initial_shares(self) -> dict[str, float]:
        """Each firm's share of those served at the start; firms without one share the rest equally."""
        given = {name: firm.initial_share for name, firm in self.firms.items()}
        rest = max(0.0, 1.0 - math.fsum(share for share in given.values() if share is not None))
        others = sum(share is None for share in given.values())
        return {name: rest / others if share is None else share for name, share in given.items()}

    @property
    def edges_file(self) -> Path | None:
        """The file of the contact network, if there is one."""
        is_file = self.talk.network == "file" and self.talk.edges is not None
        return self.folder / str(self.talk.edges) if is_file else None

    def parameter(self, address: str) -> Any:
        """The value at an address; an unknown one is refused with the nearest right one."""
        return finding.find(address, self.tables).value

    def with_changes(self, changes: Mapping[str, Any]) -> Scenario:
        """The same scenario with other values at some addresses.

        Parameters
        ----------
        changes : mapping of str to value
            By address: `{"talk.unhappy_tells": 0, "firms.Corner.plan.price": 1.1}`. All are made before
            anything is checked.

        Raises
        ------
        ScenarioError
            A ValueError, with all faults at once.
        TypeError
            No dict.
        """
        if not isinstance(changes, Mapping):
            raise TypeError(
                f"changes: a dict is needed, address -> value, such as {{'talk.unhappy_tells': 0}} (got {changes!r})"
            )
        if not changes:
            return self
        changed = addressing.change(self.tables, changes, self.folder)
        stale = tuple(f"{address}." for address in changes if address.endswith((".policy", ".rules")))
        kept = {
            address: value for address, value in self.changes.items() if not address.startswith(stale or "\0")
        }
        new = {address: addressing.plain(value) for address, value in changes.items()}
        return Scenario(self.name, changed, kept | new, self.folder, self.file)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that decides what happens, as 64 hexadecimal digits.

        It is taken over JSON with sorted keys, without blanks, of all parameters, defaults included; title,
        page and format are left out. Segments and firms are lists, for their order counts; the focus is the
        resolved one; a policy is a table with its name; of an edges file, the SHA-256 of its content counts.
        Mechanisms that are off are left out.
        """
        said = self.tables.model_dump(by_alias=True, exclude=set(PAGE))
        for firm in said["firms"].values():
            firm["policy"] = as_table(firm["policy"])
        said |= {
            "focus": self.focus,
            "segments": list(said["segments"].items()),
            "firms": list(said["firms"].items()),
        }
        on = {name: table for name, table in said.pop("mechanisms").items() if table["on"]}
        said |= {"mechanisms": on} if on else {}
        said["talk"]["edges"] = None
        if self.edges_file is not None:
            with self.edges_file.open("rb") as stream:
                said["talk"]["edges"] = hashlib.file_digest(stream, "sha256").hexdigest()
        text = json.dumps(_without_minus_zero(said), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def save(self, file: str | Path, force: bool = False) -> Path:
        """Write a scenario file: title, page and whatever differs from the defaults.

        A contact network from a file is copied beside it. Loading the file gives a scenario of equal hash.

        Parameters
        ----------
        file : str or Path
            Ends in .toml.
        force : bool
            Whether to write over a file that is there.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FileExistsError
            The file is there, and `force` was not given.
        """
        file = Path(file)
        if file.suffix.lower() != ".toml":
            raise ValueError(f"{file}: a scenario file ends in .toml; save it as {file.with_suffix('.toml')}")
        write_whole(file, file_text(self.with_edges_beside(file, force)).encode(), force=force)
        return file

    def with_edges_beside(self, file: Path, force: bool = False) -> Tables:
        """The tables as a scenario file says them, whose file of contacts, if there is one, is copied beside it."""
        edges = self.edges_file
        if edges is None:
            return self.tables
        beside = file.parent / edges.name
        if not (beside.exists() and beside.samefile(edges)):
            write_whole(beside, edges, force=force)
        return self.tables.model_copy(update={"talk": self.talk.model_copy(update={"edges": edges.name})})

    def __repr__(self) -> str:
        return page.as_text(self.name, self.tables, self.changes)

    def _repr_html_(self) -> str:
        return page.as_html(self.name, self.tables, self.changes)


def _without_minus_zero(value: Any) -> Any:
    """The same plain data with 0.0 for -0.0, which equals it and is not written."""
    if isinstance(value, dict):
        return {key: _without_minus_zero(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_minus_zero(inner) for inner in value]
    return value + 0.0 if isinstance(value, float) else value
