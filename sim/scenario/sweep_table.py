"""The table `[sweep]` of a scenario file: a whole plan of many runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from sim.scenario.table import Table, number, word


class SweepTable(Table):
    """What is varied over many runs, and how often each is repeated with other luck."""

    over: dict[str, Any] = Field(
        default_factory=dict,
        description="what is varied: a list of values for each address, such as over.talk.unhappy_tells = [0, 3, 10]; "
        "with latin and sobol two numbers are a range, anything else are choices",
        json_schema_extra={"unit": "", "source": "ours", "confidence": "ours"},
    )
    design: Literal["grid", "latin", "sobol"] = word(
        "grid", "grid: every combination of the values; latin: a Latin hypercube; sobol: a Sobol sequence"
    )
    seeds: int = number(10, "how often each point is run, with seeds 1, 2, 3, …", "seeds", 1, 10_000)
    runs: int | None = number(
        None, "how many points (latin, sobol); sobol: a power of two", "points", 1, 1_000_000
    )
    months: int | None = number(None, "length of each run; left out: the scenario's", "months", 1, 2_400)


def leaves(over: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The addresses of `over`, as paths, and what is given for each."""
    for key, value in over.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value
