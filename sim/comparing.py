"""Let worlds live with the same customers and the same luck: as many seeds as asked for, or as a precision needs."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import saved
from sim.alternatives import read_alternatives
from sim.comparison import Comparison
from sim.given import check_dicts, whole
from sim.headlines import LOOKS
from sim.kept_seeds import KeptSeeds
from sim.runs import Progress, Run
from sim.scenario import Scenario, load
from sim.sureness import check_precision
from sim.swaps import compiled_once
from sim.twins import Twins, later
from sim.user_errors import UserError

if TYPE_CHECKING:
    import os

SEEDS = 20
"""How many, unless something is said."""

MOST = 1_000
"""A precision adds seeds up to this many."""

SURE = 0.9875
"""The chance of each interval where there are four looks: all of them together hold with 95 % (Bonferroni)."""

MONTHS_AGAIN = 6
"""How many months of a world with a policy or function of the user's are run twice, to see whether it repeats."""

SPARE = 1.1
"""A look aims at so many times the seeds that the last one says are needed: its variance is an estimate."""


def compare(
    scenario: Any,
    alternatives: Any,
    *,
    firm: str | None = None,
    months: int | None = None,
    seeds: int | Iterable[int] = SEEDS,
    precision: float | None = None,
    change: Mapping[str, Any] | None = None,
    swap: Mapping[str, Callable[..., Any]] | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Let the same customers with the same luck live in several worlds.

    Parameters
    ----------
    scenario : str, path or Scenario
        A shipped name, a .toml file, or the folder of a saved run, whose policies then hold in all worlds.
    alternatives : mapping, or list of str
        Name -> a policy for the firm (a name, a table with its name, a `Policy`), or a dict of `run`'s words
        (`change`, `policies`, `swap`). `{}` is the world as it is: it is the base, and is added if none is given.
        A list of policies' names will do.
    firm : str, optional
        Whose policies the alternatives are, and who is spoken of; the scenario's focus unless given.
    months : int, optional
        The scenario's (a saved run's own) unless given.
    seeds : int or list of int
        How many, from 1 (a saved run's seed) on; or which. With `precision`: how many to begin with.
    precision : float, optional
        Half of the luck interval of customer equity, as a share of the base's: 0.02 is 2 %; of the widest of the alternatives that
        may be the best. Seeds are added until it is reached, in at most four looks (each interval then at 98.75 %, so that all hold with 95 %) and 1,000 seeds.
    change, swap : mapping, optional
        What holds in all worlds, as in `run`.
    store : path, optional
        A folder where finished seeds are kept: a second call with the same words goes on from them.
    progress : callable, optional
        Called each month with months done and months in all, over all worlds.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        An unknown firm, policy, address or name, with the nearest right one; a store of another comparison.
    UserError
        A function or policy of yours failed: the message says where, `error.run` has the months done.

    Warns
    -----
    UserWarning
        A world does not repeat: a policy or function of yours draws luck of its own. Its first 6 months are run twice.

    Examples
    --------
    >>> import sim
    >>> pair = sim.compare("plain", ["accountable"], months=3, seeds=2, change={"market.customers": 200})
    >>> list(pair.runs), pair.firm
    (['as it is', 'accountable'], 'North')
    """
    twins, names, first = plan(scenario, alternatives, firm=firm, months=months, change=change, swap=swap)
    chosen = seeds_of(seeds, first)
    if precision is not None:
        check_precision(precision)
        if len(chosen) < 2:
            raise ValueError(f"precision: needs 2 seeds or more to begin with (got {seeds!r})")
    pair = Comparison(twins, names)
    if precision is not None:
        pair.precision, pair.chance = float(precision), SURE
    kept = pair.store = KeptSeeds(Path(store), twins) if store is not None else None
    with compiled_once():
        _add(pair, chosen, kept, progress)
        while precision is not None:
            pair.looks.append(len(pair.seeds))
            if (more := _seeds_to_add(pair, float(precision))) == 0:
                break
            start = max(pair.seeds) + 1
            _add(pair, range(start, start + more), kept, progress)
    return pair


def plan(
    scenario: Any, alternatives: Any, *, firm: str | None, months: int | None, change: Mapping[str, Any] | None,
    swap: Mapping[str, Callable[..., Any]] | None,
) -> tuple[Twins, list[str], int]:  # fmt: skip
    """What would be run: the worlds, their names as they were given, and the first seed."""
    check_dicts(change=change, swap=swap)
    told = saved.read_run(scenario)
    kept: dict[str, Any] = {}
    if told is not None:
        scenario = told.scenario
        kept, change = told.with_policies({}, swap or {}, change or {})
        months = told.length(months, change)
    whole("months", months, 1)
    base_scenario = load(scenario).with_changes(dict(change or {}))
    firm = _known_firm(firm or base_scenario.focus, base_scenario)
    worlds = read_alternatives(alternatives, firm, dict(swap or {}))
    base = next(name for name, words in worlds.items() if words.is_base)
    ordered = {base: worlds[base], **worlds}
    twins = Twins(base_scenario, firm, months or base_scenario.market.months, ordered, kept)
    return twins, list(worlds), told.seed if told else 1


def _add(pair: Comparison, seeds: Sequence[int], kept: KeptSeeds | None, progress: Progress | None) -> None:
    """Run more seeds, or take those that are kept; the first seed of all is always run, for its worlds are shown."""
    todo = [
        seed for k, seed in enumerate(seeds) if kept is None or not kept.has(seed) or not (pair.runs or k)
    ]
    each = pair.months * len(pair.twins.worlds)
    proof = kept.unproved(seeds) if kept is not None and not pair.runs else None
    done, total = 0, each * (len(todo) + (proof is not None))
    if kept is not None and proof is not None:
        kept.check(proof, pair.twins.seed(proof, later(progress, done, total))[0])
        done += each
    for seed in seeds:
        worlds = kept.get(seed) if kept is not None and pair.runs else None
        if worlds is None:
            began = time.monotonic()
            worlds, runs = pair.twins.seed(seed, later(progress, done, total))
            pair.seconds_a_run = (time.monotonic() - began) / len(worlds)
            done += each if seed in todo else 0
            if not pair.runs:
                pair.runs = {name: runs[name] for name in pair.names}
                pair.unlike = list(_unlike(pair))
                for said in pair.unlike:
                    warnings.warn(said, stacklevel=3)
            if kept is not None:
                kept.check(seed, worlds)
                kept.put(seed, worlds)
        pair.add(seed, worlds)


def _unlike(pair: Comparison) -> Iterator[str]:
    """A sentence for each world that is another when it is run again: twins have the same luck only where all repeats."""
    for name, world in pair.twins.worlds.items():
        _policies, own = saved.plain_policies(world.policies)
        own += [f"swap {one}" for one in world.swap]
        if own and not _repeats(pair.runs[name]):
            yield (
                f'"{name}" does not repeat, so that its differences are of two kinds of luck, and other ones at each call: '
                f"{', '.join(own)} draws luck of its own or remembers an earlier run; a policy decides from what it sees, a "
                "function takes market.draws"
            )


def _repeats(run: Run) -> bool:
    """Whether a run's first months are the same world when they pass again."""
    months = min(MONTHS_AGAIN, run.months_done)
    try:
        again = run.again(months, watch=_nothing)
        first = run if months == run.months_done else run.again(months, watch=_nothing)
    except UserError:
        return False
    return again.hash == first.hash


def _nothing(_market: Any, _stage: str) -> None:
    """Watch nothing: a run that is watched is not kept."""


def _seeds_to_add(pair: Comparison, precision: float) -> int:
    """How many seeds the next look adds; 0 if the precision is reached, or may not be looked at again."""
    if len(pair.looks) >= LOOKS or math.isnan(pair.half_width) or pair.half_width <= precision:
        return 0
    n = len(pair.seeds)
    wanted = math.ceil((n + pair.more_seeds(precision)) * SPARE)
    return max(0, min(wanted, MOST) - n)


def _known_firm(name: str, scenario: Scenario) -> str:
    if name not in scenario.firms:
        from sim.scenario.faults import nearest

        near = nearest(str(name), scenario.firms)
        hint = f'did you mean "{near}"?' if near else f"firms are {', '.join(scenario.firms)}"
        raise ValueError(f'firm: no "{name}" here; {hint}')
    return name


def seeds_of(seeds: int | Iterable[int], first: int) -> list[int]:
    """Seeds by a count, from the first on, or by a list."""
    if hasattr(seeds, "__index__"):
        whole("seeds", seeds, 1)
        return list(range(first, first + int(seeds)))  # type: ignore[arg-type]
    chosen = list(seeds) if isinstance(seeds, Iterable) and not isinstance(seeds, (str, bytes)) else []
    for seed in chosen:
        whole("seeds", seed, 0)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError(f"seeds: must be a count, or a list of different numbers (got {seeds!r})")
    return [int(seed) for seed in chosen]
