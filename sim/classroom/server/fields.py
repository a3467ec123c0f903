"""The decision form: fields with what holds now and what came of it, and what somebody typed, made a decision table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sim.classroom import texts
from sim.classroom.decisions import FORECASTS, SHORT, Decision, is_separated
from sim.classroom.game import Game, Handed
from sim.classroom.limits import class_law
from sim.classroom.server.codes import digest
from sim.classroom.server.consequences import consequences
from sim.policies.plan import WORDS
from sim.scenario import parse_value
from sim.scenario.parameters import PlanTable

SPARE_RULES = 2
"""Empty places for rules under those that hold."""

PREFIX = "plan."

MONEY = ("advertising", "training", "profit", "customer_equity", "number", "low", "high")
"""Fields of money: in them a group of three digits after a point or a comma may be thousands."""


class Field(NamedTuple):
    """A field of the form: how it is asked for, what it may be, what it did in the last round.

    `held` says that the team has changed it in this round already: a file must say so too.
    """

    name: str
    label: str
    kind: str
    value: str
    options: tuple[str, ...]
    meaning: str
    did: str
    wrong: str
    held: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of money."""
        return self.name.partition(".")[2] in MONEY


class Form(NamedTuple):
    """The form of a team: the six fields for beginners, all others, rules and the team's forecast.

    `opened` says how much the team had handed in for the round when the form was opened.
    """

    short: list[Field]
    more: list[Field]
    rules: list[tuple[str, str]]
    forecast: list[Field]
    opened: str


def form_of(
    game: Game, team: int, typed: Mapping[str, str] | None = None, faults: Iterable[Any] = ()
) -> Form:
    """The form as it holds now, or as somebody typed it, with what is wrong beside each field."""
    handed = game.latest(team)
    held = handed.decision if handed else base_of(game, team)
    wrong = {fault.field: fault.problem.removesuffix(f" {texts.LEFT}") for fault in faults}
    shown = {name: written(value_of(game, held, name), name) for name in PlanTable.model_fields}
    names = (*SHORT, *(name for name in PlanTable.model_fields if name not in SHORT))
    did = consequences(game, team)
    fields = [_field(game, team, name, shown[name], typed, wrong, did.get(name, "")) for name in names]
    forecast = handed.forecast if handed else {}
    asked = [
        Field(
            f"forecast.{name}", texts.FORECAST_NAMES[name], "number",
            (typed or {}).get(f"forecast.{name}", written(forecast[name], name) if name in forecast else ""), (),
            texts.FORECAST_LAWS[name].format(currency=game.settings.own.market.currency), "",
            wrong.get(f"forecast {name}", ""),
        )
        for name in FORECASTS
    ]  # fmt: skip
    opened = (typed or {}).get("from", str(len(handed_in(game, team))))
    return Form(fields[: len(SHORT)], fields[len(SHORT) :], _rules(held, typed), asked, opened)


def handed_in(game: Game, team: int) -> list[Handed]:
    """What a team has handed in for the open round, the last one counts."""
    return [one for one in game.handed if (one.round, one.team) == (game.round, team)]


def base_of(game: Game, team: int) -> Decision:
    """What holds where nothing is handed in: the last round's decision."""
    return game.held(team)


def value_of(game: Game, held: Decision, name: str) -> Any:
    """What a decision says of a field, or the scenario where it says nothing."""
    own = game.settings.own
    value = held.plan.get(name, getattr(own.firms[own.focus].plan, name))
    return round(0.30 * own.market.customers, 2) if value is None else value


def _field(
    game: Game,
    team: int,
    name: str,
    value: str,
    typed: Mapping[str, str] | None,
    wrong: Mapping[str, str],
    did: str,
) -> Field:
    info = PlanTable.model_fields[name]
    kind = "number"
    options: tuple[str, ...] = ()
    if name in WORDS:
        kind, options = "word", tuple(WORDS[name])
    elif info.annotation is bool:
        kind, options = "word", ("true", "false")
    elif name == "staff":
        kind = "text"
    law = "" if options else class_law(name, game.settings.bounds)
    meaning = (
        texts.MEANINGS[name].format(law=law)
        if name in texts.MEANINGS
        else _sentence(str(info.description), law)
    )
    shown = (typed or {}).get(PREFIX + name, value)
    return Field(
        PREFIX + name, label_of(name), kind, shown, options, meaning, did, wrong.get(name, ""),
        shown != written(value_of(game, base_of(game, team), name), name),
    )  # fmt: skip


