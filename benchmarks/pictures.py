"""The page of all pictures: docs/pictures.md, and a small PNG of each in docs/pictures.

    python3 benchmarks/pictures.py               all of them, about five minutes
    python3 benchmarks/pictures.py flows rfm     some of them; the page names all the same

Each is drawn by the line of code that stands beside it, from a shipped scenario with seed 1, in 640 dots and at most 40 kB.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDER, PAGE = ROOT / "docs" / "pictures", ROOT / "docs" / "pictures.md"
WIDE, HEAVY = 640, 40_000

BEGIN = {
    "run": 'run = sim.run("two_cafes")',
    "pair": 'pair = sim.compare("two_cafes", ["accountable", "price_cutter"], seeds=5)',
}
"""What the lines of code begin from."""


class Shown(NamedTuple):
    """A picture of the page: its name, what it shows, and the line that draws it."""

    name: str
    shows: str
    code: str


def shown() -> list[Shown]:
    """All pictures of the page, in its order."""
    from sim.show.kinds import COMPARISON_KINDS, RUN_KINDS

    first = [Shown(kind.name, kind.shows, f'run.plot("{kind.name}")') for kind in RUN_KINDS.values()]
    then = [Shown(kind.name, kind.shows, f'pair.plot("{kind.name}")') for kind in COMPARISON_KINDS.values()]
    return [
        *first, *then,
        Shown("tornado", "which assumption would turn the choice",
              'pair.stress(["talk.unhappy_tells", "talk.happy_tells", "buy.outside", "buy.loyalty_weight"]).plot()'),
        Shown("kotler", "Kotler's matrix as found: a claim with its cells", 'sim.claim("levels").plot()'),
        Shown("claim", "a claim's effects with their intervals", 'sim.claim("tells_ten").plot()'),
        Shown("equation", "one equation of the model",
              'sim.show.equation("talk.people_told", mood=(-1, 1), unhappy_tells=[0, 5, 10])'),
    ]  # fmt: skip


def draw(one: Shown, known: dict[str, Any]) -> Any:
    """Carry out a picture's line."""
    import sim

    space: dict[str, Any] = {"sim": sim, **known}
    exec(compile(f"found = {one.code}", one.name, "exec"), space)
    return space["found"]


def small(picture: Any) -> bytes:
    """A picture in few bytes: so many dots wide, with as many colours as fit."""
    from PIL import Image

    from sim.show.pictures import as_bytes

    with Image.open(io.BytesIO(as_bytes(picture))) as full:
        whole = full.convert("RGB")
    for wide, colours in itertools.product((WIDE, WIDE * 3 // 4), (128, 64, 32)):
        image = whole.resize((wide, round(whole.height * wide / whole.width)), Image.Resampling.LANCZOS)
        stream = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(stream, "png", optimize=True)
        if stream.tell() < HEAVY:
            break
    return stream.getvalue()


def page(words: dict[str, str]) -> str:
    """The page, with each picture's own words where it was drawn now, or as they stood."""
    lines = [
        "# Pictures", "",
        "Each takes a tidy table and, if you like, `ax=`; it returns the Axes. `run.plot(kind)` and `pair.plot(kind)` take the right",
        "table; `sim.show.KIND(table)` draws a table of yours. `sim.show.save(picture, \"file.png\")` writes one,",
        "`sim.show.alt_text(picture)` says it in words. Colours can be told apart with any kind of colour vision (Okabe & Ito 2008).", "",
        "This page is made by `python3 benchmarks/pictures.py`. It begins with", "",
        "```python", "import sim", *BEGIN.values(), "```", "",
    ]  # fmt: skip
    for one in shown():
        lines += [
            f"## {one.name}",
            "",
            f"{one.shows[:1].upper()}{one.shows[1:]}.",
            "",
            f"```python\n{one.code}\n```",
            "",
        ]
        lines += [f"![{words.get(one.name, one.shows)}](pictures/{one.name}.png)", ""]
    return "\n".join(lines)


def main() -> int:
    """Draw the pictures that were asked for, and write the page."""
    names = [one.name for one in shown()]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="*", choices=[*names, []], help="which; all unless given")
    wanted = parser.parse_args().name or names
    import matplotlib

    matplotlib.use("agg")
    from sim import show

    words = _kept()
    known: dict[str, Any] = {}
    for one in [one for one in shown() if one.name in wanted]:
        variable = one.code.split(".")[0]
        if variable in BEGIN and variable not in known:
            known[variable] = draw(Shown(variable, "", BEGIN[variable].partition(" = ")[2]), known)
        picture = draw(one, known)
        words[one.name] = show.alt_text(picture).replace("[", "(").replace("]", ")")
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{one.name}.png").write_bytes(data := small(picture))
        print(f"{one.name}: {len(data) / 1000:.1f} kB")
    PAGE.write_text(page(words), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


def _kept() -> dict[str, str]:
    """The words of the pictures that stand in the page."""
    if not PAGE.exists():
        return {}
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("![") and "](pictures/" in line:
            words, _, file = line[2:].rpartition("](pictures/")
            found[file.removesuffix(".png)")] = words
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
