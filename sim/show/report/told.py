"""What a report tells of: a run or a comparison, from Python or from the folder where it was saved."""

from __future__ import annotations

import dataclasses
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from sim import saved
from sim.given import whole
from sim.market import MODEL_VERSION
from sim.metrics import measure
from sim.runs import run as run_again
from sim.scenario import Scenario, load
from sim.scenario.remarks import all_rivals, sources

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.defection import Defection
    from sim.runs import Progress, Run

TEXTS = ("firm", "to", "reason", "reported", "if", "then", "note", "metric", "alternative", "segment", "supplier",
         "mood_firm", "left_from", "left_for", "left_because", "teller_firm", "level", "pending_by", "won_by",
         "assumption", "unit", "mark", "range", "verdict", "turns")  # fmt: skip
"""Columns of words: a firm may be called 007, or NA."""

MEASURED = ("accounts", "whale_curve", "whale_peak", "top_20_share", "loyalty_quadrants", "cohorts", "cohort_survival",
            "cohort_retention")  # fmt: skip
"""Measures of a whole run that are told too, where the run is at hand or can be repeated."""

EXACT: dict[str, Any] = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
"""What makes pandas read each number as it was written, where it does not by itself."""

TABLES = tuple(name for name in saved.TABLES if name != "customers")
"""Tables of a run that a report needs; a row a customer is not among them."""

WHOLE = {"left_month", "teller"}


@dataclass
class Told:
    """What every report knows.

    Attributes
    ----------
    scenario : with its changes. title : with what was changed.
    months : that passed. seeds : one for a run.
    version, model_version : of the program that made it.
    state_hash : over the world at its end; "" for a comparison.
    policies : what decides for each firm, in a word. lost : what no file holds, such as a policy of one's own.
    tables : as `Run` or `Comparison` has them, and measures by their names. without : why measures are missing, if so.
    luck : a row a seed and firm, as `Run.firms`, where more seeds were asked for.
    defection : why the focus's customers left. futures : of the true lifetime value; 0 if it is not told.
    sources : what the scenario's file says beside its values, by address.
    firm : who is spoken of, where that is not the scenario's focus.
    headline, base, worlds, notes : of a comparison: its sentence, its unchanged world, what each world is in words,
        and what rules did.
    about_luck, stress : of a comparison: how sure it is, in sentences; what was found when assumptions were moved (its
        table is among the tables), empty if they were not.
    """

    scenario: Scenario
    title: str
    months: int
    seeds: list[int]
    version: str
    model_version: str
    state_hash: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    without: str = ""
    luck: pd.DataFrame | None = None
    defection: Defection | None = None
    futures: int = 0
    sources: dict[str, str] = field(default_factory=dict)
    firm: str = ""
    headline: str = ""
    base: str = ""
    worlds: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    about_luck: list[str] = field(default_factory=list)
    stress: dict[str, Any] = field(default_factory=dict)

    @property
    def focus(self) -> str:
        """The firm that is spoken of."""
        return self.firm or self.scenario.focus

    @property
    def all_rivals(self) -> str:
        """The firm that stands for all rivals added up; "" where each firm is one."""
        name = all_rivals(self.sources)
        return "" if name == self.focus else name

    @property
    def rivals(self) -> list[str]:
        """The firms beside the focus that are one firm each."""
        firms = map(str, self.tables["firms"].index)
        return [firm for firm in firms if firm not in (self.focus, self.all_rivals)]

    @property
    def rows(self) -> str:
        """What the rows of tables are: firms, or the worlds of a comparison in their place."""
        return "world" if self.worlds else "firm"

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.scenario.market.currency

    def add_luck(self, firms: pd.DataFrame) -> None:
        """Tell too of worlds that differ in luck alone, as `luck` gives them."""
        self.luck, self.seeds = firms, [int(seed) for seed in dict.fromkeys(firms["seed"])]

    def with_attrs(self) -> None:
        """Let every table know what pictures ask for."""
        about: dict[str, Any] = {
            "focus": self.focus,
            "currency": self.currency,
            "title": self.title,
            "months": self.months,
            "base": self.base or None,
            **self.stress,
        }
        if "firms" in self.tables and self.tables["firms"].index.name == "firm":
            about["firms"] = [str(name) for name in self.tables["firms"].index]
        for table in self.tables.values():
            cast(Any, table).attrs = dict(about)


