"""A team's report of a round: one page that needs nothing else and can be printed; nothing of others stands in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim import __version__
from sim.classroom import forms, scores, texts
from sim.classroom.game import Game, Round
from sim.classroom.store import Store
from sim.scenario.writing import write_whole
from sim.show.money import LINES
from sim.terminal import count, number, percent

HERE = Path(__file__).parent
STYLE = HERE.parent / "show" / "report" / "page.css"
MOST_ROUNDS = 6
"""Rounds beside each other in a table, the newest."""


class Listed(NamedTuple):
    """A table: caption, heads, rows of text; `words` where the cells are no numbers."""

    caption: str
    heads: list[str]
    rows: list[list[str]]
    words: bool = False


class Section(NamedTuple):
    """A part of the page."""

    title: str
    lead: list[str]
    tables: list[Listed]
    picture: Any = None


class Page(NamedTuple):
    """What the page says."""

    title: str
    about: str
    short: str
    notes: list[str]
    sections: list[Section]
    foot: str


def write_reports(
    game: Game,
    number_: int,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    kept: Store | None = None,
) -> list[Path]:
    """A report a team of a round that was played; they are written over, for they are made of the game.

    Parameters
    ----------
    kept : the game's store: it writes nothing any more once names were forgotten.

    Raises
    ------
    Forgotten
        Names were forgotten since the game was read.
    """
    files = []
    for team in range(game.settings.teams):
        file = folder / f"{forms.file_name(game, team)}.html"
        page = as_page(game, team, number_)
        with kept.unforgotten(game) if kept else contextlib.nullcontext():
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(file, page, force=True)
        files.append(file)
        if progress:
            progress(team + 1, game.settings.teams)
    return files


def as_page(game: Game, team: int, number_: int) -> bytes:
    """The page of a team about a round, 1 to the rounds played; all names are escaped."""
    world = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    style = Markup(STYLE.read_text(encoding="utf-8"))
    text = world.get_template("report.html").render(page=page_of(game, team, number_), style=style)
    return (text.strip() + "\n").encode()


def page_of(game: Game, team: int, number_: int, drawn: Any = None) -> Page:
    """What a team may know of a round and of those before it; `drawn` is the picture, made here unless given."""
    rounds = game.rounds[:number_]
    played, settings = rounds[-1], game.settings
    own = settings.own
    currency = own.market.currency
    seen = played.outcomes[team]["seen"]
    last = number_ * settings.months
    about = texts.REPORT_ABOUT.format(
        title=own.title, first=last - settings.months + 1, last=last, customers=count(own.market.customers),
        firms=len(settings.world.firms), currency=currency,
    )  # fmt: skip
    short = texts.IN_SHORT.format(
        customers=count(seen["customers"]), share=percent(seen["share"]), gained=count(seen["gained"]),
        lost=count(seen["lost"]), profit=count(seen["profit"]), equity=count(seen["customer_equity"]), currency=currency,
    )  # fmt: skip
    sections = [
        _results(rounds, team, currency, drawn or picture(rounds, team, game)),
        _reasons(seen),
        _word_of_mouth(rounds, team),
        _permission(game, rounds, team),
        _ledger(rounds, team, currency),
        _decided(game, played, team),
        _forecast(game, played, team),
        _public(game, played, team),
    ]
    return Page(
        texts.REPORT_TITLE.format(team=game.teams[team], round=number_, rounds=settings.rounds), about, short,
        _notes(game, played, team, currency), sections,
        f"Tenfold {__version__}, model version {game.model_version}, scenario {settings.name}{_seed(game)}.",
    )  # fmt: skip


def _seed(game: Game) -> str:
    """The seed, once all is played: who knew it earlier could play the next rounds at home."""
    return f", seed {game.settings.seed}" if game.is_over else ""


def _notes(game: Game, played: Round, team: int, currency: str) -> list[str]:
    """How the decision came, and what was booked."""
    handed = game.latest(team, played.number)
    at = f" on {handed.at[:16].replace('T', ' at ')}" if handed else ""
    how = played.counted[team].how
    notes = [texts.HOW[how].format(at=at)]
    if how == "repeated" and (cut := game.cut_said(team, played.number, done=True)):
        notes.append(cut)
    for b in game.booked:
        if (b.round, b.team) == (played.number, team):
            usual = texts.BONUS if b.amount >= 0 else texts.PENALTY
            said = texts.BOOKED[b.why] if b.automatic else usual
            why = f" ({b.why})" if b.why else ""
            notes.append(said.format(amount=count(abs(b.amount)), currency=currency, why=why))
    if cut := game.cut_said(team, played.number + 1):
        notes.append(cut)
    return notes


def _shown(rounds: tuple[Round, ...], team: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Heads of the newest rounds, and what the team saw in each."""
    newest = rounds[-MOST_ROUNDS:]
    return [f"Round {one.number}" for one in newest], [one.outcomes[team]["seen"] for one in newest]


