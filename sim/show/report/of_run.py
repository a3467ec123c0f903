"""The report of a run: the answer, what it rests on, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from sim.margin import is_without_margin
from sim.metrics import METRICS
from sim.scale import in_words
from sim.scenario.loading import is_shipped
from sim.show import plots
from sim.show.pictures import own_axes
from sim.show.reasons import costs as draw_costs
from sim.show.report import answers
from sim.show.report import customer_tables as c
from sim.show.report import run_tables as t
from sim.show.report.assumptions import Assumption, assumptions, by_part, in_a_sentence
from sim.show.report.assumptions import table as parameters
from sim.show.report.exhibits import COUNT, MONEY, Column, Exhibit, Picture, Report, Section, Table
from sim.show.report.told import Told
from sim.show.report.truths import why_exhibits, worth_table
from sim.show.report.without_margin import renamed_report
from sim.show.spans import full_year, last_year
from sim.terminal import listed

MONTHS = ("monthly_churn", "acquisition_cost", "profit", "customer_equity", "loyalty", "satisfaction")
PERMISSION = ("permission_base", "read_rate", "opt_out_rate", "deliverability")
MOST_NAMED = 20
"""Customers that are named where ids are wanted."""


def report(told: Told, with_ids: bool = False) -> Report:
    """The report of a run.

    Parameters
    ----------
    told : what it tells of.
    with_ids : whether customers may be named by their ids.
    """
    found = assumptions(told)
    sections = [
        conditions(told, found), over_time(told), *customers(told, with_ids), leaving(told), permission(told), money(told),
        *rules(told), *parameter_sections(told, found), made(told),
    ]  # fmt: skip
    made_of = Report(
        told.title, about(told), told.scenario.info.question, answers.answer(told), answers.sureness(told),
        panel(told, "customers", 5.4), sections, sheets(told, with_ids),
    )  # fmt: skip
    return renamed_report(made_of) if is_without_margin(told.scenario, told.sources) else made_of


def about(told: Told) -> str:
    """What was run, in a line."""
    n = told.scenario.market.customers
    seed = (
        f"seed {told.seeds[0]}" if len(told.seeds) == 1 else f"{len(told.seeds)} seeds from {told.seeds[0]}"
    )
    whole = told.scenario.market.months
    lasted = (
        f"{told.months} months" if told.months == whole else f"{told.months} of the scenario's {whole} months"
    )
    return f"{n:,} customers, {lasted}, {seed}. You are {told.focus}.{in_words(told.scenario)}"


def panel(told: Told, metric: str, width: float = 4.7) -> Exhibit:
    """One metric over the months, with its table."""
    return Exhibit(
        t.panel_table(told, metric),
        Picture(metric, partial(_draw_panel, told, metric, width)),
        in_workbook=False,
    )


def _draw_panel(told: Told, metric: str, width: float) -> Any:
    """One panel, so many inches wide."""
    return plots.months(told.tables["months"], [metric], axes=[own_axes(None, width, 3.3)]).flat[0]


def conditions(told: Told, found: Sequence[Assumption]) -> Section:
    """What would have to be true."""
    standing = answers.standing(told)
    points = [in_a_sentence(list(found)), *of_itself(told), *answers.turns(told, standing)]
    exhibits = [Exhibit(standing)] if standing.rows else []
    if told.luck is not None:
        exhibits.append(Exhibit(answers.luck_table(told)))
    return Section(
        "conditions", "What would have to be true", (), [*exhibits, Exhibit(by_part(list(found)))], points
    )


def of_itself(told: Told) -> list[str]:
    """How a scenario of the user's own was made and what it cannot tell, if it says so: one made from a log does."""
    page = told.scenario.info
    return [] if is_shipped(told.scenario) else [text for text in (page.how, page.notice) if text]


def over_time(told: Told) -> Section:
    """The months, panel by panel."""
    lead = f"The strong line is {told.focus}. " if len(told.tables["firms"]) > 1 else ""
    exhibits = [Exhibit(t.firm_table(told)), *[panel(told, metric) for metric in MONTHS]]
    return Section(
        "months",
        "Month by month",
        [f"{lead}Tables show some of the months; the workbook has all."],
        exhibits,
        wide=False,
    )


