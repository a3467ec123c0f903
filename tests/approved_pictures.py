"""Pictures that somebody looked at and approved, in tests/approved: `python tests/approved_pictures.py` draws them anew.

They are drawn from made-up tables, so that they change only when the drawing does. Look at each before it is committed.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "approved"

FIRMS = ["Express", "Corner", "The Old Corner Coffee House at the Market"]
WIDTH, HEIGHT, DOTS = 5.4, 3.6, 60
"""Inches, and dots an inch: small files that still show a wrong line."""

SHRINK = 4
"""Dots that are averaged before comparing: letters are drawn a little otherwise by other versions of a font library."""

MEAN, MOST, SHARE = 3.0, 45.0, 0.01
"""Tolerance, of 255: the mean difference; a difference that counts; the share of places that may have one."""


def pictures() -> dict[str, Callable[[Any], Any]]:
    """Name -> what draws it into the axes given."""
    import tables_to_draw as t

    from sim import show

    return {
        "departures": lambda ax: show.departures(t.flows_of(FIRMS), ax),
        "equity": lambda ax: show.equity(t.drivers_of(FIRMS), ax),
        "flows": lambda ax: show.flows(t.flows_of(FIRMS), ax),
        "loyalty": lambda ax: show.loyalty(t.accounts_by_tenure_of(FIRMS), ax),
        "permission": lambda ax: show.permission(t.funnel_of(FIRMS), ax),
        "survival": lambda ax: show.survival(t.survival_of(FIRMS), ax),
        "twins": lambda ax: show.twins(t.effects_of(FIRMS, seeds=20), ax),
        "word_of_mouth": lambda ax: show.word_of_mouth(t.news_of(FIRMS), ax),
    }


def drawn(name: str) -> Image.Image:
    """A picture as it is drawn now."""
    from sim.show.pictures import own_axes

    ax = pictures()[name](own_axes(None, WIDTH, HEIGHT))
    stream = io.BytesIO()
    ax.get_figure(root=True).savefig(stream, dpi=DOTS)
    return Image.open(stream).convert("RGB")


def approved(name: str) -> Image.Image:
    """A picture as it was approved."""
    with Image.open(FOLDER / f"{name}.png") as image:
        return image.convert("RGB")


def apart(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """The mean difference of two pictures of one size, of 255, and the share of places that differ by more than `MOST`."""
    small = [np.asarray(image.reduce(SHRINK), dtype=np.float64) for image in (one, other)]
    gap = np.abs(small[0] - small[1]).max(axis=2)
    return float(gap.mean()), float((gap > MOST).mean())


def main() -> None:
    """Draw all of them anew."""
    import matplotlib

    matplotlib.use("agg")
    FOLDER.mkdir(exist_ok=True)
    for name in pictures():
        file = FOLDER / f"{name}.png"
        image = drawn(name).quantize(64, dither=Image.Dither.NONE)
        image.save(file, optimize=True)
        print(f"wrote {file.relative_to(ROOT)}, {file.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    main()
