"""The scenario file: typed, checked parameters; loading with file, line and cure in each error.

Names are loaded when they are touched, so that `sim.scenario.words` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.addressing import change, explain_parameter, parse_value
    from sim.scenario.checks import register_check
    from sim.scenario.faults import Fault, ScenarioError
    from sim.scenario.finding import addresses, find
    from sim.scenario.json_schema import schema
    from sim.scenario.laws import Parameter
    from sim.scenario.loading import CORE, SCENARIOS, check_text, load, scenarios
    from sim.scenario.scenario import Scenario
    from sim.scenario.tables import Tables
    from sim.scenario.writing import new_file_text

_HOME = {
    "addresses": "finding",
    "change": "addressing",
    "explain_parameter": "addressing",
    "find": "finding",
    "parse_value": "addressing",
    "register_check": "checks",
    "Fault": "faults",
    "ScenarioError": "faults",
    "Parameter": "laws",
    "CORE": "loading",
    "SCENARIOS": "loading",
    "check_text": "loading",
    "load": "loading",
    "scenarios": "loading",
    "Tables": "tables",
    "Scenario": "scenario",
    "schema": "json_schema",
    "new_file_text": "writing",
}

__all__ = [
    "CORE",
    "SCENARIOS",
    "Fault",
    "Parameter",
    "Scenario",
    "ScenarioError",
    "Tables",
    "addresses",
    "change",
    "check_text",
    "explain_parameter",
    "find",
    "load",
    "new_file_text",
    "parse_value",
    "register_check",
    "scenarios",
    "schema",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