def of_run(run: Run) -> Told:
    """What a run tells; it must have lasted a month."""
    if not run.months_done:
        raise ValueError("report: no month of this run has passed, so there is nothing to tell")
    _plain, lost = saved.plain_policies(run.given)
    told = Told(
        run.scenario, run.title, run.months_done, [run.seed], run.about["version"], run.about["model_version"],
        run.hash, dict(run.policies), lost + [f"swap {name}" for name in run.market.swaps.given],
        {name: getattr(run, name).copy() for name in TABLES}, sources=sources(run.scenario),
    )  # fmt: skip
    add_measures(told, run)
    return told


def add_measures(told: Told, run: Run) -> None:
    """Tell too what is measured over a whole run."""
    told.tables |= {name: measure(name)(run) for name in MEASURED}
    told.with_attrs()


def luck(run: Run, seeds: int, progress: Progress | None = None) -> pd.DataFrame:
    """The firms at the end of worlds that differ from a run in their luck alone.

    Parameters
    ----------
    run : the first of them. seeds : how many, from its own seed on.
    progress : called with months done and months in all.

    Returns
    -------
    DataFrame : a row a seed and firm: seed, firm, and the columns of `Run.firms`.
    """
    whole("seeds", seeds, 2)
    rows, total = [run.firms.reset_index().assign(seed=run.seed)], run.months_done * (seeds - 1)
    for k in range(1, seeds):
        each = None if progress is None else partial(_later, progress, run.months_done * (k - 1), total)
        one = run_again(run.scenario, months=run.months_done, seed=run.seed + k, policies=run.given,
                        swap=run.market.swaps.functions, progress=each)  # fmt: skip
        rows.append(one.firms.reset_index().assign(seed=one.seed))
    return pd.concat(rows, ignore_index=True)


def _later(progress: Progress, before: int, total: int, month: int, _months: int) -> None:
    """The report of one world as a part of all."""
    progress(before + month, total)


def repeated(folder: Path, progress: Progress | None = None) -> tuple[Run | None, str]:
    """The run of a folder once more, to the same bit; else None, and why it is not to be had."""
    kept = saved.read_run(folder)
    if kept is None:
        raise ValueError(f"{folder}: no saved run is there")
    if kept.not_saved:
        return None, f"it had {', '.join(kept.not_saved)}, which no file holds, so that it cannot be repeated"
    if kept.model_version != MODEL_VERSION:
        return None, f"it was made by model version {kept.model_version}, which this program does not have"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = run_again(folder, progress=progress)
    if run.hash != kept.state_hash:
        return None, "the folder's files, or the program, were changed since, so that it does not repeat"
    return run, ""


def of_folder(folder: Path) -> Told:
    """What the folder of a saved run tells, without what is measured over a whole run.

    Raises
    ------
    ValueError
        It holds no saved run, or one of its files is not as it was written.
    """
    kept = saved.read_run(folder)
    if kept is None:
        raise ValueError(f"{folder}: no saved run is there")
    said = json.loads((folder / saved.RUN).read_text(encoding="utf-8"))
    told = Told(
        kept.scenario, str(said["title"]), kept.months, [kept.seed], str(said["tenfold"]), kept.model_version,
        kept.state_hash, _policies(kept.scenario, kept.policies, kept.not_saved), kept.not_saved,
        {name: read_table(folder, name) for name in TABLES}, sources=dict(said.get("sources", {})),
    )  # fmt: skip
    told.with_attrs()
    return told


