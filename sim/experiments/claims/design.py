"""What a claim is: its words, its worlds, how one seed of a world is played, and how the rows are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.experiments.claims.flips import Flip
from sim.experiments.claims.verdicts import Cell
from sim.mechanisms import MECHANISMS

if TYPE_CHECKING:
    import pandas as pd

EMERGENT, CALIBRATED, INPUT = "emergent", "calibrated", "input"


class Size(NamedTuple):
    """How much is computed.

    Attributes
    ----------
    name : full, reduced or brief. customers : of the worlds that a claim sizes itself.
    months : after the arms part. seeds : how many. burn_in : months before the arms part.
    """

    name: str
    customers: int
    months: int
    seeds: int
    burn_in: int

    @property
    def is_full(self) -> bool:
        """Whether every cell of the design is played; else only a few."""
        return self.name == "full"

    def pick(self, levels: Sequence[Any], few: Sequence[Any]) -> list[Any]:
        """All levels of a factor at full size, else a few of them."""
        return list(levels if self.is_full else few)


FULL = Size("full", 10_000, 60, 20, 24)
REDUCED = Size("reduced", 1_000, 24, 5, 12)
BRIEF = Size("brief", 400, 12, 2, 6)
"""For tests: everything is played and nothing can be concluded."""

SIZES = {size.name: size for size in (FULL, REDUCED, BRIEF)}


class Part(NamedTuple):
    """A part of a sentence with a verdict of its own.

    Attributes
    ----------
    name : a word or two; "" if the sentence has one part.
    says : the inequality that is tested, in words.
    cells : where it is tested. unit : of the effects.
    flips : where it turns. is_check : whether the part only checks the program, and does not count.
    main : the place of the cell that is told first; the first where there is none.
    """

    name: str
    says: str
    cells: Sequence[Cell]
    unit: str = "% of V"
    flips: Sequence[Flip] = ()
    is_check: bool = False
    main: int = 0


class Judged(NamedTuple):
    """What the rows of a claim say.

    Attributes
    ----------
    parts : the parts with their cells. table : a row a cell of the picture: the claim's factors, `value`, `low`, `high`.
    notes : sentences with figures that stand beside the verdict. flips : words, where a claim says itself what turns.
    """

    parts: Sequence[Part]
    table: pd.DataFrame
    notes: Sequence[str] = ()
    flips: str = ""


class Picture(NamedTuple):
    """How the table is drawn.

    Attributes
    ----------
    kind : lines (x is a number), dots (x is a word), grid (a number in each cell).
    x : the column along the axis. unit : of the values. by : the column that makes lines. panels : the column that
    makes panels. rows : of a grid, the column down. title : what is shown.
    """

    kind: str
    x: str
    unit: str
    title: str
    by: str = ""
    panels: str = ""
    rows: str = ""


class Design(NamedTuple):
    """A claim as an experiment.

    Attributes
    ----------
    name : the word that finds it. sentence, source : what is claimed, and by whom.
    status : emergent, calibrated or input, with what is which. outcome : what is measured.
    design : worlds, arms and sizes, in sentences, with what was made smaller.
    expects : how it comes to a verdict.
    worlds : size -> the worlds; each, a plain dict, is burnt in once a seed.
    play : world, seed, size -> rows (plain dicts of words and numbers); a seed of a world is one piece of work.
    judge : all rows, size -> what they say. In the file it stands after all that plays: what is before it names the pieces
        that are kept, and a change there has them played again.
    picture : how the table is drawn.
    seeds : at full size, if not 20.
    needs : the mechanisms that it turns on; without one of them nothing is played, and it cannot be tested.
    """

    name: str
    sentence: str
    source: str
    status: str
    outcome: str
    design: str
    expects: str
    worlds: Callable[[Size], list[dict[str, Any]]]
    play: Callable[[Mapping[str, Any], int, Size], list[dict[str, Any]]]
    judge: Callable[[pd.DataFrame, Size], Judged]
    picture: Picture
    seeds: int = 20
    customers: int = 10_000
    needs: tuple[str, ...] = ()

    @property
    def waits_for(self) -> str:
        """In words, the mechanisms that it needs and the model lacks; "" if there is none."""
        lacking = [name for name in self.needs if name not in MECHANISMS]
        return f"the mechanism {' and '.join(lacking)}" if lacking else ""

    def sized(self, size: Size) -> Size:
        """The size with the claim's own number of seeds and customers at full size."""
        return size._replace(seeds=self.seeds, customers=self.customers) if size.is_full else size
