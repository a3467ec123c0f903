"""Pictures in letters, for a terminal: plain signs that every computer has."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from sim.show import style
from sim.show.pictures import of_table
from sim.terminal import shorten, wide

if TYPE_CHECKING:
    import pandas as pd

MOST = 12
"""Assumptions that are shown, and all others that turn the choice."""


def tornado(table: pd.DataFrame, width: int = 80) -> str:
    """A stress test: its sentence, and a bar an assumption, from the least to the greatest difference.

    Parameters
    ----------
    table : `Stress.table`. width : columns.
    """
    rows, hidden = chosen(table, MOST)
    lines = textwrap.wrap(str(of_table(table, "sentence", "")), width, break_on_hyphens=False)
    if not rows:
        return "\n".join(lines)
    middle = float(of_table(table, "difference", 0.0))
    ends = [row[key] for row in rows for key in ("at_low", "at_high") if math.isfinite(row[key])]
    low, high = min([*ends, middle, 0.0]), max([*ends, middle, 0.0])
    factor, unit = style.scaled([low, high], str(of_table(table, "currency", "EUR")))
    name, range_wide, verdict = min(27, max(wide(row["assumption"]) for row in rows)), 13, 18
    room = max(10, width - name - range_wide - verdict - 5)
    head = f"assumption{' ' * (name - 10)} {'range':<{range_wide}} {_bar(low, high, middle, low, high, room, ' ')} verdict"
    lines += [
        "",
        *textwrap.wrap(_about(table, factor, unit, middle), width, break_on_hyphens=False),
        "",
        head.rstrip(),
    ]
    for row in rows:
        first, second = min(row["at_low"], row["at_high"], middle), max(row["at_low"], row["at_high"], middle)
        bar = _bar(first, second, middle, low, high, room, "=")
        label = shorten(row["assumption"], name)
        said = row["verdict"] if row["verdict"] != "turns" else f"turns {short(row['turns'])}"
        text = f"{label}{' ' * (name - wide(label))} {shorten(span(row), range_wide):<{range_wide}} {bar} {shorten(said, verdict)}"
        lines.append(text.rstrip())
    left, right = (
        style.number(end / factor, 1 if abs(high - low) / factor < 50 else 0) for end in (low, high)
    )
    lines.append(f"{' ' * (name + range_wide + 2)}{left}{right:>{max(1, room - len(left))}}")
    lines += [f"… and {hidden} more, which move it less"] if hidden else []
    return "\n".join(lines)


def chosen(table: pd.DataFrame, most: int) -> tuple[list[dict[str, Any]], int]:
    """The rows to show, the widest first: so many, and all that turn the choice; and how many that act are left out."""
    acting: list[Any] = table[table["verdict"] != "nothing changes"].to_dict("records")
    shown = [row for k, row in enumerate(acting) if k < most or row["verdict"] == "turns"]
    return shown, len(acting) - len(shown)


def short(turns: str) -> str:
    """Where it turns, in few letters: `below 4`, `below 0.59 x`."""
    return turns.replace("is ", "").replace(" times what it is", " x")


def span(row: dict[str, Any]) -> str:
    """The range of an assumption: `1 to 20`; of words nothing."""
    low, high = row["low"], row["high"]
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return "other forms" if isinstance(row["value"], str) else "each its own"
    return f"{low:.2g} to {high:.2g}"


def _about(table: pd.DataFrame, factor: float, unit: str, middle: float) -> str:
    best, base = of_table(table, "best", ""), of_table(table, "base", "")
    words = str(of_table(table, "metric", "")).replace("_", " ")
    choice, over = of_table(table, "choice", best), of_table(table, "over", base)
    return (
        f'The choice is "{choice}" rather than "{over}". Bars: {words} of "{best}" less that of "{base}", {unit}, '
        "over the range of each assumption. "
        f"| is the difference as it is ({style.number(middle / factor, 1)}), : is none."
    )


def _bar(first: float, second: float, middle: float, low: float, high: float, room: int, sign: str) -> str:
    """A bar between two values, with the middle and zero marked."""
    if not (math.isfinite(first) and math.isfinite(second)):
        first = second = middle

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (room - 1)) if high > low else 0

    cells = [sign if place(first) <= k <= place(second) else " " for k in range(room)]
    cells[place(0.0)] = ":"
    cells[place(middle)] = "|"
    return "".join(cells)


# ---------------------------------------------------------------- months


def lines_of(
    table: pd.DataFrame, metric: str, focus: str | None = None, width: int = 72, height: int = 11
) -> str:
    """A metric over the months in letters: a letter a firm, the focus over the others.

    Parameters
    ----------
    table : as `Run.months`. metric : a column. focus : the firm on top. width, height : of the drawing, in letters.
    """
    from sim.show.over_time import panel_of, series, unit_of

    firms = list(dict.fromkeys(table["firm"]))
    firms = [*[firm for firm in firms if firm != focus], *[firm for firm in firms if firm == focus]]
    panel, values = panel_of(metric), {firm: series(table, metric, firm) for firm in firms}
    factor, unit = unit_of(panel, [y for _x, y in values.values()], str(of_table(table, "currency", "EUR")))
    factor, unit = (0.01, unit) if panel.kind == "share" else (factor, unit)
    seen = [v / factor for _x, y in values.values() for v in y if math.isfinite(v)]
    if not seen:
        return f"{panel.title}: nothing to show yet"
    low, high = min(0.0, *seen), max(0.0, *seen)
    names = [style.number(end, 0 if high - low >= 20 else 1) for end in (high, low)]
    margin = max(map(wide, names))
    cells = [[" "] * width for _ in range(height)]
    signs = _signs(firms)
    for firm in firms:
        x, y = values[firm]
        for month, value in zip(x, y / factor, strict=True):
            if math.isfinite(value):
                row = round((high - value) / ((high - low) or 1.0) * (height - 1))
                cells[row][round((month - 1) / max(1.0, x[-1] - 1) * (width - 1))] = signs[firm]
    lines = [f"{panel.title}, {unit}: {', '.join(f'{signs[f]} {shorten(f, 20)}' for f in reversed(firms))}"]
    for place, row_cells in enumerate(cells):
        name = names[0] if place == 0 else names[1] if place == height - 1 else ""
        lines.append(f"{name:>{margin}} |{''.join(row_cells).rstrip()}")
    last = f"month {int(table['month'].max())}"
    lines.append(f"{'':>{margin}}  month 1{last:>{width - 7}}")
    return "\n".join(lines)


def _signs(firms: list[str]) -> dict[str, str]:
    """A letter a firm: its first that nobody has, else a digit."""
    found: dict[str, str] = {}
    for firm in reversed(firms):
        own = [c.upper() for c in firm if c.isascii() and c.isalpha()]
        free = [c for c in (*own, *"123456789*") if c not in found.values()]
        found[firm] = free[0] if free else "*"
    return found
