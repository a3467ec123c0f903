"""Laws of rule expressions: what they mean, what they refuse, where they say the fault is."""

from __future__ import annotations

import ast
import math
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from attacks.rules import ATTEMPTS, FLOODS, NAMES, attack, is_harmless, texts

import sim.rules
from sim.rules import Number, Rule, RuleError, Words, YesNo, compile_rule

pytestmark = pytest.mark.once

VOCABULARY = {
    "status": Words(("prospect", "active", "lapsed", "lost")),
    "permission": Words(("none", "opted_in", "confirmed", "opted_out")),
    "segment_guess": Words(("students", "no-frills")),
    "spent": Number("EUR", 0.0),
    "profit": Number("EUR"),
    "months_since_purchase": Number("months", 0.0),
    "value_rank": Number("", 0.0, 1.0),
    "social": YesNo(),
    "structural": YesNo(),
}
ODD = [0.0, -0.0, 1.0, -1.0, 2.5, 1e15, -1e308, 1e308, 1e-320, math.inf, -math.inf, math.nan]
ROWS = 24


def rows() -> dict[str, np.ndarray]:
    """A few customers, with every odd number beside every other kind of value."""
    draw = np.random.default_rng(7)
    numbers = {
        name: draw.permutation(ODD * 2) for name, kind in VOCABULARY.items() if isinstance(kind, Number)
    }
    codes = {"status": 4, "permission": 4, "segment_guess": 2, "social": 2, "structural": 2}
    whole = {name: draw.integers(0, n, ROWS).astype(np.uint8) for name, n in codes.items()}
    return {**numbers, **whole, "structural": whole["structural"] == 1}


COLUMNS = rows()


def holds(text: str, **columns: object) -> list[bool]:
    given_columns = {name: np.atleast_1d(value) for name, value in columns.items()}
    return compile_rule(text, VOCABULARY)(given_columns).tolist()


def fault(text: object) -> RuleError:
    with pytest.raises(RuleError) as caught:
        compile_rule(text, VOCABULARY)  # type: ignore[arg-type]
    return caught.value


# ---------------------------------------------------------------- the meaning: row by row, by Python itself


class Real(float):
    """A float with the division and comparisons that rules promise."""

    def __truediv__(self, other: float) -> Real:
        a, b = float(self), float(other)
        if b:
            return Real(a / b)
        return Real(math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b))

    def __ne__(self, other: object) -> bool:
        return self < other or self > other  # type: ignore[operator]

    __hash__ = float.__hash__


for _name in ("add", "sub", "mul", "neg", "pos", "abs"):
    _plain = getattr(float, f"__{_name}__")
    setattr(Real, f"__{_name}__", lambda *values, _plain=_plain: Real(_plain(*values)))