def customers(told: Told, with_ids: bool) -> list[Section]:
    """What customers are worth, and how long they stay."""
    value, stay = [], []
    if "accounts" in told.tables:
        value.append(Exhibit(c.tenths_table(told), Picture("value", partial(_draw, told, "value"))))
    if "whale_curve" in told.tables:
        value.append(
            Exhibit(c.whale_table(told), Picture("whale-curve", partial(_draw, told, "whale_curve")))
        )
    if "accounts" in told.tables:
        value += [Exhibit(c.quadrant_table(told)), Exhibit(c.segment_table(told))]
        value += [Exhibit(named(told))] if with_ids else []
    if "lifetime" in told.tables:
        value.append(Exhibit(worth_table(told)))
    if "cohort_survival" in told.tables:
        stay.append(Exhibit(c.survival_table(told), Picture("survival", partial(_draw, told, "survival"))))
    if "cohorts" in told.tables:
        stay.append(Exhibit(c.cohort_table(told)))
    year = told.months // 12 * 12
    span = f"months {year - 11} to {year}" if year else f"the {told.months} months of the run"
    lead = f"The last full year is {span}. Profit of a customer is revenue less the costs that this customer causes."
    if told.without:
        lead = f"What each customer brought, the whale curve and the cohorts are left out: {told.without}."
    sections = [
        Section("value", "Customers' value", [lead], [one for one in value if one.table.rows]),
        Section("cohorts", "How long they stay", [], [one for one in stay if one.table.rows]),
    ]
    return [one for one in sections if one.exhibits or (one.key == "value" and told.without)]


def _draw(told: Told, kind: str) -> Any:
    """A picture that is narrow enough for a small screen."""
    return plots.KINDS[kind].function(told.tables[plots.KINDS[kind].table], own_axes(None, 5.4, 3.6))


def named(told: Told) -> Table:
    """The most valuable customers by id: only where ids are wanted."""
    table = told.tables["accounts"]
    mine = table[(table["firm"] == told.focus) & table["customer"].notna()]
    best = mine.sort_values(["profit", "customer"], ascending=[False, True]).head(MOST_NAMED)
    rows = [
        (f"{row.customer}", row.segment, int(row.tenure), float(row.revenue), float(row.profit))
        for row in t.each(best)
    ]
    heads = [Column("customer"), Column("segment"), Column("tenure", COUNT, "months"), Column("revenue", MONEY, told.currency),
             Column("profit", MONEY, told.currency)]  # fmt: skip
    return Table(
        "best customers", f"{told.focus}'s most profitable customers of {full_year(told.months)}", heads, rows
    )


def leaving(told: Told) -> Section:
    """Why customers left."""
    gone = told.tables["departures"]
    if not len(gone):
        return Section("reasons", "Why customers left", ["Nobody left."])
    exhibits = [Exhibit(t.reasons_table(told), Picture("reasons", partial(plots.departures, gone)))]
    if gone["reported"].notna().any():
        exhibits.append(Exhibit(t.reasons_table(told, "reported")))
    lead = [
        "The true reason of each departure: what weighed most in the customer's decision, which no firm can see."
    ]
    if told.defection is not None:
        lead.append(told.defection.headline)
    return Section("reasons", "Why customers left", lead, [*exhibits, *why_exhibits(told)])


def permission(told: Told) -> Section:
    """Who may be written to, and what mail does."""
    months = told.tables["months"]
    shown = [metric for metric in PERMISSION if np.isfinite(months[metric].to_numpy(dtype=float)).any()]
    strategies = {firm: told.scenario.firms[firm].plan.strategy for firm in told.scenario.firms}
    said = listed([f"{firm} {strategy.replace('_', ' ')}" for firm, strategy in strategies.items()][:8])
    lead = f"Whom the firms' plans mail (policies and rules may decide otherwise): {said}."
    return Section(
        "permission", "Permission to write", [lead], [panel(told, metric) for metric in shown], wide=False
    )


