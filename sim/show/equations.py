"""One equation of the model as a curve: what the theory says, before any market runs."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections import namedtuple
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.scenario.faults import nearest
from sim.show import style
from sim.show.pictures import own_axes, set_alt_text, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 201
ELSEWHERE = {"memory": "recent_memory"}
"""Parameters that stand in the file of another stage under another name."""


def equation(function: str | Callable[..., Any], ax: Axes | None = None, **ranges: Any) -> Axes:
    """One equation of the model over a range of one of its arguments.

    Parameters
    ----------
    function : the equation's address (``"talk.chance_made_aware"``), the equation itself, or a function of
        yours with plain numbers as arguments.
    ax : where to draw; a new figure unless given.
    **ranges : for each argument a number, a list of numbers (a curve each; one argument at most), or, for
        exactly one, ``(low, high)``: the x axis. Parameters of the stage have the defaults of the model
        unless given here in the same way.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError : an unknown equation or argument, with the nearest right one; an argument without a value.

    Examples
    --------
    >>> import sim.show
    >>> ax = sim.show.equation("talk.chance_made_aware", good=(0, 20), makes_aware=[0.1, 0.3])
    >>> ax.get_xlabel(), len(ax.lines)
    ('good', 2)
    """
    name, plain = _found(function)
    arguments = [arg for arg in inspect.signature(plain).parameters if arg != "p"]
    defaults = _defaults(name, plain)
    across, several = _roles(name, arguments, defaults, ranges)
    x, curves = _curves(plain, arguments, defaults, ranges, across, several)
    ax = own_axes(ax, 7.0, 4.2)
    text = inspect.getdoc(plain) or name.replace("_", " ")
    sentence = re.split(r"(?<=[^A-Z])\.\s", text.replace("\n", " ") + " ")[0].rstrip(". ")
    style.clean(ax, style.wrapped(sentence, 70), xlabel=_with_unit(across, name), ylabel=name)
    ends = {}
    for (label, y), look in zip(curves.items(), _looks(len(curves)), strict=True):
        ax.plot(
            x,
            y,
            color=look.colour,
            linewidth=look.width,
            label=label,
            zorder=look.order,
            solid_capstyle="round",
        )
        if label and np.isfinite(y).any():
            last = np.flatnonzero(np.isfinite(y))[-1]
            ends[label] = (float(x[last]), float(y[last]), look)
    ax.set_xlim(float(x[0]), float(x[-1]))
    style.plain_ticks(ax, "x", most=6)
    style.plain_ticks(ax)
    settle(ax.get_figure(root=True))  # type: ignore[arg-type]
    style.end_labels(ax, ends)
    said = "; ".join(
        f"{label + ': ' if label else ''}from {style.nice(y[0])} to {style.nice(y[-1])}"
        for label, y in curves.items()
    )
    set_alt_text(
        ax, f"{sentence}. {name} for {across} from {style.nice(x[0])} to {style.nice(x[-1])}: {said}."
    )
    return ax


def _looks(count: int) -> list[style.Look]:
    """A look a curve: all of the same width."""
    colours = list(style.OKABE_ITO.values())
    return [
        style.Look(colours[k % 8], style.readable(colours[k % 8]), 2.0, 3.0 - k / 100.0) for k in range(count)
    ]


def _found(function: str | Callable[..., Any]) -> tuple[str, Callable[..., Any]]:
    """An equation's address and its plain function, free of compiled parts of its own file."""
    from sim.behaviours import BY_NAME, EQUATIONS
    from sim.compiled import rebuild

    if not isinstance(function, str):
        known = next((name for name, each in EQUATIONS.items() if each is function), "")
        if not known:
            plain = getattr(function, "py_func", function)
            return getattr(plain, "__name__", "your function"), plain
        function = known
    if function not in EQUATIONS:
        near = nearest(str(function), EQUATIONS)
        hint = f'did you mean "{near}"?' if near else "an equation is stage.name, as talk.people_told"
        raise ValueError(f'no equation "{function}"; {hint}')
    stage, short = function.split(".")
    module: ModuleType = BY_NAME[stage].module
    return function, rebuild(module, {}, plain=True)[short]


