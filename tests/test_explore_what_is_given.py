"""The explorer of files and of saved runs: their words are never markup, their market is the one that was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.scenario import load

SMALL = load("two_cafes").with_changes({"market.customers": 100})


def test_a_title_is_never_markup_while_its_market_lives(tmp_path: Path) -> None:
    pytest.importorskip("ipywidgets", reason="the extra lab brings the controls")
    from sim.show.controls import Controls

    file = SMALL.save(tmp_path / "mine.toml")
    text = file.read_text(encoding="utf-8")
    assert f'title = "{SMALL.title}"' in text
    file.write_text(text.replace(SMALL.title, "Mine <b>now</b>"), encoding="utf-8")
    shown, said = Controls(sim.explore(str(file), months=2)), []
    shown.status.observe(lambda event: said.append(event["new"]), names="value")
    for name in ("two_cafes", "mine"):
        shown.scenario.value = name
        shown.newest.wait()
    assert any("Mine" in text for text in said) and not any("<b>" in text for text in said)
