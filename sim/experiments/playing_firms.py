"""A market in which learning agents play firms."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.experiments.missing import MissingPackage
from sim.extras import cure
from sim.given import whole
from sim.saved import world_of

if TYPE_CHECKING:
    from sim.experiments.rivalry_environment import Rivalry


def rivalry(
    scenario: Any,
    *,
    months: int | None = None,
    step: int = 1,
    equity: bool = True,
    seed: int = 1,
    render_mode: str | None = None,
) -> Rivalry:
    """A PettingZoo parallel environment: each firm is an agent, all decide at the same time.

    An action is a whole number for each of price, advertising, level, permission strategy, messages, discount and social bond
    (`sim.experiments.rivalry_environment.ACTIONS` says what they stand for); the scenario's decision rules come after it. An agent
    sees its own books and list, and public prices. The reward is the profit of the step for each head of the market. An episode is
    truncated after the scenario's months.

    Parameters
    ----------
    scenario : str, path or Scenario
    months : int, optional
        Length of an episode; the scenario's unless given.
    step : int
        Months that pass with one action.
    equity : bool
        Whether customer equity counts at the end (for each head), so that harvesting in the last months does not pay.
    seed : int
        Of the first market; each reset without a seed takes the next.
    render_mode : str, optional
        `ansi`: `render()` gives a text.

    Returns
    -------
    pettingzoo.ParallelEnv

    Raises
    ------
    MissingPackage
        An ImportError: PettingZoo is not installed.
    ValueError
        A scenario that is not right.

    Source: Terry et al. 2021 (PettingZoo); the game: ours.

    Examples
    --------
    >>> from sim.experiments import rivalry
    >>> env = rivalry("two_cafes", months=2)
    >>> seen, _ = env.reset(seed=7)
    >>> seen, reward, over, cut, _ = env.step({agent: [2, 2, 1, 1, 2, 0, 0] for agent in env.agents})
    >>> sorted(reward), cut["Corner"]
    (['Corner', 'Express'], False)
    """
    try:
        environment = import_module("sim.experiments.rivalry_environment")
    except ImportError as fault:
        if (fault.name or "").partition(".")[0] not in ("pettingzoo", "gymnasium"):
            raise
        raise MissingPackage(
            f"a rivalry needs the package pettingzoo, which is not installed: {cure('rivalry')}"
        ) from fault
    if render_mode not in (None, "ansi"):
        raise ValueError(f'render_mode: None or "ansi" (got {render_mode!r})')
    whole("step", step, 1)
    whole("seed", seed, 0)
    world = world_of(scenario, months)
    return environment.Rivalry(world, step=step, equity=equity, seed=seed, render_mode=render_mode)  # type: ignore[no-any-return]
