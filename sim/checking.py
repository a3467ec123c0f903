"""Contract tests for what people write themselves: a policy, a scenario, a stage, an equation."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

from sim.contracts import Checked, check_policy, check_scenario
from sim.function_contracts import check_function
from sim.policies import POLICIES
from sim.scenario import SCENARIOS, Scenario
from sim.scenario.faults import nearest
from sim.scenario.tables import Tables


def check(thing: Any, *, stage: str | None = None) -> Checked:
    """Test what you wrote against what the market needs of it, on small markets.

    Parameters
    ----------
    thing : policy, scenario or function
        A policy (class, object, name, or table with its name), a scenario (name, file or Scenario), or, with
        `stage`, a function that stands for a stage or an equation.
    stage : str, optional
        The name of the stage (`talk`) or equation (`talk.people_told`).

    Returns
    -------
    Checked
        All faults at once; nothing is raised for them.

    Raises
    ------
    TypeError
        It is none of these.

    Examples
    --------
    >>> import sim
    >>> sim.check("accountable").ok
    True
    """
    if stage is not None:
        return check_function(thing, stage)
    if isinstance(thing, (Scenario, Tables, os.PathLike)):
        return check_scenario(thing)
    if isinstance(thing, str):
        return _named(thing)
    if isinstance(thing, dict) or hasattr(thing, "decide"):
        return check_policy(thing)
    if inspect.isclass(thing):
        return Checked(
            f"{thing.__name__} (a policy)", ["has no method decide(self, view) that returns a sim.Plan"], []
        )
    if callable(thing):
        name = getattr(thing, "__name__", "f")
        raise TypeError(
            f'check: say what the function stands for: sim.check({name}, stage="talk") or stage="talk.people_told"'
        )
    raise TypeError(f"check: a policy, a scenario, or a function with its stage is needed (got {thing!r})")


def _named(name: str) -> Checked:
    """A name: of a policy, of a scenario, or of a file."""
    if name in POLICIES:
        return check_policy(name)
    looks_like_file = any(sign in name for sign in ("/", "\\", ".")) or _is_there(name)
    if name in SCENARIOS or looks_like_file:
        return check_scenario(name)
    near = nearest(name, (*POLICIES, *SCENARIOS))
    hint = (
        f'did you mean "{near}"?'
        if near
        else "tenfold scenarios lists scenarios, sim.policies.POLICIES policies"
    )
    return Checked(name, [f'no policy or scenario is called "{name}"; {hint}'], [])


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False
