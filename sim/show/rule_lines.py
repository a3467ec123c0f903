"""Decision rules as somebody types them: read piece by piece, with the mistake shown where it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

from sim.policies.plan import WORDS, check_choice
from sim.rules import RuleError, compile_rule
from sim.scenario import Scenario
from sim.scenario.database import vocabulary
from sim.scenario.parameters import BY_CUSTOMER

EXAMPLES = ("status == lapsed and spent > 60", "value_rank > 0.9 and complaints > 0")


class Mistake(NamedTuple):
    """What is wrong with a text: its column (from 1; 0 where there is none), what, and the cure."""

    text: str
    column: int
    what: str

    def as_html(self) -> str:
        """The text with a mark under the mistake, and what is wrong with it."""
        mark = f"<pre>{escape(self.text)}\n{' ' * (self.column - 1)}^</pre>" if self.column else ""
        return f'<div role="alert" style="line-height: 1.4">{mark}{escape(self.what)}</div>'

    def __str__(self) -> str:
        mark = f"{self.text}\n{' ' * (self.column - 1)}^\n" if self.column else ""
        return f"{mark}{self.what}"


class RuleLine(NamedTuple):
    """A rule as it was typed, what it says, and what is wrong with its condition and with its decisions."""

    condition: str
    decisions: str
    rule: dict[str, Any] | None
    mistakes: tuple[Mistake, ...]


def read_rule(condition: str, decisions: str, scenario: Scenario) -> RuleLine:
    """Read a rule.

    Parameters
    ----------
    condition : an expression over the firm's records: `status == lapsed and spent > 60`.
    decisions : as a scenario file writes them, without the brackets: `offer = 0.15, level = "proactive"`.
    scenario : whose customers it is about.

    Returns
    -------
    RuleLine
        `rule` is a table with `if` and `then`; None where something is wrong.
    """
    condition = condition.strip()
    wrong = [_of_condition(condition, scenario)]
    then, fault = _read_decisions(decisions)
    found = tuple(one for one in (*wrong, fault) if one is not None)
    return RuleLine(condition, decisions, None if found else {"if": condition, "then": then}, found)


def as_typed(decisions: Mapping[str, Any]) -> str:
    """Decisions as `read_rule` reads them."""
    return ", ".join(f"{name} = {_toml(value)}" for name, value in decisions.items())


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _of_condition(text: str, scenario: Scenario) -> Mistake | None:
    if not text:
        return Mistake("", 0, f"when? For example: {EXAMPLES[0]}")
    try:
        compile_rule(text, vocabulary(scenario.segments))
    except RuleError as error:
        got = f' (got "{error.got}")' if error.got else ""
        return Mistake(text, error.column, f"{error.problem}{got}; {error.cure}")
    return None


def _read_decisions(text: str) -> tuple[dict[str, Any], Mistake | None]:
    """The decisions of a rule, and what is wrong with them."""
    if not text.strip():
        return {}, Mistake(
            "", 0, f"what then? Decisions are {', '.join(BY_CUSTOMER)}. For example: offer = 0.15"
        )
    if bare := _bare_word(text):
        return {}, bare
    try:
        then = tomllib.loads(f"x = {{{text}}}")["x"]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"line 1, column (\d+)", str(error))
        column = min(max(int(at[1]) - 5, 1), len(text) + 1) if at else len(text) + 1
        return {}, Mistake(
            text,
            column,
            'write a name, = and a value, with commas between: offer = 0.15, level = "proactive"',
        )
    for name, value in then.items():
        try:
            check_choice(name, value)
        except (ValueError, TypeError) as error:
            place = re.search(rf"\b{re.escape(name)}\b", text)
            return {}, Mistake(
                text,
                place.start() + 1 if place else 1,
                str(error).removeprefix("plan: ").removeprefix("plan."),
            )
    return then, None


def _bare_word(text: str) -> Mistake | None:
    """A word that stands without its quotation marks, which is what people write first."""
    for found in re.finditer(r"=\s*([A-Za-z_][\w-]*)", text):
        word = found[1]
        if word in ("true", "false"):
            continue
        known = any(word in words for words in WORDS.values())
        yes_no = {"yes": "true", "no": "false", "True": "true", "False": "false"}.get(word)
        cure = f"write {yes_no}" if yes_no else f'words stand in quotation marks: "{word}"'
        more = "" if known or yes_no else f"; levels are {', '.join(WORDS['level'])}"
        return Mistake(text, found.start(1) + 1, f"{cure}{more}")
    return None


def rules_of(scenario: Scenario) -> list[dict[str, Any]]:
    """The rules of the firm that one is, as tables with `if` and `then`."""
    return [{"if": rule.condition, "then": dict(rule.then)} for rule in scenario.firms[scenario.focus].rules]