def label_of(name: str) -> str:
    """What a decision is called on pages."""
    return texts.DECISIONS.get(name, name.replace("_", " ").capitalize())


def _sentence(meaning: str, law_: str) -> str:
    """What a decision means and may be, as a sentence."""
    return f"{meaning[:1].upper()}{meaning[1:]}{': ' * bool(law_)}{law_}."


def _rules(held: Decision, typed: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """If and then of each rule as people write them, and empty places."""
    said = rules_of(held)
    if typed is not None:
        said = [pair for pair in _typed_rules(typed) if any(pair)]
    return [*said, *[("", "")] * SPARE_RULES]


def rules_of(held: Decision) -> list[tuple[str, str]]:
    """If and then of each rule of a decision as people write them."""
    return [(rule["if"], _choices(rule["then"])) for rule in held.rules]


def _typed_rules(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    number, found = 0, []
    while f"if.{number}" in typed:
        found.append((typed[f"if.{number}"].strip(), typed.get(f"then.{number}", "").strip()))
        number += 1
    return found


def _choices(then: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {written(value)}" for name, value in then.items())


def written(value: Any, name: str = "") -> str:
    """A value as people type it; an amount of money with a fourth decimal where three would look like thousands."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value).removesuffix(".0")
        return f"{text}0" if name in MONEY and is_separated(text) else text
    return str(value)


# ---------------------------------------------------------------- what was typed


def typed_of(form: Any) -> dict[str, str]:
    """The texts of a form that was handed in, by field."""
    return {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}


def pressed(typed: Mapping[str, str]) -> str:
    """What tells one press of a button from the next: the form's key and everything in it; "" without a key."""
    return digest(repr(sorted(typed.items()))) if typed.get("key") else ""


def table_of(game: Game, team: int, typed: Mapping[str, str]) -> dict[str, Any]:
    """What somebody typed as the table of a decision file: the short form's fields, and what differs from what holds."""
    base = base_of(game, team)
    plan: dict[str, Any] = {}
    for name in PlanTable.model_fields:
        text = typed.get(PREFIX + name)
        if text is None:
            continue
        value = _read(text, name)
        if name in SHORT or name in base.plan or value != value_of(game, base, name):
            plan[name] = value
    said: dict[str, Any] = {"team": game.teams[team], "plan": plan}
    if "round" in typed:
        said["round"] = int(typed["round"]) if typed["round"].isdecimal() else typed["round"]
    if "if.0" in typed:
        said["rules"] = [{"if": if_, "then": _then(then)} for if_, then in _typed_rules(typed) if if_ or then]
    forecast = {name: typed[f"forecast.{name}"] for name in FORECASTS if typed.get(f"forecast.{name}")}
    if forecast:
        said["forecast"] = {name: _read(text, name) for name, text in forecast.items()}
    return said


def _read(text: str, name: str) -> Any:
    """A number, with a point or a comma; yes or no; else a word. Money with separators of thousands stays a text."""
    if name in MONEY and is_separated(text):
        return text
    value = parse_value(text) if text else text
    if isinstance(value, str):
        value = parse_value(text.replace(",", ".", 1)) if text.count(",") == 1 and "." not in text else value
    return value if isinstance(value, (bool, int, float, str)) else text


def _then(text: str) -> Any:
    """`offer = 0.15, level = accountable` as a table; what is none stays a text, and is refused as such."""
    said: dict[str, Any] = {}
    for one in text.split(","):
        name, sign, value = one.partition("=")
        if not sign:
            return text
        said[name.strip()] = parse_value(value)
    return said


def opinion_of(student: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """A student's own forecast as the table of a decision file."""
    said: dict[str, Any] = {"id": student, "reason": typed.get("reason", "").replace("\r\n", "\n")}
    for name in ("number", "low", "high"):
        if typed.get(name):
            said[name] = _read(typed[name], name)
    return said


def file_of(said: Mapping[str, Any]) -> str:
    """The same table as a decision file, which `class collect` takes."""
    from sim.scenario.writing import toml

    lines = [f"{name} = {toml(said[name])}" for name in ("team", "round") if name in said]
    if "rules" in said and not said["rules"]:
        lines.append("rules = []")
    for table in ("plan", "forecast"):
        if said.get(table):
            lines += ["", f"[{table}]", *[f"{name} = {toml(value)}" for name, value in said[table].items()]]
    for rule in said.get("rules", ()):
        lines += ["", "[[rules]]", *[f"{name} = {toml(value)}" for name, value in rule.items()]]
    return "\n".join(lines) + "\n"
