"""Slips of the hand in scenario files, each with what is known of it: the line, and what was meant."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sim.policies import POLICIES
from sim.scenario import laws
from sim.scenario.database import DATABASE_COLUMNS
from sim.scenario.words import STATUSES

_HEADER = re.compile(r"\[{1,2}([^\]]+)\]{1,2}")
_PAIR = re.compile(r"(\s*)([\w.]+)(\s*=\s*)(.+?)(\s*#[^\"]*)?$")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Spot:
    """A line `key = value` of a file, and the parameter that it gives (None for a table or a policy)."""

    line: int  # from 0
    table: tuple[str, ...]
    indent: str
    key: str
    between: str
    value: str
    about: laws.Parameter | None

    def text(self, key: str = "", value: str = "", between: str = "") -> str:
        """The line again, with another key, value or sign between them."""
        return self.indent + (key or self.key) + (between or self.between) + (value or self.value)

    @property
    def number(self) -> str:
        """The value, if it is a number alone."""
        return self.value if _NUMBER.fullmatch(self.value) else ""

    @property
    def word(self) -> str:
        """The word of a vocabulary that the value is."""
        bare = self.value.strip('"')
        return bare if self.about is not None and bare in self.about.words and self.value != bare else ""


class Slip(NamedTuple):
    """A line made wrong, and what a good error suggests for it ("" where nobody can know)."""

    text: str
    meant: str = ""


def spots(text: str) -> list[Spot]:
    """The lines of a scenario file in which a slip can be made; rules have their table's number left out."""
    found, table, inside = [], (), False
    for line, content in enumerate(text.split("\n")):
        if content.count('"""') == 1:
            inside = not inside
            continue
        header = _HEADER.match(content)
        if header:
            table = tuple(part.strip(' "') for part in header.group(1).split("."))
        pair = _PAIR.match(content)
        if inside or header or pair is None or table[:1] == ("info",) or pair.group(4)[-1] in "[\\":
            continue
        indent, key, between, value, _ = pair.groups()
        node = laws.at([*table, *key.split(".")])
        is_parameter = hasattr(node, "annotation") and not laws.entries_of(node)  # type: ignore[arg-type]
        about = laws.parameter(key, node) if is_parameter else None  # type: ignore[arg-type]
        found.append(Spot(line, table, indent, key, between, value.strip(), about))
    return found


def misspelt(word: str, chance: random.Random) -> str:
    """The word with a letter left out, doubled, changed or swapped with the next."""
    while True:
        at = chance.randrange(1, max(len(word) - 1, 2))
        how = chance.randrange(4)
        before, here, after = word[:at], word[at : at + 1], word[at + 1 :]
        other = chance.choice("etaoinsr")
        slip = (
            before + after,
            before + here + here + after,
            before + other + after,
            before + after[:1] + here + after[1:],
        )[how]
        if slip != word and slip and slip[0].isalpha():
            return slip


# ---------------------------------------------------------------- slips in names


def a_letter_in_a_name(spot: Spot, chance: random.Random) -> Slip | None:
    known = laws.children(laws.at(spot.table)) if isinstance(laws.at(spot.table), type) else {}  # type: ignore[arg-type]
    if len(spot.key) < 5 or "." in spot.key or spot.key in ("tenfold", "title", "focus"):
        return None
    wrong = misspelt(spot.key, chance)
    return None if wrong in known else Slip(spot.text(key=wrong), f'"{spot.key}"')


def a_name_in_camel_case(spot: Spot, chance: random.Random) -> Slip | None:
    if "_" not in spot.key or "." in spot.key:
        return None
    head, *rest = spot.key.split("_")
    return Slip(spot.text(key=head + "".join(part.title() for part in rest)), f'"{spot.key}"')


def a_name_of_another_table(spot: Spot, chance: random.Random) -> Slip | None:
    key, meant = chance.choice(
        (("unhappy_tells", "talk.unhappy_tells"), ("order_cost", "buy.order_cost"), ("agent_cost", "serve.agent_cost"),
         ("base_exit", "leave.base_exit"), ("forgetting", "advertise.forgetting"))
    )  # fmt: skip
    is_stage = spot.table and spot.table[0] in ("market", "decide", "contact")
    return Slip(spot.text(key=key), f'"{meant}"') if is_stage and spot.number else None


# ---------------------------------------------------------------- slips in values


def a_letter_in_a_word(spot: Spot, chance: random.Random) -> Slip | None:
    if len(spot.word) < 4:
        return None
    wrong = misspelt(spot.word, chance)
    return None if wrong in spot.about.words else Slip(spot.text(value=f'"{wrong}"'), f'"{spot.word}"')  # type: ignore[union-attr]


def a_number_in_quotes(spot: Spot, chance: random.Random) -> Slip | None:
    if not spot.number or spot.about is None or spot.key == "tenfold":
        return None
    return Slip(spot.text(value=f'"{spot.number}"'), f"did you mean {float(spot.number):.12g}")


def percent_for_a_share(spot: Spot, chance: random.Random) -> Slip | None:
    is_share = (
        spot.about is not None and spot.about.unit.startswith(("share", "chance")) and spot.about.high == 1
    )
    if (
        not (is_share and spot.number and 0.02 < float(spot.number) <= 1)
        or spot.key == "share"
        or spot.table[:1] == ("segments",)
    ):
        return None
    percent = 100 * float(spot.number)
    return Slip(spot.text(value=f"{percent:.12g}"), f"did you mean {percent / 100:.12g}")


