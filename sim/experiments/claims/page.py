"""The table of verdicts as a page: made by `tenfold claims --full --out FOLDER`, never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.experiments.claims import verdicts
from sim.experiments.claims.result import told, words

if TYPE_CHECKING:
    from sim.experiments.claims.result import Claim

HEAD = """\
# Claims

The textbook's sentences, tried in the market. `tenfold claims --full --out FOLDER` makes this page as FOLDER/claims.md, with a table of all cells and a picture for each.
A sentence **holds** if the stated effect has the stated sign in every cell, its interval off 0 (paired t over seeds, or which choice
is best in resamples of the seeds, read as Student's t; corrected for the number of cells by Holm's method; a choice is above
the best of several others if it leads each of them, below it if one leads it by more than the luck of so many: Hsu 1984); it **holds only if** some cells say yes and some the opposite, or an effect shown smaller than a margin (1 % of V unless said);
it **fails** if most cells say the opposite, or none says yes and each an effect too small; it is **undecided** if more seeds are needed. A sentence whose mechanism the
model lacks **cannot be tested**. V is the discounted profit of the months after the arms part, and of five years more like the last twelve months.
Where it **turns** stands only if a level on each side is surely off 0, corrected for the number of cells; in brackets are the places between which the effect, on lines
between the levels, is not told from 0 (paired t, corrected for the number of levels: 95 % or more; Fieller 1954). No verdict depends on it.
*Emergent*: the model could have said no. *Calibrated* and *input*: it could not; then only size, boundary and consequences are findings.
"""


def page(found: Sequence[Claim]) -> str:
    """The page about many claims, as Markdown."""
    count = Counter(one.verdict for one in found)
    summary = ", ".join(f"{count[verdict]} {verdict}" for verdict in verdicts.VERDICTS if count[verdict])
    size = found[0].size
    head = HEAD if size.is_full else HEAD.replace("--full ", "")
    small = (
        ""
        if size.is_full
        else " (a small part of each design: for the verdicts that count, `tenfold claims --full`)"
    )
    lines = [head, f"Size: {size.name}{small}. Of {len(found)} sentences: {summary}.", ""]
    lines += [
        "| claim | sentence | status | verdict | one cell | where it turns |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(one) for one in found]
    for one in found:
        lines += ["", f"## {one.name}", "", *_section(one)]
    return "\n".join(lines) + "\n"


def _row(one: Claim) -> str:
    first = one.headline
    about = ""
    if first is not None:
        about = f"{words(first.where)}{': ' if first.where else ''}{told(first, one.parts[0].part.unit)}"
    cells = [
        f"[{one.name}](#{one.name})",
        one.sentence,
        one.status,
        f"**{one.verdict}**",
        about,
        one.flips_where,
    ]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _section(one: Claim) -> list[str]:
    """A claim on its own: sentence, source, status, design, rule, and what was found."""
    design = one.about
    lines = [
        f"*{one.sentence}* ({one.source}). **{one.verdict}**{f': {one.flips_where}' if one.flips_where else ''}.", "",
        f"Design: {one.design} Outcome: {one.outcome} Rule: {design['rule']}",
    ]  # fmt: skip
    if one.parts:
        lines += ["", one.how_much, ""]
        lines += [f"* {line.strip()}" for line in repr(one).splitlines()[2:-1]]
    return lines
