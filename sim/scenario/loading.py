"""Scenarios by name, file or folder."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

from sim.model_version import MODEL_VERSION
from sim.scenario.faults import Fault, ScenarioError, nearest, quoted
from sim.scenario.gone import gone_in
from sim.scenario.reading import Source, decode, is_there, parse, read_tables
from sim.scenario.scenario import Scenario
from sim.scenario.tables import Tables
from sim.scenario.validation import validate

CORE = (
    "two_cafes",
    "web_shop",
    "car_dealers",
    "mobile_operator",
    "airlines",
    "bank_branch",
    "industrial_supplier",
    "shouting_mailers",
    "plain",
)
"""Shipped scenarios of the core model."""

SCENARIOS = (
    *CORE,
    "whale_case",
    "privacy_breach",
    "field_sales",
    "community_brand",
    "agent_marketplace",
    "exchange_spectrum",
    "behind_the_retailer",
)
"""All shipped scenarios: those of the core, and those that show an optional mechanism."""

FILE, RUN, COMPARISON = "scenario.toml", "run.json", "comparison.json"
"""The files of a saved result that hold its scenario, and what else a run or a comparison was."""


def shipped_folder(of: str = "scenarios") -> Path:
    """Where shipped scenarios, notebooks or the course stand: inside an installed wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / f"_{of}"
    return inside if inside.is_dir() else package.parent / of


def load(scenario: Scenario | Tables | str | os.PathLike[str]) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    scenario : Scenario, Tables, str or path
        A shipped name (`SCENARIOS`), a .toml file, or the folder of a saved run, which gives its scenario with its
        changes, policies and months; the seed is the run's, and `sim.run(folder)` takes it too. A Scenario is returned
        as it is. A text with a separator, a leading dot or .toml is always a path; a shipped name comes before a
        folder of that name.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        A ValueError: an unknown name with the nearest right one, or all faults of the file, one line each.

    Warns
    -----
    UserWarning
        The saved run also had a policy or a function that no file holds.

    Examples
    --------
    >>> from sim.scenario import load
    >>> load("plain").market.customers
    10000
    """
    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, Tables):
        return Scenario("unnamed", validate(scenario.model_dump(by_alias=True)))
    if not isinstance(scenario, (str, os.PathLike)):
        raise TypeError(
            f"a scenario is a name, a .toml file, or the folder of a saved run (got a {type(scenario).__name__})"
        )
    found = _by_text(scenario) if isinstance(scenario, str) else by_path(Path(scenario))
    if missing := _left_out(found):
        warnings.warn(
            f"{scenario}: the saved run also had {', '.join(missing)}, which no file holds: this is its scenario "
            f"without {'it' if len(missing) == 1 else 'them'}; sim.run(folder) takes {'it' if len(missing) == 1 else 'them'} again",
            stacklevel=2,
        )
    return found


def _left_out(scenario: Scenario) -> list[str]:
    """What the run that is saved beside a scenario had, and no file holds."""
    if scenario.file is None or scenario.file.name != FILE or not (scenario.folder / RUN).is_file():
        return []
    try:
        return [str(one) for one in json.loads((scenario.folder / RUN).read_text("utf-8"))["not_saved"]]
    except (OSError, ValueError, KeyError, TypeError):  # sim.run says what is wrong with it
        return []


def _by_text(text: str) -> Scenario:
    if text in SCENARIOS:
        return by_path(shipped_folder() / f"{text}.toml", text)
    is_path = any(sign in text for sign in ("/", "\\", os.sep)) or text.startswith(".")
    if is_path or text.lower().endswith(".toml") or (text and is_there(Path(text), folder=True)):
        return by_path(Path(text))
    near = nearest(text, SCENARIOS)
    cure = "" if near else f"a .toml file, or one of {', '.join(SCENARIOS)}"
    raise ScenarioError([Fault("unknown scenario", value=quoted(text[:80]), suggestion=near, cure=cure)])


def by_path(path: Path, name: str = "") -> Scenario:
    """The scenario of a file or folder, without a word about what the file of a saved run leaves out."""
    if is_there(path, folder=True):
        if not is_there(path / FILE):
            cure = f"the folder of a saved run has {FILE} in it"
            raise ScenarioError([Fault("there is no scenario in this folder", file=str(path), cure=cure)])
        path = path / FILE
    tables, source = read_tables(path)
    stem = path.stem if path.stem != "scenario" else path.absolute().parent.name
    try:
        checked = validate(tables, source)
    except ScenarioError as error:
        raise ScenarioError([*_other_model(path), *error.faults]) from None
    return Scenario(name or stem or "scenario", checked, folder=source.folder, file=path)


def _other_model(file: Path) -> list[Fault]:
    """That a result is saved beside a scenario's file which another model version made, if so."""
    beside = next((there for name in (RUN, COMPARISON) if (there := file.with_name(name)).is_file()), None)
    if beside is None or file.name != FILE:
        return []
    try:
        made = json.loads(beside.read_text("utf-8"))["model_version"]
    except (OSError, ValueError, KeyError, TypeError):  # whoever reads that file says what is wrong with it
        return []
    if made == MODEL_VERSION:
        return []
    problem = f"it was made by model version {str(made)[:20]}, and this is {MODEL_VERSION}"
    return [Fault(problem, file=str(beside), cure="its numbers would be others")]


def is_shipped(scenario: Scenario) -> bool:
    """Whether a scenario is a shipped one with its changes; a file of one's own that bears such a name is not."""
    if scenario.name not in SCENARIOS:
        return False
    try:
        return load(scenario.name).with_changes(scenario.changes).hash == scenario.hash
    except ScenarioError:  # the changes are about what only the file has
        return False


def check_text(text: str, file: str = "scenario.toml", *, without_gone: bool = False) -> Scenario:
    """A scenario from the text of a file, for editors, forms and tests; faults name `file`.

    ``without_gone``: what is gone since an earlier model version is left out, as if the text did not say it.
    """
    tables, source = parse(Source(file, decode(text.encode("utf-8", "surrogatepass"), file)))
    if without_gone:
        for _address, table, key in list(gone_in(tables)):
            del table[key]
    return Scenario(Path(file).stem, validate(tables, source))


def scenarios() -> list[dict[str, Any]]:
    """The shipped scenarios, a row each: name, question, customers, months, setting, firms."""
    folder = shipped_folder()
    rows = []
    for name in SCENARIOS:
        if (folder / f"{name}.toml").is_file():
            one = load(name)
            question = one.info.question or one.title
            market = {
                "customers": one.market.customers,
                "months": one.market.months,
                "setting": one.market.setting,
            }
            rows.append({"name": name, "question": question, **market, "firms": ", ".join(one.firms)})
    return rows
