"""Hostile rules: texts that try to escape, floods that try to keep the reader busy, and texts of a grammar."""

from __future__ import annotations

import ast
import contextlib
import random
import re
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sim.rules import MAX_CHARACTERS, RuleError, Words, compile_rule
from sim.scenario.database import vocabulary

VOCABULARY = vocabulary(("students", "regulars"))

ESCAPES = r'''
spent.__class__ ¦ spent.real > 1 ¦ (1).__class__ ¦ ().__class__.__bases__ ¦ 1..real > 1 ¦ True.__class__
min.__self__ ¦ spent .  real > 1 ¦ (spent).__array_interface__ ¦ spent.tofile(status) ¦ spent.dump(1)
abs(spent).tofile(social) ¦ spent[0] > 1 ¦ spent[::2] > 1 ¦ [spent][0] ¦ {1: 2}[1] ¦ spent[status == lost]
min[0] ¦ [1] == [1] ¦ spent[...] > 1 ¦ __import__(os) ¦ __import__("os").system("id") ¦ eval(spent)
exec(spent) ¦ compile(spent) ¦ open(spent) ¦ print(spent) ¦ getattr(spent, real) ¦ setattr(spent, 1)
globals() ¦ locals() ¦ vars() ¦ dir() ¦ type(spent) ¦ input() ¦ breakpoint() ¦ help(spent) ¦ exit() ¦ quit()
sum(spent) > 1 ¦ len(spent) > 1 ¦ any(social) ¦ round(spent) > 1 ¦ pow(2, 9) > 1 ¦ min(1, key=abs) > 1
min(*spent) > 1 ¦ min(1, *spent) > 1 ¦ min(**spent) > 1 ¦ min(1, 2, default=0) > 1 ¦ min()() > 1
(min if social else max)(1, 2) > 1 ¦ min(1, 2)(3) > 1 ¦ spent(1) > 1 ¦ status(1) ¦ lapsed() ¦ (min)(max) > 1
abs(abs)(1) ¦ lambda: 1 ¦ (lambda x: x)(1) ¦ [x for x in spent] ¦ (x for x in spent) ¦ {x for x in spent}
min(x for x in spent) > 1 ¦ (x := 1) > 0 ¦ social or (y := 2) ¦ import os ¦ from os import system
import os; social ¦ social; import os ¦ def f(): pass ¦ class A: pass ¦ del spent ¦ global spent ¦ pass
return social ¦ yield social ¦ (yield) ¦ (yield from spent) ¦ await spent ¦ async x ¦ raise spent
assert social ¦ with spent: 1 ¦ match spent ¦ type x = 1 ¦ print spent ¦ exec spent ¦ f"{spent}"
f"{__import__('os')}" ¦ "a" == "a" ¦ 'a' < 'b' ¦ b"a" == b"a" ¦ r"\x" == 1 ¦ """a""" == 1 ¦ t"{spent}"
status == "lapsed" ¦ status == 'lost' or 1 ¦ `id` ¦ $(id) ¦ ${HOME} == 1 ¦ spent > 1 # comment ¦ spent > 1 \
@spent ¦ spent @ spent > 1 ¦ spent % 2 == 1 ¦ spent // 2 == 1 ¦ spent << 2 > 1 ¦ spent >> 2 > 1 ¦ spent | 1
spent & 1 ¦ spent ^ 1 ¦ ~spent > 1 ¦ spent ** 2 > 1 ¦ spent <> 1 ¦ spent is 1 ¦ spent is not None ¦ None
None == None ¦ ... ¦ ... == ... ¦ spent? ¦ 1j == 1j ¦ 1e400 > 1 ¦ 0x10 > 1 ¦ 0b11 > 1 ¦ 0o17 > 1 ¦ 1_0 > 1
1if social else 2 ¦ 1or 2 ¦ 0777 > 1 ¦ 1e5j > 1 ¦ 1.e > 1 ¦ () ¦ (1, 2) ¦ social, social ¦ social,
(social,) == (social,) ¦ *spent ¦ *spent, ¦ **spent ¦ {} ¦ [] ¦ {1} ¦ {**spent} ¦ 1) or (2
social) or (social ¦ ) ¦ ( ¦ )( ¦ social)(social ¦ spent > 1) # ( ¦ social if social ¦ if social: 1
spent -> 1 ¦ ｓｐｅｎｔ > 1 ¦ ｅｖａｌ(spent) ¦ ＿＿import＿＿(spent) ¦ 𝓼𝓹𝓮𝓷𝓽 > 1 ¦ 𝐬𝐨𝐜𝐢𝐚𝐥 ¦ sреnt > 1
ѕpent > 1 ¦ spеnt > 1 ¦ ªbs(spent) > 1 ¦ spent．real > 1 ¦ spent > １ ¦ spent > ٣ ¦ spent > ² ¦ spent ＞ 1
spent ≥ 1 ¦ spent × 2 > 1 ¦ spent – 2 > 1 ¦ spent > 1； social ¦ status == ｌａｐｓｅｄ ¦ status == “lapsed”
status == «lost» ¦ ﬁ > 1 ¦ ſocial ¦ Ⅷ > 1 ¦ spent > ½ ¦ sociaḷ
'''
UNSEEN = (
    "social\nimport os|social\0|\0|\0social|social\x0c|\x1asocial|\ufeffsocial|social\u202e|social\xa0"
    "|so\u200bcial|\ud800|\u212a > 1"
)
NAMES = ["nan == nan", "inf > 1", "__debug__ > 1", "__builtins__ == 1", "Ellipsis == 1", "min == max"]
WRITTEN = [text for line in ESCAPES.strip().splitlines() for text in line.split(" ¦ ")]
ATTEMPTS = [*WRITTEN, *UNSEEN.split("|"), *NAMES]

