"""Pictures look as they were approved; the comparison sees what a reader would."""

from __future__ import annotations

import approved_pictures as a
import matplotlib
import pytest
from PIL import ImageChops, ImageDraw

matplotlib.use("agg")


@pytest.mark.parametrize("name", a.pictures())
def test_it_looks_as_it_was_approved(name: str) -> None:
    now, then = a.drawn(name), a.approved(name)
    assert now.size == then.size
    mean, share = a.apart(now, then)
    assert mean < a.MEAN and share < a.SHARE, (
        f"{name} looks otherwise (mean {mean:.1f} of 255, {share:.1%} of the places); if that is meant, look at it after "
        "python tests/approved_pictures.py, and commit it"
    )


def test_there_is_no_approved_picture_that_nobody_draws() -> None:
    assert {file.stem for file in a.FOLDER.iterdir()} == set(a.pictures())
    assert sum(file.stat().st_size for file in a.FOLDER.iterdir()) < 150_000


@pytest.mark.parametrize("name", a.pictures())
def test_the_comparison_sees_a_bar_that_is_missing_and_another_picture(name: str) -> None:
    then = a.approved(name)
    covered = then.copy()
    x, y = then.width // 2, then.height // 2
    ImageDraw.Draw(covered).rectangle((x - 40, y - 15, x + 40, y + 15), fill="#336699")
    for other in (
        covered,
        ImageChops.offset(then, 24, 0),
        a.approved("twins" if name != "twins" else "survival"),
    ):
        mean, share = a.apart(then, other)
        assert mean >= a.MEAN or share >= a.SHARE
    assert a.apart(then, ImageChops.offset(then, 1, 0))[1] < 0.05, "a dot to the side is not another picture"