class RealConstants(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return node if isinstance(node.value, bool) else ast.Call(ast.Name("Real", ast.Load()), [node], [])


def extreme(choose):
    def of(*values):
        plain = [float(value) for value in values]
        return Real(math.nan if any(map(math.isnan, plain)) else choose(plain) + 0.0)

    return of


def row_by_row(text: str, columns: dict[str, np.ndarray]) -> list[bool]:
    """What Python makes of the text, one customer at a time (only for texts made here)."""
    tree = ast.fix_missing_locations(RealConstants().visit(ast.parse(text.strip(), mode="eval")))
    code = compile(tree, "rule", "eval")
    names = {"Real": Real, "min": extreme(min), "max": extreme(max), "abs": abs, "__builtins__": {}}
    kinds = {Words: int, YesNo: bool, Number: Real}
    for kind in VOCABULARY.values():
        names |= {word: i for i, word in enumerate(kind.written)} if isinstance(kind, Words) else {}
    kind_of = {name: kinds[type(VOCABULARY[name])] for name in columns}
    customers = [{name: kind_of[name](column[i]) for name, column in columns.items()} for i in range(ROWS)]
    return [eval(code, names | customer) for customer in customers]


NUMBERS = [name for name, kind in VOCABULARY.items() if isinstance(kind, Number)]
WORDS = [name for name, kind in VOCABULARY.items() if isinstance(kind, Words)]


@st.composite
def numeric(draw, depth=3):
    """A number: its operands sometimes in brackets, so that precedence is Python's to decide."""
    how = draw(st.integers(0, 6 if depth else 1))
    if how == 0:
        return draw(st.sampled_from(NUMBERS))
    if how == 1:
        return draw(st.sampled_from(["0", "1", "2.5", ".5", "3.", "1e3", "1e15", "1E-3"]))
    a, b = draw(numeric(depth=depth - 1)), draw(numeric(depth=depth - 1))
    if how == 2:
        return f"{draw(st.sampled_from(['min', 'max']))}({a}, {b})"
    if how == 3:
        return draw(st.sampled_from(["abs({})", "-{}", "+{}", "(-{})", "({})"])).format(a)
    if how == 4:
        return f"({a} if {draw(condition(depth=depth - 1))} else {b})"
    b = draw(st.sampled_from(["{}", "({})"])).format(b)
    return a + draw(st.sampled_from([" + ", "-", " * ", "/"])) + b


@st.composite
def condition(draw, depth=3):
    how = draw(st.integers(0, 7 if depth else 3))
    if how == 0:
        flags = ["social", "structural", "True", "False", "social == structural", "social != True"]
        return draw(st.sampled_from(flags))
    if how == 1:
        column = draw(st.sampled_from(WORDS))
        words = st.sampled_from(VOCABULARY[column].written)
        some = ", ".join(draw(st.lists(words, min_size=2, max_size=3)))
        forms = ["{0} == {1}", "{1} == {0}", "{0} != {1}", "{0} in ({2})", "{0} not in ({2})"]
        return draw(st.sampled_from(forms)).format(column, draw(words), some)
    if how in (2, 3):
        signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
        sides = [draw(numeric(depth=max(depth - 2, 0))) for _ in range(draw(st.integers(2, 4)))]
        return sides[0] + "".join(f" {draw(signs)} {side}" for side in sides[1:])
    a, b = draw(condition(depth=depth - 1)), draw(condition(depth=depth - 1))
    if how == 4:
        return draw(st.sampled_from(["not {}", "not({})", "({})"])).format(a)
    if how == 5:
        return f"({a} if {draw(condition(depth=depth - 1))} else {b})"
    return f"{a} {draw(st.sampled_from(['and', 'or']))} {draw(st.sampled_from(['{}', '({})'])).format(b)}"


@settings(max_examples=500, deadline=None)
@given(condition())
def test_a_rule_means_row_by_row_what_python_means(text):
    try:
        rule = compile_rule(text, VOCABULARY)
    except RuleError as error:
        assume("at most" not in error.problem)
        raise
    assert rule(COLUMNS).tolist() == row_by_row(text, COLUMNS)


@settings(max_examples=60, deadline=None)
@given(condition(), st.integers(1, 23), st.integers(2, 9))
def test_a_customer_gets_the_same_answer_in_any_company(text, cut, block):
    try:
        rule = compile_rule(text, VOCABULARY)
    except RuleError:
        assume(False)
    whole = rule(COLUMNS).tolist()
    parts = [
        rule({name: column[rows] for name, column in COLUMNS.items()})
        for rows in (slice(cut), slice(cut, None))
    ]
    assert np.concatenate(parts).tolist() == whole
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.rules, "_BLOCK", block)
        assert rule(COLUMNS).tolist() == whole


def test_chained_comparisons_hold_when_each_pair_does():
    assert holds("1 < spent <= 5 != 3", spent=[1.0, 2.0, 5.0, 6.0]) == [False, True, True, False]


