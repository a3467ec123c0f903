"""The textbook's sentences as experiments: what the market says of each, and where it turns.

A claim is one `Design` in a file of its own and one line in `DESIGNS`. What they share: `twins` (burn-in, arms, V),
`verdicts` (the one rule), `flips` (where an effect turns, which choice is best), `playing` (pieces of work, kept one by one).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim.experiments.claims import (
    best_split,
    bonds,
    cohorts,
    commons,
    data,
    drivers,
    exchange,
    favour_best,
    fire_them,
    five_points,
    follow_up,
    levels,
    loyal_customers,
    modules,
    more_mail,
    one_fifth,
    permission,
    recovery,
    strategy_first,
    tells_ten,
)
from sim.experiments.claims.design import FULL, REDUCED, SIZES, Design, Size
from sim.experiments.claims.playing import Piece, pieces, played
from sim.experiments.claims.result import Claim
from sim.scenario.faults import nearest

DESIGNS = (
    levels.DESIGN,
    tells_ten.DESIGN,
    one_fifth.DESIGN,
    five_points.DESIGN,
    cohorts.DESIGN,
    best_split.DESIGN,
    permission.DESIGN,
    more_mail.DESIGN,
    commons.DESIGN,
    modules.DESIGN,
    recovery.DESIGN,
    follow_up.DESIGN,
    loyal_customers.DESIGN,
    fire_them.DESIGN,
    bonds.DESIGN,
    drivers.DESIGN,
    favour_best.DESIGN,
    data.DESIGN,
    exchange.DESIGN,
    strategy_first.DESIGN,
)
"""The claims, in the order of the textbook's chapters."""

CLAIMS: dict[str, Design] = {design.name: design for design in DESIGNS}
"""Claims by name."""

__all__ = ["CLAIMS", "FULL", "REDUCED", "SIZES", "Claim", "Design", "Size", "claim", "claims", "known"]


def claim(
    name: str,
    *,
    full: bool = False,
    store: str | Path | None = None,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Claim:
    """Try a sentence of the textbooks in the market: the verdict, the interval, and where it turns.

    Parameters
    ----------
    name : str
        A name of `sim.experiments.claims.CLAIMS`; `tenfold claims --list` prints them.
    full : bool
        The design as it is: up to some minutes. Else a small part of it: some seconds, and often undecided.
    store : folder, optional
        Where finished pieces are kept; a second call goes on from there.
    processes : int
        How many work at once. Numbers do not depend on it.
    progress : callable, optional
        Called with pieces done and pieces in all.

    Returns
    -------
    Claim
        Shows itself; `verdict`, `flips_where`, `table`, `plot()`, `save(folder)`.

    Raises
    ------
    ValueError
        An unknown name, with the nearest right one.

    Examples
    --------
    >>> import sim
    >>> sim.claim("permision")
    Traceback (most recent call last):
    ...
    ValueError: claim: no claim "permision"; did you mean "permission"?
    """
    return claims([name], FULL if full else REDUCED, store=store, processes=processes, progress=progress)[0]


def claims(
    names: list[str] | None = None,
    size: Size = REDUCED,
    *,
    store: str | Path | None = None,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Claim]:
    """Many claims at once, all unless named; arguments as for `claim`."""
    chosen = [CLAIMS[known(name)] for name in (CLAIMS if names is None else names)]
    wanted: list[Piece] = []
    for design in chosen:
        wanted += [] if design.waits_for else pieces(design, size)
    folder = None if store is None else Path(store)
    rows = played(wanted, store=folder, processes=processes, progress=progress)
    return [Claim(design, size, rows.get(design.name)) for design in chosen]


def known(name: str) -> str:
    """The name, if there is such a claim; ValueError has the nearest right one."""
    word = str(name).strip().lower().replace("-", "_").replace(" ", "_")
    if word in CLAIMS:
        return word
    near = nearest(word, CLAIMS)
    hint = f'did you mean "{near}"?' if near else f"claims are {', '.join(CLAIMS)}"
    raise ValueError(f'claim: no claim "{name}"; {hint}')