FLOODS = [
    "9**9**9", "9**9**9 > 1", "(" * 250 + ")" * 250, "(" * 499, "(" * 25 + "1" + ")" * 25, ")" * 499,
    "[" * 499, "{" * 499, "-" * 499 + "1", "+" * 499 + "1", "~" * 499 + "1", "not " * 124 + "True",
    "- " * 249 + "1", "-+" * 240 + "1 > 1", "9" * 500, "9" * 5000, "9" * 1_000_000, "1e" + "9" * 490,
    "." * 500, "0" * 499 + "1 > 0 0", "1." * 250, "_" * 500, "1" + "+1" * 249, "1" + "*1" * 200 + " > 1",
    "1" + "/0" * 200 + " > 1", "spent" + "-spent" * 80 + "> 1", "1" + "<1" * 240, "True" + " or 1" * 99,
    "True" + " and True" * 54 + " and", "1" + "==1" * 150, "True,True," * 50, "a " * 250,
    "min(" * 124 + ")" * 4, "min(1," * 83, "min(" * 24 + "1,1" + ")" * 24, "abs(" * 99 + "1" + ")" * 99,
    "min(" + "1," * 240 + "1)>1", "1 if True else " * 33 + "1",
    "(1 if True else " * 24 + "1" + ")" * 24 + ">1", "True if " * 62, "a if b else " * 41 + "c",
    "status in (" + "lapsed," * 69, "status in (" + "lapsed," * 69 + "lost", "status == " + "lapse" * 98,
    "status==lost==" * 35 + "lost", "spen" * 125, "spen " * 100, "x" * 1_000_000, " " * 1_000_000, "\n" * 500,
    "'" * 500, "status '" * 62, "\\" * 500, "\0" * 500, "lambda:" * 71, "f(" * 24 + "1" + ")" * 24,
    "((1,1)," * 20 + "1" + ")" * 20, "é" * 500, "\U0001f600" * 500, "not in " * 71, "1 <" * 166,
    "1 not in (" * 24 + "1" + ")" * 24, "((True)and" * 24 + "(1)" + ")" * 24, "spent > 1 " + "and " * 120,
    "in " * 160,
]  # fmt: skip

# ---------------------------------------------------------------- texts of a grammar

_GRAMMAR = {
    "rule": (
        "{test}", "{test}", "{test} and {test}", "{test} or {test}", "not {test}", "({rule})", "{test}", "{rule} {junk}", "{junk}",
    ),
    "test": (
        "{number} {sign} {number}", "{number} {sign} {number}", "{number} {sign} {number} {sign} {number}", "{words} == {word}",
        "{words} in ({word}, {word})", "{word} != {words}", "({rule})", "True", "{test} if {test} else {test}", "{evil}",
    ),
    "number": (
        "{column}", "{column}", "{column}", "{column}", "{constant}", "{constant}", "{number} {operator} {number}", "-{number}",
        "min({number}, {number})", "abs({number})", "max({number}, {constant}, {number})", "({number} if {test} else {number})",
        "({number})", "{column}", "{constant}", "{evil}",
    ),
    "column": ("spent", "profit", "tenure", "frequency", "clv", "value_rank", "margin", "identified", "reads", "status"),
    "words": ("status", "status", "permission", "segment_guess", "{column}"),
    "word": ("lapsed", "lost", "active", "prospect", "lapsed", "lost", "opted_in", "students", "spent", "lapse"),
    "constant": (
        "0", "1", "2.5", ".5", "3.", "1e3", "1e15", "1E-3", "12", "100", "1e16", "9999999999999999999999999", "0x10", "1_0", "1j", "nan",
    ),
    "sign": ("<", "<=", ">", ">=", "==", "!=", "<", ">", "=", "is", "in", "<>"),
    "operator": ("+", "-", "*", "/", "+", "-", "*", "/", "**", "//", "%", "@", "<<", "|", "and"),
    "evil": (
        "{column}.__class__", "{column}[{number}]", "__import__('os')", "eval({number})", "(lambda: {number})()", "[x for x in {column}]",
        "{column}.real", "open({word})", "f'{lb}{column}{rb}'", "({column} := {number})", "globals()", "{lb}{number}{rb}",
        "({number}, {number})", "getattr({column}, {word})", "min(*{column})", "min({number}, key=abs)", "'{word}'", "`{word}`",
        "{column}()", "...", "None", "{column} if {column}", "{word}.{word}", "print({number})", "{column}'s",
    ),
    "lb": ("{",), "rb": ("}",),
    "junk": ("#", ";", "\\", "\n", "\x00", "import os", "{evil}", ")", "(", ",", "if", "else", "ｓpent", "\u202e", "=", "'"),
}  # fmt: skip
"""Texts that look like rules: about one in eight is one, the others go wrong somewhere."""

