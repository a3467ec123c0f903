"""Two pages of the explorer: one customer's life in both worlds, and the firm's rules, written anew."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from sim.scenario import ScenarioError
from sim.scenario.database import vocabulary
from sim.scenario.parameters import BY_CUSTOMER
from sim.show.lives_browsed import LivesBrowsed
from sim.show.rule_lines import as_typed, read_rule, rules_of

if TYPE_CHECKING:
    from sim.show.controls import Controls


class LifePane:
    """Pick a customer, and read the life in both worlds."""

    def __init__(self, controls: Controls) -> None:
        self.controls = controls
        self.browsed: LivesBrowsed | None = None
        self.unread: int | None = None
        self.about, self.text = w.HTML(), w.HTML()
        self.number = w.BoundedIntText(0, min=0, max=0, description="customer", continuous_update=False)
        self.before = w.Button(description="the one before", tooltip="whose life differs")
        self.next = w.Button(description="the next", tooltip="whose life differs")
        self.before.on_click(lambda _button: self._step(-1))
        self.next.on_click(lambda _button: self._step(1))
        self.number.observe(lambda event: self.read(event["new"]), names="value")
        self.box = w.VBox([self.about, w.HBox([self.number, self.before, self.next]), self.text])

    def forget(self) -> None:
        """Other worlds: what was read is read again, if somebody looks."""
        self.browsed = self.unread = None
        self.text.value = ""
        if self.box.layout.display != "none":
            self.open()

    def again(self) -> None:
        """A life that was wanted, and that something newer kept from being read."""
        if self.unread is not None:
            self.read(self.unread)

    def open(self) -> None:
        """The page is looked at: who differs, and the first of them."""
        if self.browsed is not None:
            return
        one = self.controls.explorer
        worlds = {"as it is": one.before, "as tried": one.now} if one.set else {"as it is": one.now}
        self.browsed = LivesBrowsed(worlds)
        self.about.value = f'<div style="line-height: 1.4">{escape(self.browsed.about())}</div>'
        self.number.max = self.browsed.count - 1
        self._step(1)

    def _step(self, by: int) -> None:
        if self.browsed is None:
            return
        customer = self.browsed.step(by)
        if self.number.value == customer:
            self.read(customer)
        else:
            self.number.value = customer

    def read(self, customer: int) -> None:
        """Get the life, which may take as long as the runs, and show it."""
        browsed = self.browsed
        if browsed is None:
            return

        self.unread = customer

        def get(mind: Callable[[], None]) -> None:
            if (
                self.browsed is not browsed
            ):  # other worlds stand there by now, and are read by a wish of their own
                return
            report = self.controls._beat("Writing lives down")

            def month(done: int, months: int) -> None:
                mind()
                report(done, months)

            lives = browsed.read(customer, month)
            mind()
            self.unread = None
            self.text.value = f'<div role="status" aria-live="polite">{lives._repr_html_()}</div>'

        self.controls.newest.ask(get)


class RulePane:
    """The rules of the firm that one is: a line a rule, and what is wrong with it under it."""

    def __init__(self, controls: Controls) -> None:
        self.controls = controls
        self.rows: list[tuple[Any, Any, Any]] = []
        self.head, self.wrong, self.lines = w.HTML(), w.HTML(), w.VBox()
        self.more = w.Button(description="One more rule", tooltip="the later rule wins")
        self.more.on_click(lambda _button: self._add({"if": "", "then": {}}))
        self.box = w.VBox([self.head, self.lines, self.wrong, self.more])
        self.begin()

    def begin(self) -> None:
        """The rules that are set now, as text."""
        one = self.controls.explorer
        columns = ", ".join(vocabulary(one.scenario.segments))
        self.head.value = (
            f'<div style="line-height: 1.4">What {escape(one.scenario.focus)} does for some of its customers, after its policy; '
            f"the later rule wins. <small>A condition is about {escape(columns)}. A decision is one of "
            f"{', '.join(BY_CUSTOMER)}.</small></div>"
        )
        self.rows = []
        for rule in one.rules if one.rules is not None else rules_of(one.scenario):
            self._row(rule)
        self._place()

    def _row(self, rule: dict[str, Any]) -> None:
        wide, narrow = {"width": "24em"}, {"width": "21em"}
        condition = w.Text(rule["if"], description="if", continuous_update=False, layout=wide,
                           placeholder="status == lapsed and spent > 60", style={"description_width": "2em"})  # fmt: skip
        then = w.Text(as_typed(rule["then"]), description="then", continuous_update=False, layout=narrow,
                      placeholder="offer = 0.15", style={"description_width": "3em"})  # fmt: skip
        said = w.HTML()
        self.rows.append((condition, then, said))
        for text in (condition, then):
            text.observe(lambda _event: self.read(), names="value")

    def _add(self, rule: dict[str, Any]) -> None:
        self._row(rule)
        self._place()

    def _place(self) -> None:
        """The lines below each other, each with a button that takes it away."""
        children = []
        for row in self.rows:
            away = w.Button(description="remove", layout={"width": "6em"})
            away.on_click(lambda _button, row=row: self._remove(row))
            children += [w.HBox([row[0], row[1], away], layout={"flex_flow": "row wrap"}), row[2]]
        self.lines.children = children

    def _remove(self, row: tuple[Any, Any, Any]) -> None:
        self.rows.remove(row)
        self._place()
        self.read()

    def read(self) -> None:
        """Read all lines: mistakes are shown where they are; where there is none, the market lives with these rules."""
        one, good = self.controls.explorer, True
        rules: list[dict[str, Any]] = []
        for condition, then, said in self.rows:
            if not condition.value.strip() and not then.value.strip():
                said.value = ""
                continue
            line = read_rule(condition.value, then.value, one.scenario)
            said.value = "".join(mistake.as_html() for mistake in line.mistakes)
            good = good and line.rule is not None
            rules.append(line.rule or {})
        self.wrong.value = ""
        if not good:
            return
        wanted = None if rules == rules_of(one.scenario) else rules
        if wanted == one.rules:
            return
        try:
            one.scenario.with_changes({f"firms.{one.scenario.focus}.rules": rules})
        except ScenarioError as error:
            self.wrong.value = f'<div role="alert">{escape(str(error))}</div>'
            return
        one.rules = wanted
        self.controls.ask()

    def count(self) -> None:
        """How often each rule fired in the world that was tried."""
        one = self.controls.explorer
        table = one.now.rules[one.now.rules["firm"] == one.scenario.focus]
        shown = [row for row in self.rows if row[0].value.strip()]
        if len(shown) != len(table):
            return
        for (_if, _then, said), fired, note in zip(shown, table["fired"], table["note"], strict=True):
            more = f"; {note}" if note else ""
            said.value = f"<small>fired in {fired:,} customer-months{escape(more)}</small>"
