"""A scenario in, a run out: the months of one market and the tables that say what happened."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sized
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from sim import __version__, saved, tables
from sim.alternatives import fresh, outruled, overridden, policy_name, swapped
from sim.defection import Defection, defection
from sim.diary import Diary, followed
from sim.given import whole as whole
from sim.ledger import LedgerError
from sim.market import MODEL_VERSION, Market
from sim.repeating import repeated
from sim.saved_runs import opened
from sim.scenario import Scenario, page
from sim.snapshots import advance
from sim.user_errors import UserError

if TYPE_CHECKING:
    import os

    from sim.lives_told import Lives

Progress = Callable[[int, int], None]
Watch = Callable[[Market, str], None]


class Run:
    """The months of one market, as tables.

    The tables are made from the market when they are first asked for, and then kept.

    Parameters
    ----------
    market : Market
        With its months done.
    policies : mapping, optional
        The policies that were given instead of the scenario's, by firm, as they were given.
    stopped : str
        Why it ended before its last month; "" if it did not.

    Attributes
    ----------
    market : Market
        customers, firms, ledger and network as they are at the end.
    stopped : str
        Why it ended before its last month; "" if it did not.
    """

    def __init__(
        self, market: Market, *, policies: Mapping[str, Any] | None = None, stopped: str = ""
    ) -> None:
        self.market = market
        self.given = dict(policies or {})
        self.stopped = stopped
        self._again: dict[int, Run] = {}
        self._diaries: list[Diary] = []

    # ------------------------------------------------ what it is

    @property
    def scenario(self) -> Scenario:
        """The scenario, with its changes."""
        return self.market.scenario

    @property
    def seed(self) -> int:
        """The number that all its luck comes from."""
        return self.market.seed

    @property
    def months_done(self) -> int:
        """How many months it lasted."""
        return self.market.month

    @property
    def closed(self) -> Market:
        """The market at the end of its last whole month: a run that was stopped may leave one half done."""
        return self.again().market if self.is_half_done else self.market

    @property
    def is_half_done(self) -> bool:
        """Whether it was stopped in the middle of a month."""
        return self.market.draws.month == self.market.month and bool(self.stopped)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all columns and ledgers at the end, as hex: equal hashes mean equal worlds, to the bit."""
        return self.market.state_hash

    @cached_property
    def policies(self) -> dict[str, str]:
        """What decides for each firm, in a word: a policy's name, or the name of its class."""
        return {firm.name: policy_name(firm.policy) for firm in self.market.firms}

    @cached_property
    def title(self) -> str:
        """The scenario's title, and what was changed in it."""
        changed = [page.changed(self.scenario.changes)] if self.scenario.changes else []
        changed += [f"{firm}: {self.policies[firm]}" for firm in self.given]
        changed += [f"{name} swapped" for name in swapped(self.market)]
        return self.scenario.title + (f" ({'; '.join(changed)})" if changed else "")

    @cached_property
    def about(self) -> dict[str, Any]:
        """What every table carries in its `attrs`."""
        about = {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "seed": self.seed,
            "version": __version__,
            "model_version": MODEL_VERSION,
            "changes": dict(self.scenario.changes),
            "months": self.months_done,
            "title": self.title,
            "focus": self.scenario.focus,
            "currency": self.scenario.market.currency,
        }
        return about | ({"stopped": self.stopped} if self.stopped else {})

    # ------------------------------------------------ tables

    def _with_about(self, table: pd.DataFrame) -> pd.DataFrame:
        cast(Any, table).attrs = dict(self.about)
        return table

    @cached_property
    def firms(self) -> pd.DataFrame:
        """A row a firm, the focus first: where it stands at the end.

        `customers`; `share` of all who have a supplier; `annual_retention`; `monthly_churn`, mean of the last
        12 months; `acquisition_cost` a customer won and `retention_cost` a customer-year kept, with
        `cost_ratio`, over the last 12 months; `revenue` and `profit`, sums of the last 12 months;
        `customer_equity`.
        """
        return self._with_about(tables.firms_table(self.market))

    @cached_property
    def months(self) -> pd.DataFrame:
        """A row a month (from 1) and firm, a column a metric (`sim.explain` tells what each is)."""
        return self._with_about(tables.months_table(self.market))

    @cached_property
    def customers(self) -> pd.DataFrame:
        """A row a customer: traits and state at the end, in words and money."""
        return self._with_about(tables.customers_table(self.market))

    @cached_property
    def departures(self) -> pd.DataFrame:
        """A row a departure: month, customer, generation, firm, to, reason, reported, tenure.

        `reason` is the true one, `reported` what the firm's exit survey was told; `to` is missing where nobody
        followed, `reported` where nobody asked.
        """
        table = self._with_about(tables.departures_table(self.market))
        table.attrs["firms"] = list(self.firms.index)  # also those whom nobody left
        return table

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """A row a month and firm, a column an activity in money (costs above 0), and `profit`."""
        return self._with_about(tables.ledger_table(self.market))

    @cached_property
    def rules(self) -> pd.DataFrame:
        """A row a decision rule: firm, rule, if, then, fired, note; `carried_out` counts, of the customer-months
        that it fired for, those in which it reached the customer and no later rule decided all of it again."""
        return self._with_about(tables.rules_table(self.market))

    @cached_property
    def table(self) -> pd.DataFrame:
        """All metrics, tidy: scenario, policy, seed, month, firm, metric, value."""
        return self._with_about(tables.long_table(self.market, self.months, self.policies))

    # ------------------------------------------------ lives

    def follow(self, customers: Any, progress: Progress | None = None) -> Lives:
        """What some customers went through: what they bought, read, suffered, heard, told, and why they left.

        It needs no foresight: a life that was not recorded is got by repeating the run with the diary on.

        Parameters
        ----------
        customers : int or list of int
            Their numbers, 0 to N - 1; at most 1,000 of them.
        progress : callable, optional
            Called each month of the repetition with months done and months in all.

        Returns
        -------
        Lives
            Shows itself as sentences; `table` has a row an event, `states` a row a customer and month.

        Raises
        ------
        ValueError
            A customer that there is not: the message has the range.
        UserError
            The run cannot be repeated to the bit: a function or policy of yours remembers, or draws luck of its own.

        Examples
        --------
        >>> import sim
        >>> one = sim.run("two_cafes", months=12)
        >>> lives = one.follow(42)
        >>> sorted(lives.table["customer"].unique().tolist())
        [42]
        >>> left = lives.table.query("event == 'left'")
        """
        ids = followed(customers, len(self.market.customers))
        wanted = set(ids.tolist())
        for diary in [*self.market.diaries, *self._diaries]:
            if diary.first == 0 and wanted <= set(diary.ids.tolist()):
                lives = diary.lives.of(ids.tolist())
                return lives.with_about(self.about)
        self._diaries = [repeated(self.closed, self.like(), ids, progress)]
        return self.follow(customers)

    def defection(self, firm: str | None = None, *, asked: float = 1.0) -> Defection:
        """Why a firm's customers left: the true reasons, what an exit survey would say, and what knowing is worth.

        Parameters
        ----------
        firm : str, optional
            The scenario's focus unless given.
        asked : float
            Share of leavers whom the survey would ask, 0 to 1. Nobody needs to have been asked in the run: what leavers
            would answer is fixed, and changes nothing.

        Returns
        -------
        Defection
            Shows itself; `reasons` has a row a reason, `confusion` a row a true reason and a column a reported one.

        Raises
        ------
        ValueError
            An unknown firm, or a share that is none.

        Source: reasons and survey: ours.

        Examples
        --------
        >>> import sim
        >>> why = sim.run("two_cafes", months=24).defection("Express")
        >>> int(why.reasons["true"].sum()) == why.leavers == int(why.confusion.to_numpy().sum())
        True
        """
        return defection(self.market, firm or self.scenario.focus, asked=asked, about=self.about)

    # ------------------------------------------------ showing and keeping

    def plot(self, kind: str = "months", ax: Any = None) -> Any:
        """Draw it.

        Parameters
        ----------
        kind : str
            `months`, firm by firm; why they left: `departures`, and `flows` to which firm; money: `costs` of winning and
            keeping, `spending`, what becomes of the revenue, `equity` with its drivers (takes some seconds); value:
            `value` by tenths of the customers, `whale_curve`, `lorenz`; staying: `survival` by firm, `cohorts` by year;
            maps of the firm's customers: `rfm`, `loyalty` by profit; `permission`, the funnel; `word_of_mouth`.
        ax : Axes, optional
            Where to draw; a new figure unless given. For `months` as many Axes as it has panels.

        Returns
        -------
        Axes, or an array of Axes.
        """
        from sim.show import plots

        return plots.of_run(self, kind, ax)

    def like(self, seed: int | None = None) -> Market:
        """A market like this run's before its first month, with its own seed or another."""
        mine = self.market
        return Market(
            self.scenario, months=mine.months, seed=self.seed if seed is None else seed,
            policies=fresh(self.given), swap=mine.swaps.functions, threads=mine.threads,
        )  # fmt: skip

    def again(
        self, months: int | None = None, watch: Watch | None = None, progress: Progress | None = None
    ) -> Run:
        """The same run once more, to the same bit: for what was not written down the first time.

        Parameters
        ----------
        months : int, optional
            How many of its months, 0 to `months_done`; all unless given.
        watch : callable, optional
            Called with the market and the name of a stage when the stage is done, and with `"start"` before the first;
            where there are mechanisms, also with `"after"` and the name when their steps after the stage are done.
        progress : callable, optional
            Called each month with months done and months in all.

        Returns
        -------
        Run
            Without `watch` it is kept, and given again when asked for again.

        Raises
        ------
        ValueError
            More months than the run has.
        UserError
            It does not repeat: a policy or a function of yours draws luck of its own, or remembers the last run.

        Examples
        --------
        >>> import sim
        >>> one = sim.run("two_cafes", months=6)
        >>> moods = []
        >>> again = one.again(watch=lambda market, stage: stage == "relate" and moods.append((market.customers.mood < 0).sum()))
        >>> again.hash == one.hash, len(moods)
        (True, 6)
        """
        whole("months", months, 0)
        count = self.months_done if months is None else months
        if count > self.months_done:
            raise ValueError(f"months: the run has {self.months_done} (got {count})")
        if watch is None and count in self._again:
            return self._again[count]
        mine, market = self.market, self.like()
        acts = [watch] if watch is not None else []
        for act in acts:
            act(market, "start")
        while market.month < count:
            advance(market, 1, acts)
            if (market.ledger.months[-1] != mine.ledger.months[market.month - 1]).any():
                raise UserError(
                    f"the run does not repeat: its books of month {market.month} differ; a policy or a function of "
                    "yours draws luck of its own (take market.draws), or remembers an earlier run"
                )
            if progress:
                progress(market.month, count)
        done = Run(market, policies=self.given)
        if watch is None:
            self._again[count] = done
        return done

    def save(
        self, folder: str | os.PathLike[str], force: bool = False, progress: Progress | None = None
    ) -> Path:
        """Write it to a folder: the scenario with all changes, what is needed to repeat it, and its tables.

        Parameters
        ----------
        folder : str or path
            Must not be there, unless `force`.
        force : bool
            Whether to write over a saved run; a folder with anything else in it is never touched.
        progress : callable, optional
            Called with the rows of tables written and their number.

        Returns
        -------
        Path
            The folder. `sim.run(folder)` repeats the run to the bit; `sim.load(folder)` and its scenario.toml are the
            scenario with the run's changes, policies and months, all but the seed.

        Raises
        ------
        FileExistsError
            The folder is there.

        Warns
        -----
        UserWarning
            A function or a policy of yours cannot be written to a file; everything else is.
        """
        return saved.save_run(self, folder, force=force, progress=progress)

    def report(
        self,
        file: str | os.PathLike[str],
        *,
        seeds: int = 1,
        futures: int = 0,
        with_ids: bool = False,
        force: bool = False,
        progress: Progress | None = None,
    ) -> Path:
        """Write a report of it: one page that needs nothing else, and can be printed.

        Parameters
        ----------
        file : str or path
            A name that ends in .html; or a folder, which gets the page (index.html), the tables (tables.xlsx) and
            the pictures (PNG and SVG).
        seeds : int
            Of how many worlds, its own and others that differ in luck alone, the answer's intervals are taken; one
            world has none.
        futures : int
            Of the true lifetime value, 2 or more, each ten years long; 0 leaves it out.
        with_ids : bool
            Whether customers may be named by their ids; else no id is in it.
        force : bool
            Whether to write over a report that is there.
        progress : callable, optional
            Called with months done and months in all, where there are futures or several seeds.

        Returns
        -------
        Path
            The page.

        Raises
        ------
        FileExistsError
            The file or folder is there.
        """
        from sim.show.report import run_report

        written = run_report(self, file, seeds=seeds, futures=futures, with_ids=with_ids, force=force,
                             progress=progress)  # fmt: skip
        return written.page

    def __repr__(self) -> str:
        return f"{self._line()}\n{tables.in_short(self.firms).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._line())}</p>{tables.in_short(self.firms).to_html(border=0)}"

    def _line(self) -> str:
        market = self.scenario.market
        stopped = f"; stopped: {self.stopped}" if self.stopped else ""
        return (
            f"{self.title}: {market.customers:,} customers, {self.months_done} months, seed {self.seed}, "
            f"Tenfold {__version__}{stopped}"
        )


