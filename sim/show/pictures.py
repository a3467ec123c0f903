"""Figures that are shown once and leave nothing behind; text for those who cannot see them; files."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.show.fonts import as_written, leave_theirs, lend_letters, quietly
from sim.terminal import in_notebook as in_notebook

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("png", "svg")


class Picture(Figure):
    """A figure that notebooks show with its text for those who cannot see it."""

    alt_text: str = ""

    def draw(self, renderer: Any) -> None:
        """Draw it, with letters of other fonts where its own has none."""
        with quietly():
            lend_letters(self)
            super().draw(renderer)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """As an image of its own, and as a page's image with alternative text, which notebooks prefer."""
        data = {
            "text/plain": self.alt_text or title_of(self),
            "text/html": as_html(self),
            "image/png": base64_of(self),
        }
        return data, {"image/png": {"alt": self.alt_text, "width": round(self.get_figwidth() * 100)}}


def new_figure(width: float, height: float, shown: bool = True) -> Picture:
    """A figure of so many inches: pyplot's in a notebook, so that it is shown once; elsewhere nobody's.

    A figure outside notebooks is not known to pyplot: it needs no screen and is gone with its last user.
    """
    if shown and in_notebook():
        import matplotlib.pyplot as plt

        figure: Picture = plt.figure(FigureClass=Picture)  # type: ignore[assignment]
    else:
        figure = Picture()
        FigureCanvasAgg(figure)
    figure.set_size_inches(width, height)
    figure.set_facecolor("white")
    figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
    return figure


def own_axes(ax: Axes | None, width: float = 7.5, height: float = 4.0) -> Axes:
    """The axes given, or the only one of a new figure."""
    if ax is None:
        return new_figure(width, height).add_subplot()
    leave_theirs(ax)
    return ax


def settle(figure: Figure) -> None:
    """Let the layout find its places, so that labels can be put beside lines."""
    as_written(figure)
    figure.draw_without_rendering()


def of_table(table: pd.DataFrame, name: str, default: Any) -> Any:
    """What a table knows of its run (`focus`, `currency`, `title`), or the default."""
    value = table.attrs.get(name)
    return default if value is None else value


def set_alt_text(ax: Axes, text: str) -> None:
    """Say in words what a picture shows: on its axes, and on its figure if that has no words yet."""
    as_written(ax)  # a figure of the user's own does not ask for it when it is drawn
    ax.alt_text = text  # type: ignore[attr-defined]
    if not getattr(ax.figure, "alt_text", ""):
        ax.figure.alt_text = text  # type: ignore[union-attr]


def figure_of(picture: Any) -> Figure:
    """The figure of an Axes, of an array of them, or itself."""
    if isinstance(picture, Figure):
        return picture
    if isinstance(picture, (np.ndarray, list, tuple)):
        picture = np.ravel(np.asarray(picture, dtype=object))[0]
    if isinstance(picture, Axes):
        return picture.get_figure(root=True)  # type: ignore[return-value]
    raise TypeError(
        f"a picture is what a plot returned: an Axes, an array of Axes, or a Figure (got {picture!r})"
    )


def alt_text(picture: Any) -> str:
    """What a picture shows, in words, for those who cannot see it.

    Parameters
    ----------
    picture : an Axes, an array of Axes, or a Figure, as a plot returned it.

    Returns
    -------
    str : "" if nothing was said.

    Examples
    --------
    >>> import pandas, sim.show
    >>> firms = pandas.DataFrame({"acquisition_cost": [40.0], "retention_cost": [8.0]}, index=["Corner"])
    >>> sim.show.alt_text(sim.show.costs(firms))
    'What winning and keeping a customer costs. Corner: 40.0 EUR to win one, 8.00 EUR to keep one for a year, 5.0 times as much.'
    """
    own = getattr(picture, "alt_text", "") if isinstance(picture, Axes) else ""
    return own or getattr(figure_of(picture), "alt_text", "")


def save(picture: Any, path: str | Path, force: bool = False) -> Path:
    """Write a picture to a file, whole or not at all, with its text for those who cannot see it.

    Parameters
    ----------
    picture : an Axes, an array of Axes, or a Figure, as a plot returned it.
    path : the file, ending in .png or .svg.
    force : overwrite a file that is there.

    Returns
    -------
    Path : the file written.

    Raises
    ------
    ValueError : another ending. FileExistsError : the file is there and force is not given.
    """
    from sim.scenario.writing import write_whole

    figure, path = figure_of(picture), Path(path)
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise ValueError(f'{path}: a picture ends in .png or .svg (got "{path.suffix}")')
    if path.exists() and not force:
        raise FileExistsError(f"{path} is there already; force writes over it")
    write_whole(path, as_bytes(figure, kind), force=force)
    return path


def as_bytes(picture: Any, kind: str = "png") -> bytes:
    """A picture as a file's content; the same picture gives the same bytes.

    Its title and its text for those who cannot see it stand in the file: as metadata, and in an SVG also
    where screen readers look.
    """
    figure, stream = figure_of(picture), io.BytesIO()
    words = {"Title": title_of(figure), "Description": getattr(figure, "alt_text", "")}
    words = {name: text for name, text in words.items() if text}
    own = {"Date": None} if kind == "svg" else {"Software": "Tenfold"}
    with matplotlib.rc_context({"svg.hashsalt": "tenfold", "svg.fonttype": "path"}):
        figure.savefig(stream, format=kind, dpi=150, metadata={**words, **own}, facecolor="white")
    if kind != "svg":
        return stream.getvalue()
    label = escape(words.get("Description", ""), quote=True)
    return stream.getvalue().replace(b"<svg ", f'<svg role="img" aria-label="{label}" '.encode(), 1)


def base64_of(picture: Any) -> str:
    """A picture as text that a page can hold."""
    return base64.b64encode(as_bytes(picture)).decode()


def as_html(picture: Any) -> str:
    """A picture as a page's image, with its text for those who cannot see it."""
    width = round(figure_of(picture).get_figwidth() * 100)
    label = escape(alt_text(picture), quote=True)
    return f'<img src="data:image/png;base64,{base64_of(picture)}" alt="{label}" style="width: 100%; max-width: {width}px">'


def title_of(figure: Figure) -> str:
    """The title of a figure, else that of its first axes."""
    if figure.get_suptitle():
        return figure.get_suptitle()
    return figure.axes[0].get_title(loc="left") if figure.axes else ""