def _cell(name: str, value: Any) -> str:
    if name in ("share", "retention", "deliverability", "utilization"):
        return percent(value)
    if name in ("skill", "morale", "staff"):
        return number(value, 2)
    return count(value)


def _results(rounds: tuple[Round, ...], team: int, currency: str, drawn: Any) -> Section:
    heads, seen = _shown(rounds, team)
    rows = [[label, *[_cell(name, one[name]) for one in seen]] for name, label in texts.COLUMNS.items()]
    table = Listed(f"Results by round; amounts in {currency}", ["", *heads], rows)
    return Section("Results", [], [table], drawn)


WIDTH, HEIGHT, DOTS_AN_INCH = 9.0, 2.8, 100
"""The picture, in inches, and how large a page shows it."""


class Asked(NamedTuple):
    """A picture that a page asks for apart: its address, its words, its size in pixels."""

    source: str
    alt: str
    width: int
    height: int


def picture_words(rounds: tuple[Round, ...], team: int, game: Game) -> tuple[str, int, int]:
    """What the picture shows, in words, and its size in pixels."""
    customers, profit = _months(rounds, team)
    alt = texts.PICTURE_ALT.format(
        first=count(customers[0]), last=count(customers[-1]), profit=count(profit[-1]),
        currency=game.settings.own.market.currency,
    )  # fmt: skip
    return alt, round(WIDTH * DOTS_AN_INCH), round(HEIGHT * DOTS_AN_INCH)


def _months(rounds: tuple[Round, ...], team: int) -> tuple[list[float], list[float]]:
    """Customers and profit of each month of all rounds; customers also before the first."""
    by_month = [one.outcomes[team]["seen"]["by_month"] for one in rounds]
    customers = [by_month[0]["customers"][0], *[x for one in by_month for x in one["customers"][1:]]]
    return customers, [x for one in by_month for x in one["profit"]]


def picture(rounds: tuple[Round, ...], team: int, game: Game) -> Any:
    """Customers and profit by month of all rounds, drawn."""
    from matplotlib.ticker import MaxNLocator

    from sim.show.pictures import as_bytes, new_figure
    from sim.show.report.page import Drawn
    from sim.show.style import OKABE_ITO, clean

    customers, profit = _months(rounds, team)
    months = len(profit) // len(rounds)
    figure = new_figure(WIDTH, HEIGHT, shown=False)
    figure.set_layout_engine("none")  # its places are known: it is drawn once, not three times
    left, right = figure.subplots(
        1, 2, gridspec_kw={"left": 0.07, "right": 0.99, "bottom": 0.16, "top": 0.82, "wspace": 0.18}
    )
    left.plot(range(len(customers)), customers, color=OKABE_ITO["blue"], linewidth=2.2)
    right.bar(range(1, len(profit) + 1), profit, color=OKABE_ITO["green"])
    right.axhline(0.0, color="#666666", linewidth=0.8)
    clean(left, "Customers", "month", "customers")
    clean(right, "Profit", "month", f"{game.settings.own.market.currency} a month")
    for ax in (left, right):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        for end in range(1, len(rounds)):
            ax.axvline(end * months + 0.5 * (ax is right), color="#bbbbbb", linewidth=0.8, linestyle=":")
    return Drawn(as_bytes(figure, "svg"), b"", *picture_words(rounds, team, game))


