"""What somebody explores: one scenario, what is set in it, the world as it is and the one that was tried, told and drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from sim import saved
from sim.scenario import load
from sim.show.knobs import Knob, changes, knobs
from sim.show.letters import lines_of
from sim.show.over_time import PANELS
from sim.show.pictures import as_html
from sim.show.two_worlds import two_worlds
from sim.show.worlds_tried import Mind, Worlds, firms_beside, sentence, table_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.runs import Run

METRICS = {name: panel.title for name, panel in PANELS.items()}
"""What the picture can show, by the words of a panel's title."""

Progress = Callable[[int, int], None]


class Explorer:
    """A scenario, what is set in it, and the two worlds that come of it; shows itself as controls, or as a page without.

    Attributes
    ----------
    knobs : the controls. values : address -> what is set. rules : the firm's rules if they were edited, else None.
    seed : of the luck of both worlds. metric : what the picture shows.
    before, now : Run, the market as it is, and as it was tried last.
    changes : dict, address -> value: what is set. code : str, the line that gives the same run.
    """

    def __init__(
        self,
        scenario: Any,
        addresses: Iterable[str] | None = None,
        months: int | None = None,
        seed: int | None = None,
    ) -> None:
        loaded, kept = load(scenario), saved.read_run(scenario)
        source = str(scenario) if not isinstance(scenario, type(loaded)) else None
        if kept is not None:  # a saved run, with its policies and months; the picker has the folder's name
            loaded = dataclasses.replace(saved.world_of(scenario), name=loaded.name)
        self.given, self.scenario = scenario, loaded
        self.worlds = Worlds(loaded, source, months, None if kept is None else kept.seed)
        self.knobs: list[Knob] = knobs(loaded, addresses)
        self.values: dict[str, Any] = {knob.address: knob.now for knob in self.knobs}
        self.rules: list[dict[str, Any]] | None = None
        self.seed, self.metric = self.worlds.first_seed if seed is None else seed, "customers"
        self.set: dict[str, Any] = {}
        self.before: Run
        self.now: Run
        self.view: Any = None

    @property
    def changes(self) -> dict[str, Any]:
        """What is set otherwise than it is, by address."""
        own = {} if self.rules is None else {f"firms.{self.scenario.focus}.rules": self.rules}
        return changes(self.knobs, self.values) | own

    def live(self, mind: Mind | None = None, progress: Progress | None = None) -> None:
        """Let both worlds live, those that are not known yet; nothing is changed where `mind` raises."""
        set_, seed = self.changes, self.seed
        before = self.worlds.run({}, seed, mind, progress)
        now = self.worlds.run(set_, seed, mind, progress)
        self.set, self.before, self.now = set_, before, now

    def reset(self) -> None:
        """Everything as it is, but for the luck."""
        self.values = {knob.address: knob.now for knob in self.knobs}
        self.rules = None

    def become(self, other: Explorer) -> None:
        """Be what another one is: another scenario is explored."""
        for name in (
            "given",
            "scenario",
            "worlds",
            "knobs",
            "values",
            "rules",
            "seed",
            "metric",
            "set",
            "before",
            "now",
        ):
            setattr(self, name, getattr(other, name))

    def turn(self, address: str, value: Any) -> None:
        """Set one of the controls, and let the market live again: what moving a slider does.

        While another scenario is being opened, it is set in that one, as soon as it stands there.

        Raises
        ------
        ValueError
            No control has this address, or the value is outside its range.
        """
        if self.view is not None and self.view.opening is not None:
            self.view.newest.wait()
        known = [knob.address for knob in self.knobs]
        if address not in known:
            from sim.scenario.faults import nearest

            near = nearest(address, known)
            hint = f'did you mean "{near}"?' if near else f"controls are {', '.join(known)}"
            raise ValueError(f"{address}: no control of this explorer; {hint}")
        before = dict(self.values)
        self.values[address] = value
        try:
            self.scenario.with_changes(self.changes)
        except ValueError:
            self.values = before
            raise
        if self.view is None:
            self.live()
        else:  # the market lives in the view's thread, and nowhere else
            self.view.show_set()
            self.view.ask()
            self.view.newest.wait()

    # ------------------------------------------------ told

    @property
    def sentence(self) -> str:
        """What the changes did to one's own firm."""
        return sentence(self.before, self.now, self.set)

    @property
    def code(self) -> str:
        """The line that gives the same run."""
        return self.worlds.code(self.changes, self.seed)

    def said_html(self) -> str:
        """The sentence, for a page that reads itself aloud when it changes."""
        return f'<div role="status" aria-live="polite" style="line-height: 1.4"><b>{escape(self.sentence)}</b></div>'

    def table_html(self) -> str:
        """The firms at the end, with differences."""
        return table_html(self.before, self.now)

    def picture_html(self) -> str:
        """The months of both worlds."""
        before = self.before.months if self.set else None
        return as_html(two_worlds(self.now.months, before, self.metric, ("as tried", "as it is")))

    def code_html(self) -> str:
        """The code, to be copied."""
        return f'<pre aria-label="the code of what is set">{escape(self.code)}</pre>'

    def as_page(self) -> str:
        """Everything, for where no controls can be shown."""
        return "".join([self.said_html(), self.table_html(), self.picture_html(), self.code_html()])

    def as_text(self) -> str:
        """Everything in letters, for a terminal."""
        table = firms_beside(self.before, self.now).to_string()
        drawn = lines_of(self.now.months, self.metric, self.scenario.focus)
        return "\n\n".join([f"{self.now.title}\n{self.sentence}", table, drawn, self.code])

    # ------------------------------------------------ shown

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The controls, and for what cannot show them everything else."""
        plain = {"text/plain": self.as_text(), "text/html": self.as_page()}
        try:
            import ipywidgets  # noqa: F401 - whether it is there
        except ImportError:
            note = (
                "The controls need ipywidgets (the extra lab); without it, change the line below and run it."
            )
            return {
                "text/plain": f"{note}\n\n{plain['text/plain']}",
                "text/html": f"<p>{note}</p>{plain['text/html']}",
            }
        from sim.show.controls import Controls

        if self.view is None:
            self.view = Controls(self)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.view.box.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, **plain}

    def __repr__(self) -> str:
        return self.as_text()
