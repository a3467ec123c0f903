"""What a word means, wherever it comes from; and the list of the shipped scenarios."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.scenario import explain_parameter, laws
from sim.scenario.faults import nearest
from sim.scenario.gone import GONE
from sim.scenario.laws import Parameter
from sim.scenario.parameters import BY_CUSTOMER
from sim.scenario.tables import Tables
from sim.terms import TERMS

if TYPE_CHECKING:
    import pandas as pd

MANY = 80
"""Meanings that are shown."""

TABLE = 3
"""More parameters than this are a table: a line each, after what is called exactly so."""


class Meaning(NamedTuple):
    """One thing that a word means.

    ``kind`` is parameter, column, metric, measure, stage, mechanism, concept, equation, policy, activity, count, claim, picture, value
    (a name of `sim.value`), result (a column of a measure's table), term (what books call it), or the name of a vocabulary
    (reason, level …). ``line`` says it in one line, ``more`` in further ones.
    """

    kind: str
    name: str
    line: str
    more: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.line, *(f"  {text}" for text in self.more)])


class Explanation:
    """What a word means; shows itself.

    Attributes
    ----------
    word : str. meanings : tuple of Meaning, the most likely first.
    """

    def __init__(self, word: str, meanings: tuple[Meaning, ...]) -> None:
        self.word, self.meanings = word, meanings

    def __repr__(self) -> str:
        shown = [str(meaning) for meaning in self.meanings[:MANY]]
        rest = len(self.meanings) - len(shown)
        return "\n".join([*shown, *([f"… and {rest} more"] if rest > 0 else [])])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def scenarios() -> pd.DataFrame:
    """The shipped scenarios, a row each: name, question, customers, months, setting, firms.

    Examples
    --------
    >>> import sim
    >>> list(sim.scenarios().columns)
    ['name', 'question', 'customers', 'months', 'setting', 'firms']
    """
    import pandas as pd

    from sim.scenario import scenarios as shipped

    return pd.DataFrame(shipped(), columns=["name", "question", "customers", "months", "setting", "firms"])


def explain(word: str) -> Explanation:
    """Tell what a word means: unit, range, default, source.

    Parameters
    ----------
    word : str
        A parameter (its address, or the end of one), column, metric, measure, stage, mechanism, concept, equation, policy, claim,
        picture, activity or count of the ledger, or a word such as `proactive` or `neglect`.

    Returns
    -------
    Explanation
        All that the word means, the parameters first.

    Raises
    ------
    ValueError
        Nothing is called so; with the nearest names.

    Examples
    --------
    >>> import sim
    >>> sim.explain("talk.unhappy_tells")
    talk.unhappy_tells = 10 people (0 to 100). Source: TARP 1979/1986; folk.
      people that an unhappy customer tells
    """
    if not isinstance(word, str) or not word.strip():
        raise TypeError(f"explain: a word is needed (got {word!r})")
    wanted = _same(word)
    sources = tuple(_everything())
    found = [make() for kind, name, make in sources if _same(name) == wanted]
    found += [
        meaning for term in _terms(wanted) for meaning in explain(term).meanings if meaning not in found
    ]
    parameters = _of_parameters(explain_parameter(word.strip()) or explain_parameter(wanted))
    found = found + parameters if len(parameters) > TABLE else parameters + found
    found = found or _of_results(wanted)
    if not found:
        raise ValueError(_nothing(word, [name for _kind, name, _make in sources]))
    return Explanation(word, tuple(found))


def _same(word: str) -> str:
    """A word without case, quotes, hyphens and blanks."""
    return "".join("_" if c in " -" else c for c in word.strip().strip("\"'").lower())


def _terms(wanted: str) -> tuple[str, ...]:
    """What Tenfold calls a term of the field."""
    return next((names for term, names in TERMS.items() if _same(term) == wanted), ())


def _nothing(word: str, names: list[str]) -> str:
    """What there is instead: the cure for a parameter that is gone, or the nearest parameter and the nearest other names."""
    for address, (since, cure) in GONE.items():
        if f".{address}".endswith(f".{_same(word)}"):
            return f"explain: {address} is gone since model version {since}; {cure}"
    addresses = [".".join(path) for path, _ in laws.walk(Tables)]
    ends = {address.rpartition(".")[2]: address for address in addresses}
    last = _same(word).rpartition(".")[2]
    near = [nearest(word, [*addresses, *names]), ends.get(nearest(last, ends), ""), nearest(last, names)]
    hint = [f'"{name}"' for name in dict.fromkeys(near) if name]
    return f'explain: nothing is called "{word[:80]}"; ' + (
        f"did you mean {' or '.join(hint)}?"
        if hint
        else "tenfold show SCENARIO lists parameters, sim.metrics.METRICS metrics"
    )


def _everything() -> Iterator[tuple[str, str, Callable[[], Meaning]]]:
    """All that has a name, but for parameters: kind, name, and what makes its meaning."""
    from sim import value
    from sim.behaviours import EQUATIONS, STAGES
    from sim.columns import COLUMNS
    from sim.concepts import concepts
    from sim.experiments.claims import CLAIMS
    from sim.ledger import ACTIVITIES, COUNTS
    from sim.lifetime import lifetime_value
    from sim.meanings import COUNT, VOCABULARIES
    from sim.mechanisms import EQUATIONS as MORE_EQUATIONS
    from sim.mechanisms import MECHANISMS
    from sim.metrics import MEASURES, METRICS
    from sim.policies import POLICIES
    from sim.scenario.database import DATABASE_COLUMNS
    from sim.show.kinds import KINDS

    for stage in STAGES:
        yield "stage", stage.name, partial(_of_stage, stage)
    for address, equation in EQUATIONS.items():
        for name in (address, address.partition(".")[2]):
            yield "equation", name, partial(_of_equation, address, equation)
    for name, metric in METRICS.items():
        yield "metric", name, partial(_of_metric, name, metric)
    for name in MEASURES:
        yield "measure", name, partial(_of_measure, name)
    for name in value.__all__:
        yield "value", name, partial(_of_public, f"sim.value.{name}", getattr(value, name))
    yield "value", "lifetime_value", partial(_of_public, "sim.lifetime_value", lifetime_value)
    for term, names in TERMS.items():
        yield "term", term, partial(_of_term, term, names)
    for column in COLUMNS:
        yield "column", column.name, partial(_of_column, column)
    for name, kind in DATABASE_COLUMNS.items():
        yield "record", name, partial(_of_record, name, kind)
    for name, policy in POLICIES.items():
        yield "policy", name, partial(_of_policy, name, policy)
    for activity in ACTIVITIES:
        yield "activity", activity.name, partial(_of_activity, activity)
    for name in COUNTS:
        yield "count", name, partial(_of_count, name, COUNT[name])
    for name, design in CLAIMS.items():
        yield "claim", name, partial(_of_claim, design)
    for concept in concepts().values():
        yield "concept", concept.name, partial(_of_concept, concept)
    for mechanism in MECHANISMS.values():
        yield "mechanism", mechanism.name, partial(_of_mechanism, mechanism)
        for column in mechanism.columns:
            yield "column", column.name, partial(_of_column, column)
        for activity in mechanism.lines:
            yield "activity", activity.name, partial(_of_activity, activity)
        for name, measured in mechanism.metrics.items():
            yield "metric", name, partial(_of_metric, name, measured)
    for address, equation in MORE_EQUATIONS.items():
        for name in (address, address.partition(".")[2]):
            yield "equation", name, partial(_of_plain_equation, address, equation)
    for vocabulary in VOCABULARIES:
        yield vocabulary.name, vocabulary.name, partial(_of_vocabulary, vocabulary)
        for word in vocabulary.meanings:
            yield vocabulary.name, word, partial(_of_word, vocabulary, word)
    for name, kind_of_picture in KINDS.items():
        yield "picture", name, partial(_of_picture, kind_of_picture)


# ---------------------------------------------------------------- one function a kind


def _of_count(name: str, meaning: str) -> Meaning:
    return Meaning("count", name, f"{name}: count of the ledger, a firm and month. {_sentence(meaning)}")


def _of_parameters(found: list[Parameter]) -> list[Meaning]:
    if len(found) > TABLE:
        return [Meaning("parameter", one.address, str(one)) for one in found]
    return [_of_parameter(one) for one in found]


def _of_parameter(one: Parameter) -> Meaning:
    value = "left out" if one.value is None else laws.plain(one.value)
    unit = f" {one.unit}" if one.unit else ""
    span = f" ({one.span()})" if one.span() else ""
    source = one.confidence if one.source == "ours" else f"{one.source}; {one.confidence}"
    is_choice = ".plan." in one.address and one.address.rpartition(".")[2] in BY_CUSTOMER
    more = [one.meaning, *(["also customer by customer: in rules, and in Plan.where"] if is_choice else [])]
    return Meaning(
        "parameter", one.address, f"{one.address} = {value}{unit}{span}. Source: {source}.", tuple(more)
    )


def _of_stage(stage: Any) -> Meaning:
    from sim.behaviours import EQUATIONS, STAGES

    lines = [" ".join(text.split()) for text in inspect.cleandoc(stage.module.__doc__ or "").split("\n\n")]
    place = [one.name for one in STAGES].index(stage.name) + 1
    equations = [name for name in EQUATIONS if name.startswith(f"{stage.name}.")]
    more = [text for text in lines[1:] if text]
    more.append(f"changes: {', '.join(dict.fromkeys(getattr(stage.module, 'CHANGES', ()))) or 'no column'}")
    more += [f"equations: {', '.join(equations)}"] if equations else []
    more.append(f'yours instead: sim.run(…, swap={{"{stage.name}": a function of the market}})')
    what = lines[0].partition(": ")[2] or lines[0]
    return Meaning(
        "stage", stage.name, f"{stage.name}: stage {place} of {len(STAGES)} in a month: {what}", tuple(more)
    )


def _of_equation(address: str, equation: Any) -> Meaning:
    from sim.own_numbers import of_equation

    arguments = ", ".join(inspect.signature(equation.py_func).parameters)
    lines = inspect.cleandoc(equation.py_func.__doc__ or "").splitlines()
    more = [line.strip() for line in lines[1:] if line.strip()]
    law = of_equation(address.partition(".")[2]).law
    more.append(f'yours instead: sim.run(…, swap={{"{address}": a function of {arguments}}}); it gives {law}')
    return Meaning(
        "equation", address, f"{address}({arguments}): equation. {lines[0] if lines else ''}", tuple(more)
    )


def _of_plain_equation(address: str, equation: Any) -> Meaning:
    arguments = ", ".join(inspect.signature(equation).parameters)
    lines = inspect.cleandoc(equation.__doc__ or "").splitlines()
    more = tuple(line.strip() for line in lines[1:] if line.strip())
    return Meaning("equation", address, f"{address}({arguments}): equation of a mechanism. {lines[0]}", more)


def _of_concept(concept: Any) -> Meaning:
    more = [f"expressed by: {', '.join(concept.represented_by)}"]
    more += [concept.says] if concept.says else []
    more += [f"watched: {concept.experiment.watch}"] if concept.experiment else []
    more.append(f"try it: tenfold concepts {concept.id}")
    return Meaning(
        "concept",
        concept.name,
        f"{concept.name}: concept {concept.id} of the texts ({concept.source}).",
        tuple(more),
    )


def _of_mechanism(mechanism: Any) -> Meaning:
    parts = [" ".join(text.split()) for text in inspect.cleandoc(mechanism.about).split("\n\n")]
    places = [f"{step.when} {step.stage}" for step in mechanism.steps]
    more = [*parts[1:], f"acts: {', '.join(dict.fromkeys(places))}"]
    for what, names in (
        ("columns", [column.name for column in mechanism.columns]),
        ("lines of the ledger", [line.name for line in mechanism.lines]),
        ("metrics", list(mechanism.metrics)),
        ("equations", [f"{mechanism.name}.{equation.__name__}" for equation in mechanism.equations]),
        ("a firm decides", list(mechanism.decisions.model_fields) if mechanism.decisions else []),
    ):
        more += [f"{what}: {', '.join(names)}"] if names else []
    more.append(
        f"turn it on: [mechanisms.{mechanism.name}] in a scenario file, or --change mechanisms.{mechanism.name}.on=true"
    )
    what = parts[0].partition(": ")[2] or parts[0]
    return Meaning("mechanism", mechanism.name, f"{mechanism.name}: optional mechanism: {what}", tuple(more))


def _of_metric(name: str, metric: Any) -> Meaning:
    lines = inspect.cleandoc(metric.__doc__ or "").splitlines()
    more = tuple(line.strip() for line in lines[1:] if line.strip())
    return Meaning("metric", name, f"{name}: metric, a firm and month. {lines[0] if lines else ''}", more)


def _of_results(wanted: str) -> list[Meaning]:
    """What the measures' tables call so: the measures, and what their tables hold."""
    from sim.metrics import MEASURES, sections

    gives = {name: sections(name).get("returns", "").removeprefix("DataFrame ") for name in MEASURES}
    there = {name: text for name, text in gives.items() if f"`{wanted}`" in text}
    line = f"{wanted}: column of what these measures give: {', '.join(there)}."
    return [Meaning("result", wanted, line, tuple(f"{name} gives: {text}" for name, text in list(there.items())[:TABLE]))] if there else []  # fmt: skip


def _of_public(name: str, what: Any) -> Meaning:
    lines = inspect.cleandoc(what.__doc__ or "").split("\n\n")[0].splitlines()
    last = name.rpartition(".")[2]
    ask = f"ask for it: {name}" + (".fit(…)" if hasattr(what, "fit") else "(…)")
    return Meaning("value", last, f"{last}: {name}. {_sentence(' '.join(lines))}", (ask,))


def _of_term(term: str, names: tuple[str, ...]) -> Meaning:
    return Meaning("term", term, f"{term}: term of the field; see {', '.join(names)}.")


def _of_measure(name: str) -> Meaning:
    from sim.metrics import sections

    said = sections(name)
    first, _, rest = said["about"].partition(". ")
    more = [rest, said.get("source", ""), f"gives: {said.get('returns', '').removeprefix('DataFrame ')}"]
    more.append(f"ask for it: sim.metrics.{name}(run)")
    return Meaning(
        "measure", name, f"{name}: measure of a run. {_sentence(first)}", tuple(t for t in more if t)
    )


def _of_column(column: Any) -> Meaning:
    shape = {
        "pair": "a firm and customer",
        "month pair": "a firm and customer, this month",
        "month": "a customer, this month",
    }
    words = (f"one of {', '.join(column.words)}",) if column.words else ()
    unit = "" if column.unit == "code" else f", {column.unit}"
    line = f"{column.name}: column, {shape.get(column.kind, 'a customer')}{unit} ({column.dtype}). {_sentence(column.meaning)}"
    return Meaning("column", column.name, line, words)


def _of_record(name: str, kind: Any) -> Meaning:
    from sim.columns import BY_NAME
    from sim.policies.view import Database

    about = getattr(vars(Database)[name].func, "__doc__", None)
    if not about:  # a plain copy of a column
        about = BY_NAME[f"recent_{name}" if f"recent_{name}" in BY_NAME and name != "spent" else name].meaning
    words = getattr(kind, "words", ())
    unit = f"one of {', '.join(words)}" if words else str(getattr(kind, "unit", "a segment"))
    return Meaning(
        "record",
        name,
        f"{name}: column of a firm's records, for rules and policies, {unit}. {_sentence(about)}",
    )


def _of_policy(name: str, policy: Any) -> Meaning:
    defaults = {
        p.name: p.default
        for p in inspect.signature(policy).parameters.values()
        if p.name not in ("args", "kwargs")
    }
    more = []
    for key, default in defaults.items():
        low, high, meaning = policy.parameters.get(key, (None, None, "relationship level"))
        span = "" if low is None else f" ({low:g} to {high:g})"
        more.append(f"{key} = {laws.plain(default)}{span}: {meaning}")
    about = inspect.cleandoc(policy.__doc__ or "").splitlines()[0]
    return Meaning("policy", name, f"{name}: policy. {about} Source: {policy.source}.", tuple(more))


def _of_activity(activity: Any) -> Meaning:
    kind = {1: "revenue", -1: "cost", 0: "memo, inside another line"}[activity.sign]
    purpose = f", spent on {activity.purpose}" if activity.purpose != "other" else ""
    whose = "; also on the customer's account" if activity.by_customer else ""
    about = _sentence(activity.meaning.removeprefix("memo: "))
    return Meaning(
        "activity", activity.name, f"{activity.name}: line of the ledger ({kind}{purpose}{whose}). {about}"
    )


def _of_claim(design: Any) -> Meaning:
    status = design.status.removesuffix(".")
    more = [design.design, f"measured: {design.outcome}", design.expects, f"status: {status}."]
    more += [f"needs the mechanism {name}." for name in design.needs]
    more += [f"cannot be tested: waits for {design.waits_for}"] if design.waits_for else []
    more.append(f'try it: sim.claim("{design.name}"), or tenfold claim {design.name}')
    return Meaning(
        "claim",
        design.name,
        f'{design.name}: claim. "{design.sentence}" Source: {design.source}.',
        tuple(more),
    )


def _of_picture(kind: Any) -> Meaning:
    from sim.show.kinds import RUN_KINDS

    whose = "run" if kind.name in RUN_KINDS else "comparison"
    return Meaning(
        "picture",
        kind.name,
        f"{kind.name}: picture of a {whose}. {_sentence(kind.shows)}",
        (f'draw it: {whose}.plot("{kind.name}")',),
    )


def _of_vocabulary(vocabulary: Any) -> Meaning:
    more = tuple(f"{word}: {_sentence(meaning)}" for word, meaning in vocabulary.meanings.items())
    return Meaning(
        vocabulary.name,
        vocabulary.name,
        f"{vocabulary.name}: {vocabulary.what}. Source: {vocabulary.source}.",
        more,
    )


def _of_word(vocabulary: Any, word: str) -> Meaning:
    about = _sentence(vocabulary.meanings[word])
    line = f"{word}: {vocabulary.name}, {vocabulary.what}. {about} Source: {vocabulary.source}."
    return Meaning(vocabulary.name, word, line)


def _sentence(text: str) -> str:
    """Text that begins large and ends with a full stop or a question mark."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"