_MOST_STEPS = 60


def texts(n: int, seed: int = 1) -> Iterator[str]:
    """So many texts of the grammar."""
    chance = random.Random(seed)
    for _ in range(n):
        left = _MOST_STEPS
        pieces, todo = [], ["{rule}"]
        while todo:
            piece = todo.pop()
            if piece[:1] != "{" or piece[1:-1] not in _GRAMMAR:
                pieces.append(piece)
                continue
            ways = _GRAMMAR[piece[1:-1]]
            way = ways[int(chance.random() * len(ways))] if left > 0 else ways[0]
            left -= 1
            todo.extend(reversed(_parts_of(way)))
        yield "".join(pieces)


_split: dict[str, list[str]] = {}


def _parts_of(way: str) -> list[str]:
    """A production's literals and names, in order."""
    if way not in _split:
        _split[way] = [part for part in re.split(r"(\{\w+\})", way) if part]
    return _split[way]


# ---------------------------------------------------------------- what may pass, by another way than the reader's

_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.IfExp,
    ast.Call, ast.Name, ast.Load, ast.Constant, ast.Tuple,
)  # fmt: skip
_NAMES = {
    *VOCABULARY, "min", "max", "abs",
    *(word for kind in VOCABULARY.values() if isinstance(kind, Words) for word in kind.written),
}  # fmt: skip


def is_harmless(text: str) -> bool:
    """Whether a text that became a rule says nothing but what rules may say: known names, numbers, signs."""
    if len(text) > MAX_CHARACTERS or not all(
        c.isascii() and (c.isprintable() or c in "\t\r\n") for c in text
    ):
        return False
    for node in ast.walk(ast.parse("(" + text.replace("\r", " ") + ")", mode="eval")):
        is_known = isinstance(node, _ALLOWED)
        if isinstance(node, ast.Name):
            is_known = node.id in _NAMES
        elif isinstance(node, ast.Constant):
            is_known = isinstance(node.value, (bool, int, float))
        elif isinstance(node, ast.Call):
            is_known = (
                isinstance(node.func, ast.Name)
                and node.func.id in ("min", "max", "abs")
                and not node.keywords
            )
        if not is_known:
            return False
    return True


class Found(NamedTuple):
    """What became of texts: how many, how many are rules, those that should not be, those that raised
    something else, and the slowest (CPU seconds, and the text)."""

    texts: int
    rules: int
    through: list[str]
    crashes: list[str]
    worst_seconds: float
    slowest: str


def attack(given: Iterable[str]) -> Found:
    """Read texts as rules. What is slow is timed again: the least of five is its time."""
    n = rules = 0
    worst, slowest = 0.0, ""
    through, crashes = [], []
    for text in given:
        n += 1
        began = time.thread_time()
        try:
            compile_rule(text, VOCABULARY)
            rules += 1
            if not is_harmless(text):
                through.append(text)
        except RuleError:
            pass
        except Exception as error:
            crashes.append(f"{text!r}: {error!r}")
        if time.thread_time() - began > worst and (seconds := _seconds(text)) > worst:
            worst, slowest = seconds, text
    return Found(n, rules, through, crashes, worst, slowest)


def _seconds(text: str) -> float:
    taken = []
    for _ in range(5):
        began = time.thread_time()
        with contextlib.suppress(RuleError):
            compile_rule(text, VOCABULARY)
        taken.append(time.thread_time() - began)
    return min(taken)