def _reasons(seen: Mapping[str, Any]) -> Section:
    lost, asked = seen["lost"], seen["asked_leavers"]
    if not lost:
        return Section("Why customers left", [texts.NOBODY_LEFT], [])
    if not asked:
        return Section("Why customers left", [texts.REASONS_UNKNOWN.format(lost=count(lost))], [])
    ordered = sorted(seen["reasons"].items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [[reason, count(n), percent(n / asked)] for reason, n in ordered]
    table = Listed("What leavers said", ["Reason", "Leavers", "Share of those asked"], rows)
    return Section(
        "Why customers left", [texts.REASONS_KNOWN.format(lost=count(lost), asked=count(asked))], [table]
    )


def _word_of_mouth(rounds: tuple[Round, ...], team: int) -> Section:
    heads, shown = _shown(rounds, team)
    seen = shown[-1]
    counts = seen["counts"]
    lead = [texts.REFERRALS.format(n=count(counts["referrals"]))]
    if not counts["surveyed"]:
        lead.append(texts.NO_SURVEY)
    elif seen["net_promoter"] is None:
        lead.append(texts.NO_ANSWERS)
    else:
        lead.append(
            texts.PROMOTER.format(score=number(seen["net_promoter"], 0), answers=count(counts["answered"]))
        )
    return Section("Service and word of mouth", lead, [_listed(texts.SERVICE, "Service", heads, shown)])


def _listed(labels: Mapping[str, str], caption: str, heads: list[str], shown: list[dict[str, Any]]) -> Listed:
    rows = [
        [label, *[_cell(name, one["counts"][name] if name in one["counts"] else one[name]) for one in shown]]
        for name, label in labels.items()
    ]
    return Listed(caption, ["", *heads], rows)


def _permission(game: Game, rounds: tuple[Round, ...], team: int) -> Section:
    heads, shown = _shown(rounds, team)
    ledgers = [scores.ethics(game, one) for one in shown]
    rows = [
        [label, *[number(one[name], 0) if name == "points" else percent(one[name]) for one in ledgers]]
        for name, label in texts.ETHICS.items()
    ]
    tables = [
        _listed(texts.PERMISSION, "Permission", heads, shown),
        Listed("Permission and ethics", ["", *heads], rows),
    ]
    return Section("Permission and ethics", [], tables)


def _ledger(rounds: tuple[Round, ...], team: int, currency: str) -> Section:
    heads, shown = _shown(rounds, team)
    rows = []
    for name in shown[-1]["ledger"]:
        amounts = [one["ledger"].get(name, 0.0) for one in shown]
        if any(amounts):
            memo = " (memo)" if LINES[name].sign == 0 else ""
            rows.append([f"{name.replace('_', ' ')}{memo}", *[count(x) for x in amounts]])
    rows.append(["profit", *[count(one["profit"]) for one in shown]])
    table = Listed(f"Revenue and costs by activity, {currency}", ["", *heads], rows)
    return Section("Ledger", [], [table])


def _decided(game: Game, played: Round, team: int) -> Section:
    decision = played.counted[team].decision
    rows = [[name, str(value)] for name, value in decision.plan.items()]
    tables = (
        [Listed("Decisions that differ from the default", ["Decision", "Value"], rows, words=True)]
        if rows
        else []
    )
    lead = [] if rows else [texts.NO_PLAN]
    fired = played.outcomes[team]["seen"]["fired_rules"]
    if decision.rules:
        said = [
            [rule["if"], ", ".join(f"{k} = {v}" for k, v in rule["then"].items()), count(n)]
            for rule, n in zip(decision.rules, fired, strict=True)
        ]
        tables.append(
            Listed(
                "Rules, and in how many customer-months each fired", ["If", "Then", "Fired"], said, words=True
            )
        )
    return Section("What you decided", lead, tables)


def _forecast(game: Game, played: Round, team: int) -> Section:
    said, seen = played.counted[team].forecast, played.outcomes[team]["seen"]
    if not said:
        return Section("Your forecast", [texts.NO_FORECAST], [])
    rows = [
        [label, _cell(name, said[name]) if name in said else "–", _cell(name, seen[name])]
        for name, label in texts.FORECAST_NAMES.items()
    ]
    points = scores.forecast_points(game, team, played.number)
    rows.append(["Points of 100", "", number(points, 0) if points is not None else "–"])
    return Section("Your forecast", [], [Listed("Forecast and outcome", ["", "Forecast", "Came out"], rows)])


def _public(game: Game, played: Round, team: int) -> Section:
    """What everybody sees of the firms of the market: list prices and trial discounts."""
    rows = [
        [_public_name(game, one, team), number(one["price"], 3), percent(one["trial_discount"])]
        for one in played.public[game.settings.seat(team).market]
    ]
    table = Listed("Public: last month's offers", ["Firm", "List price", "Trial discount"], rows)
    return Section("The market", [], [table])


def _public_name(game: Game, one: Mapping[str, Any], team: int) -> str:
    if one["team"] is None:
        return str(one["firm"])
    return game.teams[one["team"]] + (" (you)" if one["team"] == team else "")