def _defaults(name: str, plain: Callable[..., Any]) -> dict[str, float]:
    """The numbers of the stage, then those of the other stages, as they are if nothing is said."""
    if "p" not in inspect.signature(plain).parameters:
        return {}
    from sim.behaviours import BY_NAME
    from sim.scenario import Tables

    tables = Tables()
    values: dict[str, float] = {}
    for stage in (name.split(".")[0], *BY_NAME):
        table = getattr(tables, stage, None)
        for key in type(table).model_fields if table is not None else ():
            value = getattr(table, key)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                values.setdefault(key, value)
    return values | {name: values[own] for name, own in ELSEWHERE.items() if own in values}


def _roles(
    name: str, arguments: list[str], defaults: dict[str, float], ranges: dict[str, Any]
) -> tuple[str, str | None]:
    """Which argument is the x axis, and which has a curve a value."""
    known = [*arguments, *defaults]
    for given in ranges:
        if given not in known:
            near = nearest(str(given), known)
            hint = f'did you mean "{near}"?' if near else f"its arguments are {', '.join(arguments)}"
            raise ValueError(f'{name} has no argument "{given}"; {hint}')
    if missing := [arg for arg in arguments if arg not in ranges]:
        raise ValueError(
            f"{name} needs {', '.join(missing)}: a number, a list for a curve each, or (low, high) for the x axis"
        )
    across = [arg for arg, value in ranges.items() if isinstance(value, tuple)]
    several = [arg for arg, value in ranges.items() if not isinstance(value, tuple) and np.ndim(value) > 0]
    if len(across) != 1 or len(ranges[across[0]]) != 2:
        raise ValueError(
            f"{name}: give (low, high) for exactly one argument, the x axis (got {', '.join(across) or 'none'})"
        )
    if len(several) > 1:
        raise ValueError(f"{name}: a list of values for one argument at most (got {', '.join(several)})")
    return across[0], several[0] if several else None


def _curves(
    plain: Callable[..., Any], arguments: list[str], defaults: dict[str, float], ranges: dict[str, Any],
    across: str, several: str | None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:  # fmt: skip
    """The places on the x axis, and label -> values; whole numbers where the equation counts."""
    order = list(inspect.signature(plain).parameters)
    kind = namedtuple("Parameters", defaults)  # type: ignore[misc]

    def value(x: Any, one: Any) -> float:
        given = {**ranges, across: x, **({several: one} if several else {})}
        own = {
            key: given.get(key, number) if key not in arguments else number
            for key, number in defaults.items()
        }
        numbers = {
            arg: np.float64(n) if isinstance(n, float) else n
            for arg, n in {**given, "p": kind(**own)}.items()
        }
        return float(plain(*[numbers[arg] for arg in order]))

    low, high = ranges[across]
    labels = (
        {f"{several.replace('_', ' ')} {float(v):g}": v for v in ranges[several]} if several else {"": None}
    )
    x = np.linspace(float(low), float(high), POINTS)
    with np.errstate(all="ignore"):  # as compiled: a division by zero is infinite
        try:
            return x, {
                label: np.array([value(float(each), one) for each in x]) for label, one in labels.items()
            }
        except TypeError:
            x = np.arange(int(low), int(high) + 1).astype(float)
            return x, {
                label: np.array([value(int(each), one) for each in x]) for label, one in labels.items()
            }


def _with_unit(argument: str, name: str) -> str:
    """An argument as an axis says it: `need rate (occasions a month)`."""
    from sim.columns import BY_NAME
    from sim.scenario import find

    unit = BY_NAME[argument].unit if argument in BY_NAME else ""
    if not unit:
        with contextlib.suppress(ValueError):
            unit = find(f"{name.split('.')[0]}.{argument}").unit
    words = argument.replace("_", " ")
    return f"{words} ({unit})" if unit else words