def run(
    scenario: Any,
    *,
    months: int | None = None,
    seed: int | None = None,
    change: Mapping[str, Any] | None = None,
    policies: Mapping[str, Any] | None = None,
    swap: Mapping[str, Callable[..., Any]] | None = None,
    follow: Any = (),
    progress: Progress | None = None,
) -> Run:
    """Let the months of a scenario pass.

    Parameters
    ----------
    scenario : str, path or Scenario
        A shipped name, a .toml file, or the folder of a saved run, which is then repeated.
    months : int, optional
        1 or more; the scenario's unless given.
    seed : int, optional
        0 to 2**64 - 1; 1 unless given (a saved run's own). One seed, one world.
    change : mapping, optional
        Address -> value: `{"talk.unhappy_tells": 0}`.
    policies : mapping, optional
        Firm -> a policy's name, a table with its name and parameters, or a `Policy`.
    swap : mapping, optional
        Stage or equation -> your function: `{"talk": friends_only}`.
    follow : int or list of int, optional
        Customers whose lives are recorded as the months pass; `Run.follow` tells them.
    progress : callable, optional
        Called each month with months done and months in all.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        A scenario, an address, a value or a name that is not right; all faults at once.
    TypeError
        What is no dict of changes, policies or functions.
    UserError
        A function or policy of yours failed: the message says where, `error.run` has the months done.

    Warns
    -----
    UserWarning
        A changed decision of a firm that its policy or its rules decide otherwise, so that the change does not hold; a
        policy, given or changed, whose decisions rules took for everybody; a policy that does not return what
        `Plan.where` gave; a saved run that should be repeated to the bit, and is not.

    Examples
    --------
    >>> import sim
    >>> ten = sim.run("plain", months=2, change={"market.customers": 200})
    >>> list(ten.firms.index)
    ['North', 'East', 'South', 'West']
    """
    scenario, months, seed, given, change, told = opened(scenario, months, seed, policies, change, swap)
    market = Market(scenario, months=months, seed=seed, change=change, policies=fresh(given), swap=swap)
    if not isinstance(follow, Sized) or len(follow):
        market.follow(follow)
    done = let_pass(market, given, progress)
    for said in (*overridden(done, change or {}), *outruled(done, change or {})):
        warnings.warn(said, stacklevel=2)
    if told is not None:
        told.compare(done, saved.given_to(done), change)
    return done


def let_pass(market: Market, given: Mapping[str, Any], progress: Progress | None = None) -> Run:
    """The months of a market that is ready, as a run; what stops them carries the run of the months done."""
    try:
        market.run_model(progress)
    except UserError as error:
        error.run = Run(market, policies=given, stopped=str(error))
        raise
    except LedgerError as error:
        if not swapped(market):
            raise
        raise _own_fault(market, error, given) from error
    except KeyboardInterrupt as stop:
        stop.run = Run(market, policies=given, stopped="Ctrl-C")  # type: ignore[attr-defined]
        raise
    return Run(market, policies=given)


def _own_fault(market: Market, error: LedgerError, given: Mapping[str, Any]) -> UserError:
    """Books that do not add up are the fault of what was swapped."""
    names = swapped(market)
    fault = UserError(
        f"the books of month {market.month + 1} do not add up after {', '.join(names)}: {error}; suppliers and "
        "accounts (columns in cents) are for the shipped stages to change"
    )
    fault.run = Run(market, policies=given, stopped=str(fault))
    return fault
