"""What is run in each world of a comparison, and how: the same customers, the same luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.alternatives import Alternative, fresh
from sim.lives import World, lives_of, measures
from sim.market import Market
from sim.runs import Progress, Run, let_pass
from sim.saved import said_now
from sim.scenario import Scenario
from sim.tallies import Tally
from sim.user_errors import UserError


class Twins(NamedTuple):
    """Worlds that can be run with any seed.

    Attributes
    ----------
    scenario : the base's. firm : who is spoken of. months : that pass.
    worlds : by name, the base first. kept : policies of a saved run, which hold in all worlds that say nothing else.
    """

    scenario: Scenario
    firm: str
    months: int
    worlds: Mapping[str, Alternative]
    kept: Mapping[str, Any]

    @property
    def base(self) -> str:
        """The name of the unchanged world."""
        return next(iter(self.worlds))

    def market(
        self, name: str, seed: int, change: Mapping[str, Any] | None = None
    ) -> tuple[Market, dict[str, Any]]:
        """A world before its first month, and the policies that it was given; `change` holds in all worlds."""
        own = self.worlds[name]
        kept, said = said_now(self.kept, own.change)
        given = {**kept, **own.policies}
        scenario = self.scenario.with_changes(dict(change or {}))
        world = Market(
            scenario, months=self.months, seed=seed, change=said, policies=fresh(given), swap=own.swap
        )
        return world, given

    def run(
        self, name: str, seed: int, progress: Progress | None = None, change: Mapping[str, Any] | None = None
    ) -> Run:
        """One world with one seed; a fault of a user's function says in which world."""
        try:
            market, given = self.market(name, seed, change)
            return let_pass(market, given, progress)
        except UserError as error:
            error.args = (f'in "{name}": {error}',)
            raise

    def seed(self, seed: int, progress: Progress | None = None) -> tuple[dict[str, World], dict[str, Run]]:
        """All worlds with one seed: what is kept of them, and the runs.

        Parameters
        ----------
        progress : called each month with months done and months in all, over all worlds of the seed.
        """
        kept: dict[str, World] = {}
        runs: dict[str, Run] = {}
        total, worths = self.months * len(self.worlds), {}
        for k, name in enumerate(self.worlds):
            try:
                market, given = self.market(name, seed)
                tally = Tally(market, self.firm)
                one = let_pass(market, given, _counting(tally, progress, k * self.months, total))
            except UserError as error:
                error.args = (f'in "{name}": {error}',)
                raise
            runs[name], worths[name] = one, tally.worth()
            lives = lives_of(one, runs[self.base], name, self.firm, worths[name], worths[self.base])
            kept[name] = World(measures(one, tally), lives, one.hash)
        return kept, runs


def _counting(tally: Tally, progress: Progress | None, done: int, total: int) -> Progress:
    """Count each month, and report it as a part of all."""

    def each(month: int, _months: int) -> None:
        tally.month()
        if progress:
            progress(done + month, total)

    return each


def later(progress: Progress | None, done: int, total: int) -> Progress | None:
    """The report of one part as a part of all."""
    return None if progress is None else lambda month, _months: progress(done + month, total)