def a_decimal_where_a_whole_number_is_due(spot: Spot, chance: random.Random) -> Slip | None:
    is_whole = spot.about is not None and spot.about.type == "whole number" and spot.key != "tenfold"
    return (
        Slip(spot.text(value=f"{spot.number}.0"), f"did you mean {spot.number}")
        if is_whole and spot.number.isdigit()
        else None
    )


def yes_for_true(spot: Spot, chance: random.Random) -> Slip | None:
    if spot.value not in ("true", "false") or spot.about is None:
        return None
    said = {"true": ('"yes"', '"True"', "1"), "false": ('"no"', '"off"', "0")}[spot.value]
    return Slip(spot.text(value=chance.choice(said)), f"did you mean {spot.value}")


def out_of_range(spot: Spot, chance: random.Random) -> Slip | None:
    if (
        not spot.number
        or spot.about is None
        or spot.about.high is None
        or spot.key in ("tenfold", "share", "initial_share")
    ):
        return None
    wrong = chance.choice((f"{spot.about.high * 1000 + 1000:.12g}", "-777", "nan", "-inf", "1e999"))
    return Slip(spot.text(value=wrong))


def a_policy_misspelt(spot: Spot, chance: random.Random) -> Slip | None:
    if spot.key != "policy":
        return None
    name = re.findall(r'"(\w+)"', spot.value)[0]
    wrong = misspelt(name, chance)
    return (
        None if wrong in POLICIES else Slip(spot.text(value=spot.value.replace(name, wrong, 1)), f'"{name}"')
    )


def a_column_misspelt(spot: Spot, chance: random.Random) -> Slip | None:
    columns = [one for one in re.findall(r"\w+", spot.value) if one in DATABASE_COLUMNS and len(one) > 4]
    if spot.key != "if" or not columns:
        return None
    name = chance.choice(columns)
    wrong = misspelt(name, chance)
    is_known = wrong in DATABASE_COLUMNS or wrong in ("profits", "read")
    return None if is_known else Slip(spot.text(value=re.sub(rf"\b{name}\b", wrong, spot.value)), f'"{name}"')


def a_word_of_a_rule_misspelt(spot: Spot, chance: random.Random) -> Slip | None:
    words = [one for one in re.findall(r"\w+", spot.value) if one in STATUSES]
    if spot.key != "if" or not words:
        return None
    wrong = misspelt(words[0], chance)
    return (
        None
        if wrong in STATUSES
        else Slip(spot.text(value=spot.value.replace(words[0], wrong)), f'"{words[0]}"')
    )


def a_decision_misspelt(spot: Spot, chance: random.Random) -> Slip | None:
    names = re.findall(r"(\w+) =", spot.value) if spot.key == "then" else []
    long = [name for name in names if len(name) > 4]
    return (
        Slip(spot.text(value=spot.value.replace(long[0], misspelt(long[0], chance), 1)), f'"{long[0]}"')
        if long
        else None
    )


# ---------------------------------------------------------------- slips in TOML itself


def a_decimal_comma(spot: Spot, chance: random.Random) -> Slip | None:
    if "." not in spot.number or spot.key == "share":
        return None
    return Slip(spot.text(value=spot.number.replace(".", ",")), spot.number.lstrip("-"))


def a_percent_sign(spot: Spot, chance: random.Random) -> Slip | None:
    return (
        Slip(spot.text(value=f"{spot.number} %"), "as 0.")
        if spot.number.isdigit() and len(spot.number) == 2
        else None
    )


def a_word_without_quotes(spot: Spot, chance: random.Random) -> Slip | None:
    return Slip(spot.text(value=spot.word), f'"{spot.word}"') if spot.word else None


def a_quote_left_open(spot: Spot, chance: random.Random) -> Slip | None:
    return Slip(spot.text(value=f'"{spot.word}'), 'write " at the end') if spot.word else None


def a_colon_for_the_sign(spot: Spot, chance: random.Random) -> Slip | None:
    return Slip(spot.text(between=": "), "write =") if spot.number else None


def two_signs(spot: Spot, chance: random.Random) -> Slip | None:
    return Slip(spot.text(between=" == "), "write one =") if spot.number else None


def a_point_without_its_zero(spot: Spot, chance: random.Random) -> Slip | None:
    is_small = re.fullmatch(r"0\.\d+", spot.number or "")
    return Slip(spot.text(value=spot.number[1:]), spot.number) if is_small and spot.key != "share" else None


def a_brace_left_open(spot: Spot, chance: random.Random) -> Slip | None:
    return Slip(spot.text(value=spot.value[:-1].rstrip()), "}") if spot.value.startswith("{") else None


Maker = Callable[[Spot, random.Random], Slip | None]
IN_VALUES: tuple[Maker, ...] = (
    a_letter_in_a_name, a_name_in_camel_case, a_name_of_another_table, a_letter_in_a_word, a_number_in_quotes,
    percent_for_a_share, a_decimal_where_a_whole_number_is_due, yes_for_true, out_of_range, a_policy_misspelt,
    a_column_misspelt, a_word_of_a_rule_misspelt, a_decision_misspelt,
)  # fmt: skip
IN_TOML: tuple[Maker, ...] = (
    a_decimal_comma, a_percent_sign, a_word_without_quotes, a_quote_left_open, a_colon_for_the_sign, two_signs,
    a_point_without_its_zero, a_brace_left_open,
)  # fmt: skip