def money(told: Told) -> Section:
    """The ledger."""
    draw = partial(plots.spending, told.tables["ledger"])
    exhibits = [Exhibit(t.spending_table(told), Picture("spending", draw)), Exhibit(t.activity_table(told))]
    costs = told.tables["firms"][["acquisition_cost", "retention_cost"]]
    if costs.notna().to_numpy().any():
        exhibits.append(
            Exhibit(cost_table(told), Picture("costs", partial(draw_costs, told.tables["firms"])))
        )
    return Section("ledger", "Ledger by activity", [], exhibits)


def cost_table(told: Told) -> Table:
    """What winning and keeping costs."""
    firms = told.tables["firms"]
    rows = [(name, *[t.plain(firms.at[name, key]) for key in ("acquisition_cost", "retention_cost", "cost_ratio")])
            for name in t.firms_of(told)]  # fmt: skip
    heads = [Column(told.rows), Column("to win a customer", MONEY, told.currency),
             Column("to keep one for a year", MONEY, told.currency), Column("ratio", "number")]  # fmt: skip
    return Table("costs", f"Winning against keeping, {last_year(told.months)}", heads, rows,
                 "Averages: the ratio is set largely by what a firm spends.")  # fmt: skip


def rules(told: Told) -> list[Section]:
    """Decision rules, where there are some."""
    table = t.rules_table(told)
    return (
        [Section("rules", "Decision rules", ["The later rule wins."], [Exhibit(table)])] if table.rows else []
    )


def parameter_sections(told: Told, found: Sequence[Assumption]) -> list[Section]:
    """Parameters with their sources: those of this scenario, then the model's."""
    own = [a for a in found if a.is_own or a.mark == "yours"]
    rest = [a for a in found if not (a.is_own or a.mark == "yours")]
    lead = (
        "Yours: what you changed, or what your scenario says otherwise than the model. Published: the number has a source. "
        "Ours: chosen for the model or for a shipped scenario, or fitted to known results; a source named beside it is "
        "for the idea."
    )
    scenario = told.scenario
    return [
        Section("parameters", "Parameters and their sources", [lead],
                [Exhibit(parameters(own, scenario, "own parameters", "What this scenario says itself"))] if own else []),
        Section("defaults", f"The other {len(rest)} parameters, at the model's defaults", [],
                [Exhibit(parameters(rest, scenario, "default parameters", "At the model's defaults"))], folded=True),
    ]  # fmt: skip


def made(told: Told) -> Section:
    """Seed, version, hash: what is needed to make it again."""
    changes = ", ".join(f"{address} = {value}" for address, value in told.scenario.changes.items())
    rows = [
        ("scenario", told.scenario.name), ("changed in it", changes or "nothing"),
        ("seed", str(told.seeds[0]) if len(told.seeds) == 1 else ", ".join(map(str, told.seeds))),
        ("months", str(told.months)), ("Tenfold", told.version), ("model version", told.model_version),
        ("scenario hash (SHA-256)", told.scenario.hash),
    ]  # fmt: skip
    if told.state_hash:
        rows.append(("hash of the world at the end (SHA-256)", told.state_hash))
    rows += [(f"policy of {firm}", policy) for firm, policy in told.policies.items()]
    if told.lost:
        rows.append(("in no file", ", ".join(told.lost)))
    lead = "The same scenario, seed and version give the same numbers to the last bit, and this report byte for byte."
    table = Table("made", "How this was made", [Column("what"), Column("value")], rows)
    words = t.words_table(list(METRICS), told.months)
    return Section("made", "How this was made", [lead], [Exhibit(table), Exhibit(words)])


def sheets(told: Told, with_ids: bool) -> list[Table]:
    """Tables that are too long for a page."""
    ledger = told.tables["ledger"]
    columns = [t.column_of(str(name), told.currency) for name in ledger.columns]
    found = [
        t.months_sheet(told),
        Table("ledger", "The ledger, by month and firm", columns, t.frame_rows(ledger)),
    ]
    if with_ids:
        for name in ("accounts", "departures"):
            if name in told.tables:
                table = told.tables[name]
                heads = [Column(str(head).replace("_", " ")) for head in table.columns]
                if name == "accounts":
                    money_at = {"revenue", "profit"}
                    heads = [Column(h.head, MONEY, told.currency) if h.head in money_at else h for h in heads]
                found.append(Table(name, name, heads, t.frame_rows(table)))
    return found
