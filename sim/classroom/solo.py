"""Playing alone against the scenario's other firms: the same game with one team, in the browser or in a notebook."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.classroom import desk, moves, report, scores, store, texts
from sim.classroom.decisions import Decision
from sim.classroom.faults import GameError
from sim.classroom.game import Game
from sim.classroom.settings import settings_of
from sim.classroom.sheets import Sheet, read_table
from sim.classroom.store import Store
from sim.scenario import Scenario, load

if TYPE_CHECKING:
    import pandas as pd


def new_solo(
    folder: Path,
    scenario: Scenario,
    *,
    rounds: int = 6,
    months: int = 6,
    seed: int = 1,
    rivals: Sequence[str] = (),
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Game:
    """A game of one team in a folder that is not there yet, against the scenario's other firms and further rivals."""
    settings = settings_of(
        scenario,
        teams=1,
        alone=True,
        rounds=rounds,
        months=months,
        seed=seed,
        rivals=tuple(rivals),
        limits=limits,
    )
    desk.new_game(folder, settings, names=[texts.ALONE_TEAM])
    return desk.change(folder, lambda game: [moves.join(game, texts.ALONE_NAME, 0)])


class Solo:
    """A game that one player plays from Python.

    Parameters
    ----------
    scenario : a shipped name, a file or a `Scenario`. You run its focus firm.
    rounds : 1 to 60. months : of a round, 1 to 12. seed : the number that all luck comes from.
    rivals : policies that run further firms.
    limits : decision -> its least and most, in place of those of a class (docs/class.md). folder : where the game is kept; gone at the end unless given.

    Raises
    ------
    GameError
        What cannot be, with the cure.

    Examples
    --------
    >>> from sim.classroom.solo import Solo
    >>> game = Solo("two_cafes", rounds=2, months=3)
    >>> seen = game.play(price=1.05, exit_survey=0.5)
    >>> len(game.table)
    1
    """

    def __init__(
        self, scenario: Any, *, rounds: int = 6, months: int = 6, seed: int = 1, rivals: Sequence[str] = (),
        limits: Mapping[str, tuple[float, float]] | None = None, folder: Any = None,
    ) -> None:  # fmt: skip
        self._temporary = tempfile.TemporaryDirectory(prefix="tenfold-") if folder is None else None
        self.folder = Path(self._temporary.name) / "game" if self._temporary else Path(folder)
        if not (self.folder / store.FILE).exists():
            chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
            new_solo(
                self.folder, chosen, rounds=rounds, months=months, seed=seed, rivals=rivals, limits=limits
            )
        self._store = Store(self.folder)

    @property
    def game(self) -> Game:
        """The game as it stands."""
        return self._store.game

    def play(self, *, rules: Sequence[Mapping[str, Any]] = (), **plan: Any) -> dict[str, Any]:
        """Decide for the open round, and play it.

        Parameters
        ----------
        rules : each a dict with "if", a condition over the firm's database, and "then", decisions.
        **plan : any decisions of `sim.Plan`; what is left out stays as it was in the last round, of a trial discount what the budget
            leaves of it (`trial_discount_left` of what the last round gave).

        Returns
        -------
        What the firm saw of the round: customers, share, profit, reasons as far as it asked; money in the market's currency.

        Raises
        ------
        GameError
            A decision that is none, or too dear; every fault is named, and the round is not played.
        """
        now = datetime.now().astimezone()
        game = self.game
        moves.check_open(game)
        said = {"team": game.teams[0], "plan": dict(plan)} | ({"rules": list(rules)} if rules else {})
        sheet = read_table(said, game, Sheet(texts.SOURCE_PYTHON))
        desk.check_budget(sheet, game, self.folder, {})
        if sheet.faults:
            raise GameError(
                "\n".join(
                    f"{fault.field}: {fault.problem.removesuffix(texts.LEFT).strip()}"
                    for fault in sheet.faults
                )
            )
        decision = sheet.decision or Decision({})
        self._store.change(lambda latest: [moves.hand_in(latest, 0, decision, {}, sheet.source, now)])
        return dict(desk.advance(self.folder, now).rounds[-1].outcomes[0]["seen"])

    def undo(self) -> None:
        """Take the last round back."""
        desk.undo(self.folder)

    @property
    def table(self) -> pd.DataFrame:
        """A row a round played: the report's figures, and the total so far; money in the market's currency."""
        import pandas as pd

        rows = [{name: one.outcomes[0]["seen"][name] for name in texts.COLUMNS} for one in self.game.rounds]
        return pd.DataFrame(rows, index=pd.Index(range(1, len(rows) + 1), name="round"))

    @property
    def total(self) -> float:
        """Profit of all rounds and customer equity at the end, money."""
        return scores.team_scores(self.game)[0].total

    def report(self, file: Any) -> Path:
        """Write the last round's report as one page."""
        game = self.game
        if not game.rounds:
            raise GameError(texts.NOTHING_PLAYED)
        Path(file).write_bytes(report.as_page(game, 0, len(game.rounds)))
        return Path(file)

    def __repr__(self) -> str:
        game = self.game
        return texts.SOLO_STANDS.format(
            title=game.settings.own.title, done=len(game.rounds), rounds=game.settings.rounds, total=f"{self.total:,.0f}",
            currency=game.settings.own.market.currency,
        )  # fmt: skip