def test_a_comparison_with_nan_is_no_whatever_its_sign():
    for sign in ("<", "<=", ">", ">=", "==", "!="):
        assert holds(f"spent {sign} profit", spent=[math.nan, 1.0], profit=[1.0, math.nan]) == [False, False]
    assert holds("not spent > 1", spent=[math.nan]) == [True]
    assert holds("min(spent, 1) < 2 or max(1, spent) > 0", spent=[math.nan, 0.5]) == [False, True]


def test_division_by_zero_is_infinite_or_unknown_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert holds("spent / profit > 1e15", spent=[1.0, 0.0, -1.0], profit=[0.0] * 3) == [
            True,
            False,
            False,
        ]
        assert holds("1 / 0 > 5 and 0 / 0 != 1 or social", social=[False]) == [False]


def test_small_integers_do_not_wrap_around():
    small = {"spent": np.array([2, 200], np.uint8), "profit": np.array([5, 100], np.uint8)}
    assert holds("spent - profit < 0 and spent * spent < 5", **small) == [True, False]
    assert holds("spent + profit > 299 or -profit > 0", **small) == [False, True]


def test_the_smaller_of_two_zeros_is_plus_zero_wherever_it_stands():
    zeros = {"spent": np.array([0.0, -0.0, 0.0, -0.0] * 9), "profit": np.array([0.0, 0.0, -0.0, -0.0] * 9)}
    assert all(holds("1 / min(spent, profit) > 1 and 1 / max(spent, profit) > 1", **zeros))


def test_words_stand_for_the_codes_of_their_own_column():
    status = [0, 1, 2, 3]
    assert holds("status == lapsed", status=status) == [False, False, True, False]
    assert holds("lapsed != status", status=status) == [True, True, False, True]
    assert holds("status in (lapsed, lost)", status=status) == [False, False, True, True]
    assert holds("status not in (lapsed, lost)", status=status) == [True, True, False, False]
    assert holds("status in lapsed or status in (lost)", status=status) == [False, False, True, True]
    assert holds("segment_guess == no_frills", segment_guess=[0, 1]) == [False, True]


def test_a_word_may_be_the_name_of_a_column_or_of_another_word():
    vocabulary = {
        "guess": Words(("spent", "guess", "lost")),
        "status": Words(("lost", "guess")),
        "spent": Number(),
    }
    rule = compile_rule("guess == spent and status == lost or guess == guess", vocabulary)
    assert rule.columns == ("guess", "status")
    assert rule({"guess": np.array([0, 1, 2]), "status": np.zeros(3, int)}).tolist() == [True, True, False]
    vocabulary = {"status": Words(("active",)), "guess": Words(("other", "status"))}
    assert compile_rule("status == guess", vocabulary)({"guess": np.array([0, 1])}).tolist() == [False, True]


def test_only_the_columns_used_are_looked_up_and_once_each():
    asked = []

    class Lazy(dict):
        def __getitem__(self, name):
            asked.append(name)
            return COLUMNS[name]

    rule = compile_rule("spent > 1 and (status == lost or spent < 9) and spent + profit > 0", VOCABULARY)
    rule(Lazy())
    assert asked == list(rule.columns) == ["spent", "status", "profit"]


def test_a_rule_without_columns_is_as_long_as_the_others():
    assert holds("1 < 2", spent=[1.0, 2.0]) == [True, True]
    assert holds("False", spent=[]) == holds("spent > 1", spent=[]) == []


def test_a_rule_gives_new_booleans_and_leaves_its_columns_alone():
    social = np.array([True, False])
    given_back = compile_rule("social", VOCABULARY)({"social": social})
    given_back[:] = False
    assert given_back.dtype == bool and social.tolist() == [True, False]


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match=r"lengths \[1, 2\]"):
        holds("spent > 1 and profit > 1", spent=[1.0], profit=[1.0, 2.0])


def test_rules_and_their_errors_are_plain_data():
    rule = compile_rule(" spent >\n 1 and status == lost and True", VOCABULARY)
    assert pickle.loads(pickle.dumps(rule)) == rule and rule.text.startswith(" spent")
    assert str(pickle.loads(pickle.dumps(fault("statu > 1")))) == str(fault("statu > 1"))


