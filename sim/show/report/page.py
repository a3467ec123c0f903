"""A report as one HTML page: pictures inside it, no script, nothing asked of the network."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sim import __version__
from sim.show.pictures import alt_text, as_bytes, figure_of
from sim.show.report.exhibits import Report

if TYPE_CHECKING:
    from sim.runs import Progress

HERE = Path(__file__).parent
DOTS_AN_INCH = 100


class Drawn(NamedTuple):
    """A picture once it is drawn: its files' content, its words, its size on a page in pixels."""

    svg: bytes
    png: bytes
    alt: str
    width: int
    height: int

    @property
    def source(self) -> str:
        """The address that holds the picture itself."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg).decode()}"


def draw(report: Report, png: bool = False, progress: Progress | None = None) -> dict[str, Drawn]:
    """All pictures of a report by name; those for a page alone have no PNG.

    ``progress`` is called with the pictures drawn and their number.
    """
    wanted = {one.picture.name: one.picture for one in report.exhibits() if one.picture is not None}
    drawn = {}
    for name, picture in wanted.items():
        ax = picture.draw()
        figure = figure_of(ax)
        svg = as_bytes(figure, "svg")
        figure.set_layout_engine("none")  # it has found its places, and finds no others for the PNG
        drawn[name] = Drawn(
            svg, as_bytes(figure, "png") if png else b"", alt_text(ax),
            round(figure.get_figwidth() * DOTS_AN_INCH), round(figure.get_figheight() * DOTS_AN_INCH),
        )  # fmt: skip
        if progress:
            progress(len(drawn), len(wanted))
    return drawn


def as_page(report: Report, pictures: dict[str, Drawn]) -> bytes:
    """The page; whatever a scenario says in it is escaped."""
    world = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    world.filters["breakable"] = lambda text: Markup(".<wbr>").join(map(escape, text.split(".")))
    style = (HERE / "page.css").read_text(encoding="utf-8")
    text = world.get_template("page.html").render(
        report=report, pictures=pictures, style=Markup(style), version=__version__
    )
    return (text.strip() + "\n").encode()
