"""What one run is, as plain data: it crosses processes, and its hash names it wherever it is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sim import __version__
from sim.given import check_dicts
from sim.market import MODEL_VERSION
from sim.scenario import Scenario, Tables, load

FIRMS = "sim.experiments.working:firms"
"""A row a firm: every metric as it is at the end of the run, as in `Run.firms` and `Run.months`."""

MONTHS = "sim.experiments.working:months"
"""A row a month and firm: every metric, as `Run.months`."""


@dataclass(frozen=True, eq=False)
class Specification:
    """One run: equal hashes mean equal results.

    Attributes
    ----------
    scenario : Scenario
        With all changes; `market.months` is the length of the run, a firm's policy stands in its table.
    seed : int
        0 to 2**64 - 1.
    work : str
        What is done with them, as `module:function`. The function takes the specification and gives a DataFrame of
        numbers, texts and yes or no. Whoever changes what it gives renames it, or what is kept would be mixed.
    options : mapping
        Plain data for the work (what JSON has): a month, a list of firms.
    """

    scenario: Scenario
    seed: int = 1
    work: str = FIRMS
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what decides the result, as 64 hexadecimal digits.

        It is taken over JSON with sorted keys, without blanks: the version of the model, the scenario's own hash (defaults
        included, title and page left out), seed, work and options, and the version of Tenfold. Two spellings of one run have one hash.
        """
        said = {
            "version": __version__,  # what a measure means may change without the model
            "model_version": MODEL_VERSION,
            "scenario": self.scenario.hash,
            "seed": self.seed,
            "work": self.work,
            "options": self.options,
        }
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """Texts, numbers, lists and dicts only: what a worker is sent."""
        return {
            "model_version": MODEL_VERSION,
            "name": self.scenario.name,
            "tables": self.scenario.tables.model_dump_json(by_alias=True),
            "changes": dict(self.scenario.changes),
            "folder": str(self.scenario.folder.absolute()),
            "scenario_hash": self.scenario.hash,
            "seed": self.seed,
            "work": self.work,
            "options": dict(self.options),
        }

    @classmethod
    def from_plain(cls, said: Mapping[str, Any]) -> Specification:
        """The specification that was sent; it was checked where it was made."""
        tables = Tables.model_validate_json(said["tables"])
        scenario = Scenario(said["name"], tables, said["changes"], Path(said["folder"]))
        return cls(scenario, said["seed"], said["work"], said["options"])


def specify(
    scenario: Any,
    *,
    change: Mapping[str, Any] | None = None,
    policies: Mapping[str, Any] | None = None,
    months: int | None = None,
    seed: int = 1,
    work: str = FIRMS,
    options: Mapping[str, Any] | None = None,
) -> Specification:
    """One run, in `sim.run`'s words.

    Parameters
    ----------
    scenario : str, path or Scenario
    change : mapping, optional
        Address -> value.
    policies : mapping, optional
        Firm -> a policy's name, or a table with its name and parameters: what a scenario file can say.
    months : int, optional
        The scenario's unless given.
    seed : int
    work, options
        See `Specification`.

    Raises
    ------
    ScenarioError
        A ValueError: an address, a value or a policy that is not right, all at once.

    Examples
    --------
    >>> from sim.experiments import specify
    >>> one = specify("plain", change={"talk.unhappy_tells": 10}, seed=7)
    >>> one.hash == specify("plain", seed=7).hash
    True
    """
    import sim.policies  # noqa: F401  (policies' names are checked with the rest)

    check_dicts(change=change, policies=policies)
    all_changes = dict(change or {})
    all_changes |= {f"firms.{firm}.policy": policy for firm, policy in (policies or {}).items()}
    if months is not None:
        all_changes["market.months"] = months
    return Specification(load(scenario).with_changes(all_changes), seed, work, dict(options or {}))