# ---------------------------------------------------------------- hostile texts


def test_no_text_of_the_grammar_passes_that_says_anything_else():
    found = attack(texts(2_000, seed=5))
    assert (found.texts, found.through, found.crashes) == (2_000, [], [])
    assert found.rules > 150


def test_what_passes_is_judged_by_another_way_than_the_readers():
    assert is_harmless("status in (lapsed, lost) and -spent > min(1, .5) if True else not profit < 1e3")
    assert not any(
        map(is_harmless, ("spent.real > 1", "'a' == 'a'", "min(1, key=abs) > 1", "spent > x", "spent[0] > 1"))
    )


class EveryName(dict):
    def __missing__(self, name):
        return Number()

    def get(self, name, default=None):
        return self[name]


def refused(text, vocabulary=VOCABULARY):
    try:
        compile_rule(text, vocabulary)
    except RuleError:
        return True
    return False


def test_every_attempt_to_escape_is_refused():
    assert len(set(ATTEMPTS)) >= 190
    assert [text for text in ATTEMPTS if not refused(text)] == []


def test_where_every_name_is_a_column_only_comparisons_of_columns_become_rules():
    assert [text for text in ATTEMPTS if not refused(text, EveryName(VOCABULARY))] == NAMES


def test_the_module_names_nothing_that_runs_text_or_reaches_the_system():
    tree = ast.parse(Path(sim.rules.__file__).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"eval", "exec", "compile", "__import__", "open", "globals", "setattr"}
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    roots = {getattr(node, "module", None) or node.names[0].name for node in imports}
    assert {root.split(".")[0] for root in roots} <= sys.stdlib_module_names | {"numpy"}


@pytest.mark.parametrize("flood", FLOODS, ids=range(len(FLOODS)))
def test_a_flood_is_refused_with_little_work_and_a_short_answer(flood):
    work = 0

    def count(frame, event, argument):
        nonlocal work
        work += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        error = fault(flood)
    finally:
        sys.setprofile(before)
    assert work < 20_000 and len(str(error)) < 1_000


# ---------------------------------------------------------------- faults: where, what, and the cure


FAULTS = [
    ("not    statu == lost", 8, 'column 8: "statu" is not a column (got "statu"); did you mean "status"?'),
    ("spent > 1 and\n  SPEND > 2", 17, 'did you mean "spent"?'),
    ("social == true", 11, 'did you mean "True"?'),
    ("social == yes", 11, "write True"),
    ("qqq > 1", 1, "the columns are status, permission"),
    ("minn(spent, 1) > 2", 1, 'did you mean "min"?'),
    ("status == laped", 11, 'did you mean "lapsed"? the words of status are prospect, active, lapsed, lost'),
    ("status == confirmed", 11, "the words of status are prospect, active, lapsed, lost"),
    ("status in (lapsed, students)", 20, "the words of status are prospect, active, lapsed, lost"),
    ("segment_guess == no-frills", 18, 'did you mean "no_frills"?'),
    ("status > lapsed", 1, "words have no order"),
    ("prospect < status < lost", 1, "words have no order"),
    ("status == lapsed == lost", 1, "one at a time"),
    ("spent > lapsed", 9, '"lapsed" is a word of status, not a column'),
    ("lapsed in status", 1, "write status == lapsed"),
    ("spent > 1 and status == 'lost'", 25, "words stand bare; the words of status are prospect, active"),
    ('"lost" == status', 1, "the words of status are prospect, active, lapsed, lost"),
    ("spent + status > 1", 9, "the words of status are prospect, active, lapsed, lost"),
    ("not status", 5, "the words of status are prospect, active, lapsed, lost"),
    ("status == 2", 11, "the words of status are prospect, active, lapsed, lost"),
    ("3 <= status", 1, "words have no order"),
    ("status == permission", 11, "this is not a word of status"),
    ("spent in (1, 2)", 1, "in is for words"),
    ("spent", 1, "compare it: spent > 0"),
    ("social and spent + 1", 12, "compare it: spent + 1 > 0"),
    ("spent + social > 1", 9, "(1 if social else 0)"),
    ("(spent if social else structural) > 1", 23, "this is a yes/no, not a number"),
    ("social == 1", 1, "write social or not social"),
    ("social < structural", 1, "yes and no have no order"),
    ("min(spent) > 1", 1, "two values or more"),
    ("abs(spent, 1) > 1", 1, "write abs(x)"),
    ("spent = 5", 7, "write == for equal"),
    ("spent > 1 & social", 11, "write and"),
    ("spent ** 2 > 1", 7, "write x * x"),
    ("spent is 5", 7, "write =="),
    ("spent > 5%", 10, "0.15"),
    ("spent > 1_000", 9, "write numbers as 1000"),
    ("spent > 2e15", 9, "numbers are at most 1e+15"),
    ("spent months > 1", 7, "a sign is missing"),
    ("spent > and social", 9, "a value is missing before this"),
    ("spent >", 8, "(got nothing)"),
    ("", 1, "a value is missing"),
    ("(spent > 1", 1, "never closed"),
    ("spent > 1)", 10, "never opened"),
    ("spent if social", 1, "not a whole condition"),
    ("spent > 1\x1b[2J", 10, "<U+001B>"),
    ("spent, social", 1, '(got "spent, social"); commas stand in min(…), max(…) and after in'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "said"), FAULTS)