def of_comparison(pair: Comparison) -> Told:
    """What a comparison tells."""
    from sim import worlds
    from sim.headlines import about_luck

    about = pair.runs[pair.base].about
    tables = {"table": pair.table, "customers": pair.customers} | worlds.worlds_of(pair)
    if pair.stressed:
        tables["stress"] = pair.stressed.table
    told = Told(
        pair.scenario, pair.scenario.title, pair.months, list(pair.seeds), about["version"], about["model_version"],
        tables={name: table.copy() for name, table in tables.items()}, firm=pair.firm, headline=pair.headline,
        base=pair.base, worlds=worlds.in_words(pair), notes=list(pair.notes),
        sources=sources(pair.scenario), about_luck=about_luck(pair), stress=pair.stressed.about() if pair.stressed else {},
    )  # fmt: skip
    told.with_attrs()
    return told


def of_comparison_folder(folder: Path) -> Told:
    """What the folder of a saved comparison tells.

    Raises
    ------
    ValueError
        One of its files is not as it was written, or it was saved by a version that kept less.
    """
    from sim import worlds

    file = folder / saved.COMPARISON
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        scenario = dataclasses.replace(
            load(folder).with_changes(said.get("replaced", {})),
            name=str(said["scenario"]),
            changes=dict(said["changes"]),
        )
        told = Told(
            scenario, scenario.title, int(said["months"]), list(map(int, said["seeds"])), str(said["tenfold"]),
            str(said["model_version"]), firm=str(said["firm"]), headline=str(said["headline"]), base=str(said["base"]),
            worlds=dict(said["worlds"]), notes=list(said["notes"]),
            sources=dict(said.get("sources", {})), about_luck=list(said.get("luck", [])), stress=dict(said.get("stress") or {}),
        )  # fmt: skip
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{file}: not as this version of Tenfold writes it ({type(error).__name__}: {error}); compare again with --out"
        ) from None
    names = (
        "table",
        "customers",
        "seeds",
        *worlds.names_of(told.months),
        *(["stress"] if told.stress else []),
    )
    told.tables = {name: read_table(folder, name, "compare again") for name in names}
    told.with_attrs()
    return told


def _policies(scenario: Scenario, given: Mapping[str, Any], lost: list[str]) -> dict[str, str]:
    """What decides for each firm, as `Run.policies` has it."""
    own = {text.removeprefix("policy ").split("=")[0]: text.split("=")[1] for text in lost if "=" in text}
    found = {}
    for name, firm in scenario.firms.items():
        policy = given.get(name, firm.policy)
        found[name] = own.get(name) or (
            policy["name"] if isinstance(policy, Mapping) else policy or "status_quo"
        )
    return found


# ---------------------------------------------------------------- tables


def read_table(folder: Path, name: str, cure: str = "run the scenario again") -> pd.DataFrame:
    """A table of a saved result, number by number as it was; `cure` is what makes a missing one.

    Raises
    ------
    ValueError
        The file is missing, or is not as it was written.
    """
    file = folder / f"{name}.csv"
    try:
        heads = list(pd.read_csv(file, nrows=0, encoding="utf-8").columns)
        kinds: dict[str, Any] = {head: "object" for head in heads if head in TEXTS}
        kinds |= {head: "Int64" for head in heads if head in WHOLE}
        table = pd.read_csv(
            file, dtype=kinds, keep_default_na=False, na_values=[""], encoding="utf-8", **EXACT
        )
    except FileNotFoundError:
        raise ValueError(f"{file}: is missing; {cure} with --out") from None
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise ValueError(f"{file}: not as Tenfold wrote it ({type(error).__name__}: {error})") from None
    for head in table.columns:
        if table[head].dtype == object:
            table[head] = table[head].where(table[head].notna(), None)
    return table.set_index("firm") if name == "firms" and table.columns[0] == "firm" else table
