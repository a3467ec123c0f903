"""The explorer: turn what firms do and people tell, and the same market lives again beside the one as it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from sim.terminal import Report, Terminal, in_notebook

if TYPE_CHECKING:
    from sim.show.exploring import Explorer

BAR = '<p>{what} <progress value="{done}" max="{total}" aria-label="{what}"></progress> {unit} {done} of {total}</p>'


def explore(
    scenario: Any,
    addresses: Iterable[str] | None = None,
    *,
    months: int | None = None,
    seed: int | None = None,
) -> Explorer:
    """Turn the numbers of a market, and see the same customers live again, beside the market as it is.

    In a notebook: sliders and choices for what your firm does (policy, level, bonds, permission, messages, price,
    budgets), what people tell, and what the scenario's page says to try. Every change lets the months pass again, with
    the same luck; a further change ends a run that is under way. One customer's life can be read in both worlds, and the
    firm's rules written anew. "Show the code" gives the `sim.run(…)` line for what is set. All works by keyboard: Tab
    goes on, the arrow keys move a slider. Where no controls can be shown, the table, the picture and that line are.

    Parameters
    ----------
    scenario : str, path or Scenario
        A shipped name, a .toml file, the folder of a saved run (then with its policies), or a Scenario.
    addresses : list of str, optional
        What can be turned (`["talk.unhappy_tells"]`); the controls above unless given.
    months : int, optional
        1 or more; the scenario's unless given (a saved run's own).
    seed : int, optional
        Of the luck of both worlds; 1 unless given (a saved run's own).

    Returns
    -------
    Explorer
        Shows itself; `changes`, `before` and `now` (runs) and `code` say what is set and what came of it.

    Raises
    ------
    ValueError
        A scenario or an address that there is not, with the nearest right one.

    Examples
    --------
    >>> import sim
    >>> street = sim.explore("two_cafes", months=3)
    >>> street.turn("talk.unhappy_tells", 0)
    >>> street.code.splitlines()[0]
    'sim.run("two_cafes", months=3, change={"talk.unhappy_tells": 0})'
    """
    from sim.prepare import prepare
    from sim.show.exploring import Explorer

    explorer = Explorer(scenario, addresses, months, seed)
    with Screen() as screen:
        prepare(screen)
        with screen.progress("The market as it is") as report:
            explorer.live(progress=report)
    return explorer


# ---------------------------------------------------------------- what a first preparation shows


class Screen(Terminal):
    """Where a long beginning shows how far it is: in a notebook a bar that goes when it is done, else the terminal's."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Any = None

    def __enter__(self) -> Screen:
        if in_notebook():
            from IPython.display import HTML, display

            self._shown = display(HTML(""), display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._say("")

    def _say(self, html: str) -> None:
        if self._shown is not None:
            from IPython.display import HTML

            self._shown.update(HTML(html))

    def note(self, text: str) -> None:
        """What is being done, before the first part of it is."""
        if self._shown is None:
            super().note(text)
        self._say(f"<p>{escape(text)} <progress aria-label='working'></progress></p>")

    @contextlib.contextmanager
    def progress(self, what: str, unit: str = "month") -> Iterator[Report | None]:
        """A bar, moved by what is given."""
        if self._shown is None:
            with super().progress(what, unit) as report:
                yield report
            return

        def moved(done: int, total: int, now: str = what) -> None:
            if done == total or done % max(1, total // 12) == 0:
                self._say(BAR.format(what=escape(now), unit=unit, done=done, total=total))

        yield moved
