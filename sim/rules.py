"""Conditions of decision rules, `if = "status == lapsed and spent > 60"`, over whole columns at once.

A text is scanned, parsed into Python's syntax tree, checked against a short list of what a rule may say, and
turned into steps for NumPy. It is never run as Python: what is not on the list does not exist. One fault is
reported for a text, the first one met, with its column.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from math import inf
from typing import Any, Final

import numpy as np

MAX_CHARACTERS: Final = 500
MAX_PARTS: Final = 120
MAX_DEPTH: Final = 24
MAX_NUMBER: Final = 1e15


@dataclass(frozen=True)
class Number:
    """A column of numbers; unit and range are for the reader, a rule may compare it with any number."""

    unit: str = ""
    low: float = -inf
    high: float = inf


@dataclass(frozen=True)
class YesNo:
    """A column of yes and no, held as booleans or as 0 and 1."""


@dataclass(frozen=True)
class Words:
    """A column of codes 0, 1, …, which people read and write as words."""

    words: tuple[str, ...]

    @property
    def written(self) -> tuple[str, ...]:
        """The words as a rule writes them, by code: `no-frills` is `no_frills`."""
        return tuple(re.sub(r"\W", "_", word, flags=re.ASCII) for word in self.words)


Kind = Number | YesNo | Words


class RuleError(ValueError):
    """A text that is no rule: the column of the fault (from 1), the problem, what stood there, the cure."""

    def __init__(self, column: int, problem: str, got: str, cure: str, where: str = "") -> None:
        shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in got[:40])
        stood = f'"{shown}{"…" * (len(got) > 40)}"' if got else "nothing"
        super().__init__(f"{where}{': ' * bool(where)}column {column}: {problem} (got {stood}); {cure}")
        self.column, self.problem, self.got, self.cure, self.where = column, problem, got, cure, where

    def __reduce__(self) -> tuple[Any, ...]:
        return RuleError, (self.column, self.problem, self.got, self.cure, self.where)


@dataclass(frozen=True)
class Rule:
    """A checked condition: plain data, made by `compile_rule`, called with columns.

    Attributes
    ----------
    text : str
        The condition as written.
    columns : tuple of str
        Names of the columns that it uses, in the order of their first use.
    """

    text: str
    columns: tuple[str, ...]
    _dtypes: tuple[Any, ...]
    _steps: tuple[tuple[Any, Any], ...]

    def __call__(self, columns: Mapping[str, Any]) -> np.ndarray:
        """Tell for which customers the condition holds.

        Arithmetic is in float64; division by zero gives an infinity or NaN, and min and max of NaN are NaN.
        A comparison with NaN is no, also `!=`: what is unknown is not different.

        Parameters
        ----------
        columns : mapping of str to 1-D array, all of one length
            Only the columns that the rule uses are looked up, each once; for a rule that uses none (`True`),
            the first of the mapping is, for its length.

        Returns
        -------
        1-D array of bool, of the columns' length; never one of the columns themselves.
        """
        arrays = {name: np.asarray(columns[name]) for name in self.columns}
        lengths = {len(array) for array in arrays.values()} or {len(columns[next(iter(columns))])}
        if len(lengths) > 1:
            raise ValueError(
                f"the columns {', '.join(arrays)} have lengths {sorted(lengths)}: make them equal"
            )
        holds = np.empty(lengths.pop(), bool)
        types = dict(zip(arrays, self._dtypes, strict=True))
        with np.errstate(all="ignore"):
            for start in range(0, len(holds), _BLOCK):
                rows = slice(start, start + _BLOCK)
                part = {
                    name: a[rows].astype(types[name] or a.dtype, copy=False) for name, a in arrays.items()
                }
                holds[rows] = _work(self._steps, part)
        return holds


def compile_rule(text: str, vocabulary: Mapping[str, Kind], *, where: str = "") -> Rule:
    """Read the condition of a decision rule.

    Parameters
    ----------
    text : str
        Column names, numbers, + - * /, comparisons (also chained), and, or, not, `a if c else b`, min, max,
        abs, True, False; bare words of a column's own vocabulary beside == and !=, and in
        `status in (lapsed, lost)`. At most 500 characters, 120 parts, 24 deep; numbers up to 1e15.
    vocabulary : mapping of str to Number, YesNo or Words
        The columns that there are.
    where : str
        Where the text stands, for the message (`firms.Corner.rules[0].if`).

    Raises
    ------
    RuleError
        The text is anything else, or not a yes/no.
    """
    reader = _Reader(text, vocabulary, where)
    reader.scan()
    reader.expect(reader.parse(), YesNo)
    dtypes = {Number: np.float64, YesNo: np.bool_, Words: None}
    kinds = tuple(dtypes[type(vocabulary[name])] for name in reader.columns)
    return Rule(text, tuple(reader.columns), kinds, tuple(reader.steps))


# ---------------------------------------------------------------- work

_BLOCK: Final = 32_768  # rows at a time: intermediate results stay in the processor's cache


def _differ(a: Any, b: Any) -> Any:
    return np.less(a, b) | np.greater(a, b)  # unlike NumPy's !=, no for NaN


def _compare(signs: tuple[str, ...], values: list[Any]) -> Any:
    return reduce(np.logical_and, map(lambda sign, a, b: _SIGNS[sign](a, b), signs, values, values[1:]))


def _among(column: Any, *codes: int) -> Any:
    return reduce(np.logical_or, [np.equal(column, code) for code in codes])


_SIGNS: Final[dict[str, Callable[..., Any]]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": _differ,
}  # fmt: skip
_STEPS: Final[dict[str, Callable[..., Any]]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "abs": np.abs,
    "plus": np.positive, "negate": np.negative,
    # + 0.0: which of 0.0 and -0.0 is the smaller depends on the place in the array, and 1/0.0 on the sign.
    "min": lambda *values: reduce(np.minimum, values) + 0.0,
    "max": lambda *values: reduce(np.maximum, values) + 0.0,
    "and": lambda *values: reduce(np.logical_and, values),
    "or": lambda *values: reduce(np.logical_or, values),
    "not": np.logical_not, "if": np.where, "in": _among,
}  # fmt: skip


def _work(steps: tuple[tuple[Any, Any], ...], columns: Mapping[str, Any]) -> Any:
    """Take the steps in turn: push a column or a constant, or replace the last `n` values by their result."""
    stack: list[Any] = []
    for step, n in steps:
        if step in ("column", "constant"):
            stack.append(columns[n] if step == "column" else n)
        else:
            values = stack[-n:]
            stack[-n:] = [_compare(step, values) if isinstance(step, tuple) else _STEPS[step](*values)]
    return stack[0]


# ---------------------------------------------------------------- read

_TOKEN: Final = re.compile(
    r"(?P<blank> +)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>\*\*|//|<<|>>|->|[<>=!]=|[-+*/<>(),])"
)
_BETWEEN: Final = ("and", "or", "if", "else", "in")  # stand between two values, as the signs do
_ABSENT: Final = {*keyword.kwlist, "**", "//", "<<", ">>", "->"} - {*_BETWEEN, "not", "True", "False"}
_LANGUAGE: Final = (
    "rules have columns, numbers, + - * /, comparisons, and, or, not, if-else, in, min, max, abs"
)
_CURES: Final = {
    "=": "write == for equal", "!": "write not, or !=", "&": "write and", "|": "write or", "~": "write not",
    "is": "write ==", "yes": "write True", "no": "write False", "%": "write a share as a number: 0.15",
    "**": "there is no power: write x * x", "//": "write /", "[": "write words in (…)",
    "Tuple": "commas stand in min(…), max(…) and after in",
}  # fmt: skip
_EXAMPLE: Final = "write for example spent > 100"
_SHORTER: Final = "make two rules of it"
_SIGN_OF: Final[dict[type, str]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.UAdd: "plus", ast.USub: "negate", ast.And: "and", ast.Or: "or", ast.Not: "not",
}  # fmt: skip
_TAKES: Final = {"min": (2, MAX_PARTS), "max": (2, MAX_PARTS), "abs": (1, 1)}


def _nearest(name: str, choices: Iterable[str], otherwise: str) -> str:
    lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(name.lower()[:60], lower, n=1)
    return f'did you mean "{lower[near[0]]}"?' if near else otherwise


def _ends_value(token: str) -> bool:
    return token not in (*_BETWEEN, "not") and (token[-1].isalnum() or token[-1] in ")_.")


def _parts(node: ast.AST) -> list[ast.expr]:
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


class _Reader:
    """One text on its way to a rule: raises its first fault, or fills `columns` and `steps`."""

    def __init__(self, text: str, vocabulary: Mapping[str, Kind], where: str) -> None:
        self.vocabulary, self.where = vocabulary, where
        self.columns: dict[str, None] = {}  # an ordered set
        self.steps: list[tuple[Any, Any]] = []
        if not isinstance(text, str):
            raise self.fault(1, "a condition is a text in quotation marks", _EXAMPLE, type(text).__name__)
        if len(text) > MAX_CHARACTERS:
            problem = f"a rule has at most {MAX_CHARACTERS} characters"
            raise self.fault(MAX_CHARACTERS + 1, problem, _SHORTER, f"{len(text)} characters")
        # Line breaks are blanks; and in brackets, a node's offset is its column in the text, counted from 1.
        self.text = "(" + re.sub(r"[\t\r\n]", " ", text) + ")"

    def fault(self, at: ast.expr | int, problem: str, cure: str, got: str = "") -> RuleError:
        if isinstance(at, ast.expr):
            got, at = self.source(at), max(at.col_offset, 1)
        return RuleError(at, problem, got, cure, self.where)

    def source(self, node: ast.expr) -> str:
        return self.text[1:-1][max(node.col_offset - 1, 0) : (node.end_col_offset or 0) - 1]

    def words_of(self, column: str) -> str:
        return f"the words of {column} are {', '.join(self.vocabulary[column].written)}"  # type: ignore[union-attr]

    # Before the parser sees the text: its characters, numbers, brackets, and values and signs taking turns.
    # All is ASCII then: Python finds no letters to normalise, and an offset in bytes is one in characters.

    def scan(self) -> None:
        at, end, last, opened = 1, len(self.text) - 1, "(", []
        while at < end:
            match = _TOKEN.match(self.text, at, end)
            if match is None:
                raise self.strange(at, self.text[at])
            if match.lastgroup != "blank":
                self.check_token(match, last)
                last = match.group()
                if last == "(":
                    opened.append(at)
                elif last == ")" and not opened:
                    raise self.fault(at, "this bracket was never opened", "take it away", last)
                elif last == ")":
                    opened.pop()
                if len(opened) > MAX_DEPTH:
                    raise self.fault(at, f"brackets are at most {MAX_DEPTH} deep", _SHORTER, last)
            at = match.end()
        if not _ends_value(last):
            raise self.fault(end, "a value is missing at the end", _EXAMPLE)
        if opened:
            raise self.fault(opened[-1], "this bracket is never closed", "write ) where it ends", "(")

    def check_token(self, match: re.Match[str], last: str) -> None:
        token, at, after = match.group(), match.start(), self.text[match.end()]
        if token in _ABSENT:
            raise self.fault(at, f'"{token}" is not part of rules', _CURES.get(token, _LANGUAGE), token)
        if match.lastgroup == "number" and (after.isalpha() or after == "_"):
            cure = "write numbers as 1000, 0.5 or 1e3, and a blank after them"
            raise self.fault(at, "a letter follows a number", cure, token + after)
        if match.lastgroup == "number" and not float(token) <= MAX_NUMBER:
            raise self.fault(at, f"numbers are at most {MAX_NUMBER:g}", "write a smaller one", token)
        starts = match.lastgroup in ("number", "name") and token not in _BETWEEN
        if _ends_value(last) and starts and token != "not":
            raise self.fault(at, "a sign is missing before this", "write and, or, ==, > or another", token)
        if not (_ends_value(last) or starts or token in "(-+" or (last, token) == ("not", "in")):
            raise self.fault(at, "a value is missing before this", _EXAMPLE, token)

    def strange(self, at: int, character: str) -> RuleError:
        if character not in "\"'`":
            cure = "names have the letters a to z, digits and _" if character.isalnum() else _LANGUAGE
            return self.fault(at, "this is not part of rules", _CURES.get(character, cure), character)
        before, after = (re.findall(r"\w+", part, re.ASCII) for part in (self.text[:at], self.text[at:]))
        owners = [name for name in (*before[::-1], *after) if isinstance(self.vocabulary.get(name), Words)]
        cure = "words stand bare" + (f"; {self.words_of(owners[0])}" if owners else "")
        return self.fault(at, "quotation marks are not part of rules", cure, self.text[at:-1])

    def parse(self) -> ast.expr:
        try:
            tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            at = min(max((getattr(error, "offset", None) or 2) - 1, 1), len(self.text) - 1)
            raise self.fault(at, "this is not a whole condition", _LANGUAGE, self.text[at:-1]) from None
        todo, n = [(tree, 1)], 0
        while todo:
            node, depth = todo.pop()
            n += 1
            if n > MAX_PARTS or depth > MAX_DEPTH:
                law = f"has at most {MAX_PARTS} parts" if n > MAX_PARTS else f"is at most {MAX_DEPTH} deep"
                raise self.fault(node, f"a rule {law}", _SHORTER)
            todo.extend((part, depth + 1) for part in reversed(_parts(node)))
        return tree

    # The tree, part by part: each adds its steps, and says whether it is a number or a yes/no.

    def expect(self, node: ast.expr, kind: type[Number | YesNo]) -> Number | YesNo:
        found, source = self.value(node), self.source(node)
        if isinstance(found, kind):
            return found
        if kind is YesNo:
            raise self.fault(node, "this is a number, not a yes/no", f"compare it: {source} > 0")
        raise self.fault(node, "this is a yes/no, not a number", f"as a number: (1 if {source} else 0)")

    def value(self, node: ast.expr) -> Number | YesNo:
        if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.BoolOp)):
            parts, kind = _parts(node), YesNo if isinstance(node.op, (ast.And, ast.Or, ast.Not)) else Number
            for part in parts:
                self.expect(part, kind)
            self.steps.append((_SIGN_OF[type(node.op)], len(parts)))
            return kind()
        read: Callable[[Any], Number | YesNo] | None = getattr(self, f"read_{type(node).__name__}", None)
        if read is None:
            cure = _CURES.get(type(node).__name__, _LANGUAGE)
            raise self.fault(node, "this is not part of rules", cure)
        return read(node)

    def read_Constant(self, node: ast.Constant) -> Number | YesNo:
        is_flag = isinstance(node.value, bool)
        self.steps.append(("constant", (np.bool_ if is_flag else np.float64)(node.value)))
        return YesNo() if is_flag else Number()

    def read_Name(self, node: ast.Name) -> Number | YesNo:
        name, kind = node.id, self.vocabulary.get(node.id)
        if isinstance(kind, Words):
            problem = f"{name} holds words: no yes/no, no number, no order"
            raise self.fault(node, problem, f"compare it with a word; {self.words_of(name)}")
        if kind is None:
            raise self.unknown(node, name)
        self.push(name)
        return kind

    def push(self, column: str) -> None:
        self.columns[column] = None
        self.steps.append(("column", column))

    def unknown(self, node: ast.Name, name: str) -> RuleError:
        for column, kind in self.vocabulary.items():
            if isinstance(kind, Words) and name in kind.written:
                cure = f"write {column} == {name}; {self.words_of(column)}"
                return self.fault(node, f'"{name}" is a word of {column}, not a column', cure)
        cure = _CURES.get(name, "the columns are " + ", ".join(self.vocabulary))
        cure = _nearest(name, (*self.vocabulary, "True", "False"), cure)
        return self.fault(node, f'"{name[:40]}" is not a column', cure)

    def read_IfExp(self, node: ast.IfExp) -> Number | YesNo:
        self.expect(node.test, YesNo)
        kind = self.value(node.body)
        self.expect(node.orelse, type(kind))
        self.steps.append(("if", 3))
        return kind

    def read_Call(self, node: ast.Call) -> Number:
        name, n = self.source(node.func), len(node.args)
        if name not in _TAKES:
            cure = _nearest(name, _TAKES, "the functions are min, max and abs")
            raise self.fault(node.func, "this is not a function of rules", cure)
        fewest, most = _TAKES[name]
        if not fewest <= n <= most:
            cure = f"write {name}(x)" if most == 1 else f"write {name}(x, y), two values or more"
            raise self.fault(node, f"{name} does not take {n} value{'s' * (n != 1)}", cure)
        for part in node.args:
            self.expect(part, Number)
        self.steps.append((name, n))
        return Number()

    def read_Compare(self, node: ast.Compare) -> YesNo:
        sides, signs = _parts(node), tuple(_SIGN_OF[type(op)] for op in node.ops)
        owners = [name for name in map(self.source, sides) if isinstance(self.vocabulary.get(name), Words)]
        if owners or "in" in signs or "not in" in signs:
            return self.compare_words(node, sides, signs, owners)
        kinds = [self.value(side) for side in sides]
        for i, sign in enumerate(signs):
            flags = [sides[j] for j in (i, i + 1) if isinstance(kinds[j], YesNo)]
            if len(flags) == 1:
                cure = "write {0} or not {0}".format(self.source(flags[0]))
                raise self.fault(flags[0], "this is a yes/no, compared with a number", cure)
            if flags and sign not in ("==", "!="):
                raise self.fault(flags[0], "yes and no have no order", "compare them with == or !=")
        self.steps.append((signs, len(sides)))
        return YesNo()

    def compare_words(
        self, node: ast.Compare, sides: list[ast.expr], signs: tuple[str, ...], owners: list[str]
    ) -> YesNo:
        """Read `status == lapsed`, `lapsed == status` or `status in (lapsed, lost)`."""
        (column, right), other = map(self.source, sides[:2]), sides[1]
        if not owners or ("in" in signs[0] and column not in owners):
            self.value(sides[0])  # a name that is none is the nearer fault
            raise self.fault(node, "in is for words", "write 1 < x < 5, or x == 1 or x == 2")
        if len(signs) > 1 or signs[0] not in ("==", "!=", "in", "not in"):
            problem = "words have no order; they are compared with ==, != or in, one at a time"
            raise self.fault(node, problem, self.words_of(owners[0]))
        if column not in owners or (right in owners and column in self.vocabulary[right].written):  # type: ignore[union-attr]
            column, other = right, sides[0]
        self.push(column)
        written = self.vocabulary[column].written  # type: ignore[union-attr]
        words = other.elts if "in" in signs[0] and isinstance(other, ast.Tuple) else [other]
        for word in words:
            name = self.source(word)
            if name not in written:
                cure = f"{_nearest(name, written, '')} {self.words_of(column)}".strip()
                raise self.fault(word, f"this is not a word of {column}", cure)
            self.steps.append(("constant", written.index(name)))
        self.steps.append(("in", len(words) + 1))
        self.steps += [("not", 1)] * (signs[0] in ("!=", "not in"))
        return YesNo()
