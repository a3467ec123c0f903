"""Many runs over what is varied, as one table."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from sim import __version__
from sim.experiments.design import Plan, label, plan_of
from sim.experiments.forecast import Forecast, ask_once, yes
from sim.experiments.pool import Cluster, cores
from sim.experiments.running import Outcome, run_all
from sim.experiments.store import Store
from sim.intervals import interval
from sim.margin import named
from sim.market import MODEL_VERSION
from sim.saved import world_of
from sim.terminal import Terminal

if TYPE_CHECKING:
    from sim.runs import Progress


class Sweep:
    """Many runs over what was varied.

    Attributes
    ----------
    scenario : Scenario
        Before any change. plan : Plan, the points, the seeds, the runs.
    set_aside : DataFrame
        Runs that could not be done: a column an address, `seed`, `why`.
    """

    def __init__(self, plan: Plan, outcomes: Mapping[str, Outcome]) -> None:
        self.plan, self.scenario = plan, plan.scenario
        self._outcomes = outcomes

    @property
    def seeds(self) -> list[int]:
        """The seeds, each run at every point."""
        return self.plan.seeds

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a run and firm, the focus first, point by point.

        A column an address that was varied (a policy by its name), `seed`, `firm`, every metric as it is at the end of the run
        (money in the scenario's currency, shares 0 to 1; `profit` and `revenue` of the last 12 months), and `run`, the hash that
        names the run in a store. Runs that are not done, or were set aside, are missing.
        """
        data: dict[str, list[Any]] = {}
        for k, seed, one in self.plan.rows():
            outcome = self._outcomes.get(one.hash)
            if outcome is None or outcome.columns is None:
                continue
            count = len(outcome.columns["firm"][1])
            for address, value in self.plan.points[k].items():
                data.setdefault(address, []).extend([_cell(value)] * count)
            data.setdefault("seed", []).extend([seed] * count)
            for name, (_, values) in outcome.columns.items():
                data.setdefault(name, []).extend(values)
            data.setdefault("run", []).extend([one.hash] * count)
        table = pd.DataFrame(data or {name: [] for name in (*self.plan.addresses, "seed", "firm", "run")})
        metrics = [c for c in table.columns if c not in (*self.plan.addresses, "seed", "firm", "run")]
        return self._with_about(table.astype(dict.fromkeys(metrics, "float64")))

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """A row a run that could not be done: what was varied, `seed`, `why`."""
        rows = [
            {
                **{address: _cell(value) for address, value in self.plan.points[k].items()},
                "seed": seed,
                "why": o.fault,
            }
            for k, seed, one in self.plan.rows()
            if (o := self._outcomes.get(one.hash)) is not None and o.fault
        ]
        return pd.DataFrame(rows, columns=[*self.plan.addresses, "seed", "why"])

    @property
    def about(self) -> dict[str, Any]:
        """What the table carries in its `attrs`."""
        return {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "seeds": list(self.seeds),
            "version": __version__,
            "model_version": MODEL_VERSION,
            "changes": dict(self.scenario.changes),
            "months": self.scenario.market.months,
            "title": self.scenario.title,
            "focus": self.scenario.focus,
            "currency": self.scenario.market.currency,
            "addresses": self.plan.addresses,
            "design": self.plan.design,
        }

    def _with_about(self, table: pd.DataFrame) -> pd.DataFrame:
        cast(Any, table).attrs = self.about
        return table

    # ------------------------------------------------ what it shows

    def effect(
        self, of: str | None = None, metric: str | None = None, firm: str | None = None
    ) -> pd.DataFrame:
        """What a parameter does to a measure.

        Parameters
        ----------
        of : str, optional
            An address that was varied; the first unless given. Over the others the mean is taken.
        metric : str, optional
            A metric; customer equity unless given, or the first that has a value.
        firm : str, optional
            The focus unless given.

        Returns
        -------
        DataFrame
            A row a value: `value`, `mean`, `low` and `high` (95 %, Student's t, over the seeds; missing with one); `difference`
            from the first value, seed by seed, `from` and `to`, its interval, much narrower for the same luck; `runs`;
            `over`, what the interval is over. Where the values do not share the points of what else was varied (points
            that are spread, or a list) it is "points" instead of "seeds": what else was varied is in the interval, and the
            difference is missing. More than 12 different numbers are gathered in groups, over the points in each.
        """
        from sim.show.sweeps import effect, rows_of

        rows, metric, firm = rows_of(self.table, metric, firm)
        return self._with_about(effect(rows, of or self.plan.addresses[0], metric))

    @cached_property
    def headline(self) -> str:
        """Where the firm does best and worst, whether luck hides the difference, and what profit is there if it surely goes the other way.

        The interval of the difference, seed by seed, holds for all pairs of points together (Bonferroni's inequality): the
        highest and the lowest are picked by the seeds that measure them.
        """
        from sim.show import style
        from sim.show.sweeps import panel_for, rows_of, shown

        if not len(self.table):
            return "No run is done yet."
        rows, metric, firm = rows_of(self.table, None, None)
        points: Any = rows.groupby(self.plan.addresses, sort=False)[metric]
        groups, counts = points.mean().dropna(), points.count()
        if groups.empty:
            return f"{firm}: no run has a value of {metric}."
        panel, said = panel_for(metric), []
        title = named(panel.title, self.scenario)
        unit = panel.unit.format(currency=self.scenario.market.currency).split(",")[0]
        ends = (groups.idxmax(), groups.idxmin())
        for at in ends:
            where = ", ".join(
                f"{a} = {shown(v, rows[a])}" for a, v in zip(self.plan.addresses, _values(at), strict=True)
            )
            said.append(f"{style.nice(groups[at])} {unit} at {where}")
        if len(groups) == 1 or groups.max() == groups.min():
            return f"{title} of {firm} is {said[0]}{' and everywhere else' if len(groups) > 1 else ''}."
        return f"{title} of {firm} is highest, {said[0]}, and lowest, {said[1]} ({self._seeds([counts[at] for at in ends])}){self._apart(rows, metric, ends, len(groups), unit)}{self._but(rows, metric, ends, len(groups))}."

    def _gap(self, rows: pd.DataFrame, metric: str, ends: tuple[Any, Any]) -> tuple[pd.Series, pd.Series]:
        """A measure at two points, one a seed that has both."""
        high, low = (
            rows[(rows[self.plan.addresses] == list(_values(at))).all(axis=1)]
            .groupby("seed")[metric]
            .mean()
            .dropna()
            for at in ends
        )
        both = high.index.intersection(low.index)
        return high[both], low[both]

    def _but(self, rows: pd.DataFrame, metric: str, ends: tuple[Any, Any], points: int) -> str:
        """Profit at both ends of customer equity, which leaves out what winning customers costs, where it surely goes the other way."""
        from sim.show import style

        if metric != "customer_equity" or "profit" not in rows:
            return ""
        high, low = self._gap(rows, "profit", ends)
        mean, _, most = interval((high - low).to_numpy(dtype=float), 1.0 - 0.05 / math.comb(points, 2))
        if not mean < 0.0 or not (most < 0.0 or len(self.seeds) == 1):  # one seed alone has no interval
            return ""
        currency = self.scenario.market.currency
        said = (
            f"; but profit, in the last 12 months, is {style.nice(high.mean())} {currency} where customer equity is highest, and "
            f"{style.nice(low.mean())} {currency} where it is lowest"
        )
        return named(said, self.scenario)

    def _apart(self, rows: pd.DataFrame, metric: str, ends: tuple[Any, Any], points: int, unit: str) -> str:
        """The highest less the lowest, with the interval that holds for all pairs of points; nothing of one seed."""
        from sim.show import style

        high, low = self._gap(rows, metric, ends)
        found = interval((high - low).to_numpy(dtype=float), 1.0 - 0.05 / math.comb(points, 2))
        mean, least, most = map(style.nice, found)
        if not math.isfinite(found[1]):
            return ""
        of = f" for any two of {points:,} points" if points > 2 else ""
        luck = "" if found[1] > 0.0 else ", not told from luck"
        return f"; the difference is {mean} {unit}, 95 %{of}: {least} to {most}{luck}"

    def _seeds(self, counts: Sequence[int]) -> str:
        """Over how many seeds the means of two points are, where so many runs of each have a value."""
        planned = len(self.seeds)
        if planned == 1:
            return f"seed {self.seeds[0]} alone: luck is in it"
        if min(counts) >= planned:
            return f"means over {planned} seeds"
        return f"means over {' and '.join(map(str, dict.fromkeys(counts)))} of {planned} seeds"

    def plot(self, of: Any = None, metric: str | None = None, firm: str | None = None, ax: Any = None) -> Any:
        """Draw what a parameter does, with its interval; or two, as a map.

        Parameters
        ----------
        of : str or two of them, optional
            Addresses that were varied; the only ones unless given, or the first.
        metric, firm
            As in `effect`.
        ax : Axes, optional
            Where to draw; a new figure unless given.
        """
        from sim.show import sweeps

        return sweeps.sweep(self.table, ax, of, metric, firm)

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> Path:
        """Write it to a folder: the scenario, sweep.json (what was varied, what was set aside), and the table as CSV.

        Raises
        ------
        FileExistsError
            The folder is there and `force` was not given, or it holds something else than a sweep.
        """
        from sim.experiments.saving import save_sweep

        return save_sweep(self, folder, force=force)

    def report(self, file: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Write a report of it: to a name that ends in .html one page, else a folder with page, tables and pictures."""
        from sim.show.report import may_write, of_sweep, write

        may_write(file, force)
        return write(of_sweep.report(self), file, force=force).page

    def __repr__(self) -> str:
        return f"{self._line()}\n{self.headline}\n{self._in_short().to_string(index=False)}{self._rest()}"

    def _repr_html_(self) -> str:
        short = self._in_short().to_html(border=0, index=False)
        return (
            f"<p>{escape(self._line())}</p><p>{escape(self.headline)}</p>{short}<p>{escape(self._rest())}</p>"
        )

    def _line(self) -> str:
        return f"{self.scenario.title}: {self.plan.sentence}, {self.scenario.market.months} months, Tenfold {__version__}"

    def _in_short(self) -> pd.DataFrame:
        """The effect of each address on the first measure, rounded for a reader."""
        from sim.show import style
        from sim.show.sweeps import labels

        parts = []
        for address in self.plan.addresses if len(self.table) else []:
            found = self.effect(address)
            spread = found["over"] == "points"
            found["from"], found["to"] = (
                found[pair].where(~spread, found[alone]) for pair, alone in (("from", "low"), ("to", "high"))
            )
            cells = {
                name: found[name].map(lambda value: "–" if value != value else style.nice(value))
                for name in ("mean", "difference", "from", "to")
            }
            of = spread.map({True: "mean", False: "difference"})
            parts.append(
                pd.DataFrame(
                    {
                        "varied": address,
                        "value": labels(found["value"]),
                        **cells,
                        "of the": of,
                    }
                )
            )
        short = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        return short.rename(columns={"from": "95 % from"})

    def _rest(self) -> str:
        aside = len(self.set_aside)
        missing = len(self.plan.specifications) - len(self._outcomes)
        said = [f"{aside} run{'s were' if aside > 1 else ' was'} set aside: see set_aside"] if aside else []
        said += [f"{missing} not done yet"] if missing else []
        return "\n" + "; ".join(said) if said else ""


def _values(point: Any) -> tuple[Any, ...]:
    """The values of a point, one an address; pandas has that of a single address alone."""
    return point if isinstance(point, tuple) else (point,)


def _cell(value: Any) -> Any:
    """A value in a table: numbers as they are, a policy by its name."""
    return value if isinstance(value, (bool, int, float)) else label(value)


def sweep(
    scenario: Any,
    over: Any = None,
    *,
    design: str | None = None,
    runs: int | None = None,
    months: int | None = None,
    seeds: int | Iterable[int] | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    ask: bool = True,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Run a scenario many times over what is varied, each time with several seeds.

    It says first how many runs there are and about how long they take. It needs no `if __name__ == "__main__":`.

    Parameters
    ----------
    scenario : str, path or Scenario
        A shipped name, a .toml file, or the folder of a saved run.
    over : optional
        What is varied: address -> values, such as `{"talk.unhappy_tells": [0, 1, 3, 10, 20]}`; with the designs over ranges two
        numbers are a range (both ends included), anything else are choices, and a list of addresses means their whole ranges.
        A list of policies (names, or tables with a name) is for the focus firm. A list of dicts are the points themselves.
        The file's own table `[sweep]` unless given.
    design : str, optional
        `grid`, every combination; `latin`, a Latin hypercube; `sobol`, a Sobol sequence. `grid` unless given.
    runs : int, optional
        How many points, for `latin` and `sobol` (there a power of two).
    months : int, optional
        The scenario's unless given.
    seeds : int or list of int, optional
        How many, from 1 on; or which. 10 unless given.
    store : str or path, optional
        A folder for finished runs: what is there is not done again, so that stopped work goes on. Needs the extra `sweep`.
    executor : optional
        Anything with `submit`, such as an executor of `concurrent.futures`; or the address of a Dask scheduler, `tcp://…`.
        As many processes as there are cores unless given.
    ask : bool
        Whether to ask before more than 10,000 runs, or more than an hour; once for a store.
    quiet : bool
        No line and no bar.
    progress : callable, optional
        Called with runs done and runs in all, instead of a bar.

    Returns
    -------
    Sweep

    Raises
    ------
    ValueError
        An unknown address, a value that breaks its law, all at once; or nobody is there to be asked.
    OSError
        The disk is full: what was done is kept.

    Source: designs: SciPy's; Latin hypercube: McKay, Beckman & Conover 1979; Sobol sequence: Sobol 1967.

    Examples
    --------
    >>> import sim
    >>> small = {"market.customers": 200}
    >>> done = sim.sweep(sim.load("plain").with_changes(small), {"talk.unhappy_tells": [0, 10]}, months=2, seeds=2, quiet=True)
    >>> len(done.table)
    16
    """
    plan = plan_of(world_of(scenario), over, design=design, runs=runs, months=months, seeds=seeds)
    kept = None if store is None else Store(store)
    pool = Cluster(executor) if isinstance(executor, str) else executor
    try:
        terminal = Terminal(quiet)
        forecast = Forecast(plan, kept, int(getattr(pool, "workers", 0) or cores()))
        terminal.note(f"{forecast}.")
        if ask:
            ask_once(forecast, kept, yes)
        outcomes = {}
        with terminal.progress("The runs pass", "run") as bar:
            for outcome in run_all(plan.specifications, store=kept, executor=pool, progress=progress or bar):
                outcomes[outcome.specification.hash] = outcome
    finally:
        if pool is not executor:
            pool.close()
    return Sweep(plan, outcomes)