def test_a_fault_is_told_with_its_column_and_its_cure(text, column, said):
    error = fault(text)
    assert (error.column, said in str(error)) == (column, True), str(error)
    assert error.problem in str(error) and str(error).isprintable()


def test_an_error_begins_with_the_place_it_was_given():
    with pytest.raises(RuleError, match=r"^firms\.Corner\.rules\[0\]\.if: column 1: "):
        compile_rule("statu == lost", VOCABULARY, where="firms.Corner.rules[0].if")


@pytest.mark.parametrize("text", [None, 5, b"social", ["social"], True])
def test_only_a_text_is_read(text):
    assert fault(text).column == 1


def test_the_limits_are_500_characters_120_parts_24_deep_and_1e15():
    for fits in (
        "social".ljust(500),
        "min(" + "1," * 115 + "1) < 2",
        "not " * 23 + "social",
        "(" * 24 + "social" + ")" * 24,
        "spent < 1e15",
    ):
        assert isinstance(compile_rule(fits, VOCABULARY), Rule)
    assert "500 characters" in fault("social".ljust(501)).problem
    assert "120 parts" in fault("min(" + "1," * 116 + "1) < 2").problem
    assert fault("min(" + "1," * 116 + "1) < 2").column == len("min(" + "1," * 116 + "1) < 2")
    assert "24 deep" in fault("not " * 24 + "social").problem
    assert "24 deep" in fault("(" * 25 + "social" + ")" * 25).problem
    assert "1e+15" in fault("spent < 1000000000000001").problem


TOKENS = [
    "spent", "status", "lapsed", "social", "1", "1e15", ".5", "1.", "(", ")", "+", "-", "*", "/", "**", "<",
    "<=", "==", "!=", "=", "and", "or", "not", "if", "else", "in", ",", "min(", "abs(", "x", "True", ":", ".",
    "[", "'",
]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(TOKENS)).map(" ".join), condition(), st.text()), st.data())
def test_any_text_is_a_rule_or_a_rule_error_inside_the_text(text, data):
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(["", "", *TOKENS, "\x00", "\uff53"])) + text[at:]
    try:
        answer = compile_rule(text, VOCABULARY)(COLUMNS)
    except RuleError as error:
        assert 1 <= error.column <= len(text) + 1 and str(error).isprintable()
    else:
        assert answer.shape == (ROWS,) and answer.dtype == bool
