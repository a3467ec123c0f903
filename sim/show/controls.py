"""The explorer's controls: each change asks for the newest world, and what is shown is changed where it stands."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from sim.scenario import SCENARIOS
from sim.show.knobs import CHOICE, SLIDER, Knob
from sim.show.newest import GivenUp, Newest
from sim.show.panes import LifePane, RulePane

if TYPE_CHECKING:
    from sim.show.exploring import Explorer

WIDE = {"description_width": "9.5em"}
BEAT = 0.15
"""Share of the months after which the progress of a run is shown anew."""

ABOUT = '<div style="line-height: 1.4; margin-top: 0.7em"><small>{}</small></div>'

FIRMS, LIFE, RULES = "The firms", "One customer", "Rules"


class Controls:
    """Everything that is shown of an explorer, in one box.

    Attributes
    ----------
    box : the widget. newest : what lets the market live in a thread of its own.
    opening : another scenario that was picked and has not lived yet. shown : both worlds and the metric that stand there.
    """

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.first = explorer.scenario.name, explorer.given
        self.newest = Newest(self._work)
        self.opening: Explorer | None = None
        self.shown: tuple[Any, ...] = ()
        self._quiet = False
        self.said, self.picture, self.table, self.code = (w.HTML() for _ in range(4))
        self.about = w.HTML(ABOUT.format("Turn something: its unit, range and source will stand here."))
        self.status = w.HTML()
        self.code.layout.display = "none"
        self.handles: dict[str, Any] = {}
        self.life, self.rules = LifePane(self), RulePane(self)
        self.left = w.VBox(layout={"width": "25em", "flex": "0 0 auto"})
        self.pages = w.ToggleButtons(options=[FIRMS, LIFE, RULES], tooltips=[
            "the firms at the end, and the months", "read one life in both worlds", "write the firm's rules anew",
        ])  # fmt: skip
        self.firms = w.VBox([self.picture, self.table])
        right = w.VBox([self.said, self.pages, self.firms, self.life.box, self.rules.box], layout={
            "flex": "1 1 18em", "min_width": "16em", "max_width": "56em"})  # fmt: skip
        self.box = w.VBox([
            self._head(), self._buttons(), self.code, w.HBox([self.left, right], layout={"flex_flow": "row wrap"}),
        ])  # fmt: skip
        self.pages.observe(lambda event: self._turn_to(event["new"]), names="value")
        self._make_handles()
        self._turn_to(FIRMS)
        self.show_set()
        self.show()

    # ------------------------------------------------ made

    def _head(self) -> Any:
        """Which scenario, what the picture shows, which luck."""
        from sim.show.exploring import METRICS

        one = self.explorer
        names = dict.fromkeys([one.scenario.name, *SCENARIOS])
        self.scenario = w.Dropdown(options=list(names), description="scenario", style=WIDE)
        self.metric = w.Dropdown(options=[(title, name) for name, title in METRICS.items()], value=one.metric,
                                 description="picture")  # fmt: skip
        self.seed = w.BoundedIntText(one.seed, min=0, max=10**9, description="seed", continuous_update=False,
                                     tooltip="another number, another luck: in both worlds the same", layout={"width": "12em"})  # fmt: skip
        self.scenario.observe(lambda event: self._open(event["new"]), names="value")
        self.metric.observe(lambda event: self._redraw(event["new"]), names="value")
        self.seed.observe(lambda event: self._reseed(event["new"]), names="value")
        return w.HBox([self.scenario, self.metric, self.seed], layout={"flex_flow": "row wrap"})

    def _buttons(self) -> Any:
        """Back, and the code; beside them how far a run is."""
        self.back = w.Button(description="As it was", tooltip="set everything back")
        self.coder = w.ToggleButton(
            False, description="Show the code", tooltip="the line of Python that gives this run"
        )
        self.back.on_click(lambda _button: self._reset())
        self.coder.observe(lambda event: self._show_code(), names="value")
        return w.HBox([self.back, self.coder, self.status])

    def _make_handles(self) -> None:
        """A control a knob, under headings."""
        self.handles = {knob.address: self._handle(knob) for knob in self.explorer.knobs}
        groups: dict[str, list[Any]] = {}
        for knob in self.explorer.knobs:
            groups.setdefault(knob.group, []).append(self.handles[knob.address])
        headed = [(w.HTML(f"<b>{escape(name)}</b>"), *handles) for name, handles in groups.items()]
        self.left.children = [*(child for group in headed for child in group), self.about]

    def _handle(self, knob: Knob) -> Any:
        given = {"description": knob.label, "tooltip": knob.tip, "style": WIDE, "layout": {"width": "24em"}}
        options = [(knob.shown(value), value) for value in knob.options]
        if knob.kind == SLIDER:
            handle = w.SelectionSlider(options=options, value=knob.now, continuous_update=False, **given)
        elif knob.kind == CHOICE:
            handle = w.Dropdown(options=options, value=knob.now, **given)
        else:
            handle = w.Checkbox(knob.now, **given)
        handle.observe(lambda event, knob=knob: self._turned(knob, event["new"]), names="value")
        return handle

    # ------------------------------------------------ what happens

    def _turned(self, knob: Knob, value: Any) -> None:
        """A control was moved: the market shall live again."""
        if self._quiet:
            return
        self.explorer.values[knob.address] = value
        self.about.value = ABOUT.format(escape(knob.tip))
        self.ask()

    def ask(self) -> None:
        """Want the world that is set now; one that is under way is given up."""
        self._show_code()
        self.newest.ask("live")

    def _work(self, wish: Any, mind: Callable[[], None]) -> None:
        """In the thread: live what is set, whatever else was wanted meanwhile, then read a life if that is the wish.

        What goes wrong is shown, not raised.
        """
        try:
            self._enter(mind)
            one = self.explorer
            one.live(mind, self._beat("Letting the months pass"))
            mind()
            if not callable(wish):
                self.show()
                self.life.again()
            else:
                if any(old is not new for old, new in zip_longest(self.shown, self._showing())):
                    self.show()
                wish(mind)
            self.status.value = ""
        except GivenUp:
            raise
        except Exception as error:
            self.status.value = f'<p role="alert">{escape(str(error) or type(error).__name__)}</p>'

    def _beat(self, what: str) -> Callable[[int, int], None]:
        """Shows how far a run is, a few times in all."""

        def report(done: int, months: int) -> None:
            if done == 1 or done % max(1, round(BEAT * months)) == 0:
                self.status.value = (
                    f"<p>{escape(what)}: <progress value='{done}' max='{months}'></progress></p>"
                )

        return report

    def _open(self, name: str) -> None:
        """Another scenario: other controls, another market as it is."""
        from sim.show.exploring import Explorer

        if self._quiet:
            return
        given = self.first[1] if name == self.first[0] else name
        other = Explorer(given, months=self.explorer.worlds.months, seed=self.explorer.seed)
        other.metric = self.explorer.metric
        self.opening = other
        self.newest.ask("live")

    def _enter(self, mind: Callable[[], None]) -> None:
        """Be in the scenario that was picked last, if it is not there yet; one that cannot live is let go."""
        other = self.opening
        if other is None:
            return
        try:
            other.live(mind, self._beat(other.scenario.title))
            mind()
        except GivenUp:
            raise
        except Exception:
            self._close(other)
            raise
        self.explorer.become(other)
        self._close(other)
        self._make_handles()
        self.show_set()

    def _close(self, other: Explorer) -> None:
        """This one is no longer about to be opened; the picker names what is explored."""
        if self.opening is not other:
            return
        self.opening = None
        self._quiet = True
        try:
            self.scenario.value = self.explorer.scenario.name
        finally:
            self._quiet = False

    def _both(self) -> list[Explorer]:
        """What is explored, and what will be."""
        return [one for one in (self.explorer, self.opening) if one is not None]

    def _redraw(self, metric: str) -> None:
        for one in self._both():
            one.metric = metric
        self.newest.ask("live")

    def _reseed(self, seed: int) -> None:
        for one in self._both():
            one.seed = seed
        self.ask()

    def _reset(self) -> None:
        """Everything as it was, and one run for all of it."""
        self.explorer.reset()
        self.show_set()
        self.ask()

    def _turn_to(self, page: str) -> None:
        for name, box in ((FIRMS, self.firms), (LIFE, self.life.box), (RULES, self.rules.box)):
            box.layout.display = None if name == page else "none"
        if page == LIFE:
            self.life.open()

    # ------------------------------------------------ shown

    def show(self) -> None:
        """The two worlds that are known now."""
        one, before = self.explorer, self.shown
        self.said.value, self.table.value = one.said_html(), one.table_html()
        self.picture.value = one.picture_html()
        self.shown = self._showing()
        if not before or any(old is not new for old, new in zip(before[:2], self.shown[:2], strict=True)):
            self.life.forget()
        self.rules.count()
        self._show_code()

    def _showing(self) -> tuple[Any, ...]:
        return self.explorer.before, self.explorer.now, self.explorer.metric

    def show_set(self) -> None:
        """All controls as they are set; no market lives again."""
        self._quiet = True
        try:
            for knob in self.explorer.knobs:
                self._set(knob, self.explorer.values[knob.address])
        finally:
            self._quiet = False
        self.rules.begin()

    def _set(self, knob: Knob, value: Any) -> None:
        """Show a value; one that the control does not offer yet, it offers from now on."""
        handle = self.handles[knob.address]
        if knob.kind in (SLIDER, CHOICE) and value not in [known for _label, known in handle.options]:
            values = [*(known for _label, known in handle.options), value]
            values = sorted(values) if knob.kind == SLIDER else values
            handle.options = [(knob.shown(one), one) for one in values]
        handle.value = value

    def _show_code(self) -> None:
        self.code.value = self.explorer.code_html()
        self.code.layout.display = None if self.coder.value else "none"
