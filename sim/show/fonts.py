"""Words as they are written, in letters of other installed fonts where their own has not all; a note says what no font has."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text

FALLBACKS = (
    # Windows
    "Microsoft YaHei", "Microsoft JhengHei", "SimHei", "Yu Gothic", "Meiryo", "MS Gothic", "Malgun Gothic", "Nirmala UI",
    "Leelawadee UI", "Segoe UI Symbol",
    # Mac
    "Hiragino Sans GB", "Hiragino Sans", "PingFang SC", "Heiti TC", "Apple SD Gothic Neo", "Arial Unicode MS",
    "Kohinoor Devanagari", "Thonburi",
    # Linux
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Source Han Sans SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Droid Sans Fallback", "IPAGothic", "TakaoGothic", "NanumGothic", "Noto Sans Devanagari",
    "Noto Sans Thai",
)  # fmt: skip
"""Fonts with many letters that computers usually have, in the order in which they are asked."""

_told: set[str] = set()
"""Letters that a note has spoken of already."""


def as_written(artist: Artist) -> list[Text]:
    """The texts of a figure or of axes, drawn as they are written: `$` is a dollar, not mathematics.

    Numbers that matplotlib writes as powers stay mathematics, and so does what a user wrote on axes before they were handed over.
    """
    texts: list[Text] = artist.findobj(Text)  # type: ignore[assignment]
    for text in texts:
        said = text.get_text()
        if "$" in said and "\\mathdefault" not in said and getattr(text, "theirs", None) != said:
            text.set_parse_math(False)
    return texts


def leave_theirs(axes: Artist) -> None:
    """What a user wrote on axes stays as they meant it."""
    for text in axes.findobj(Text):
        text.theirs = text.get_text()  # type: ignore[attr-defined]


def lend_letters(figure: Figure) -> None:
    """Give each text of a figure the fonts that its letters need, and say once which letters no font has."""
    lacking: set[str] = set()
    for text in as_written(figure):
        said = text.get_text()
        if not said.isascii():
            lacking |= _lend(text, said)
    lacking -= _told
    if lacking:
        _told.update(lacking)
        letters = "".join(sorted(lacking)[:20])
        warnings.warn(
            f'no font of this computer that pictures could take has the letters "{letters}"; they stand as boxes in '
            "pictures, while tables and the text beside pictures have them. Install a font that has them (free: Noto "
            "Sans CJK), or give the firm a name in other letters",
            stacklevel=2,
        )


@contextmanager
def quietly() -> Iterator[None]:
    """While it lasts, matplotlib says nothing of letters and weights that a font has not: `lend_letters` has told."""
    log = logging.getLogger("matplotlib.font_manager")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        log.addFilter(_no_weight)
        try:
            yield
        finally:
            log.removeFilter(_no_weight)


def _no_weight(record: logging.LogRecord) -> bool:
    return "font weight" not in record.getMessage()


def _lend(text: Text, said: str) -> set[str]:
    """Add fonts to a text's own; the letters that none of them has."""
    own = font_manager.findfont(text.get_fontproperties())
    lacking = {letter for letter in said if letter.isprintable() and not _has(own, letter)}
    families = list(text.get_fontfamily())
    for name in _installed() if lacking else ():
        if found := {letter for letter in lacking if _has(_file(text, name), letter)}:
            lacking -= found
            if name not in families:
                families.append(name)
    if families != text.get_fontfamily():
        text.set_fontfamily(families)
    return lacking


@cache
def _installed() -> tuple[str, ...]:
    """Those of the fonts that are here."""
    here = set(font_manager.get_font_names())
    return tuple(name for name in FALLBACKS if name in here)


def _file(text: Text, family: str) -> str:
    """The file of a font in a text's weight and style."""
    wanted = text.get_fontproperties().copy()
    wanted.set_family(family)
    return font_manager.findfont(wanted)


@cache
def _has(file: str, letter: str) -> bool:
    """Whether a font file has a letter."""
    return font_manager.get_font(file).get_char_index(ord(letter)) != 0
