"""The explorer of files and of saved runs: their words are never markup, their market is the one that was saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sim
from sim.scenario import load
from sim.show.exploring import Explorer

SMALL = load("two_cafes").with_changes({"market.customers": 100})


def test_a_title_is_never_markup_while_its_market_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ipywidgets", reason="the extra lab brings the controls")
    from sim.show.controls import Controls

    monkeypatch.setattr(Explorer, "picture_html", lambda one: "")  # which takes most of the time
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


def test_a_saved_run_is_explored_with_its_policies_months_and_luck(tmp_path: Path) -> None:
    run = sim.run(SMALL, months=3, seed=7, policies={"Corner": "price_cutter"})
    folder = str(run.save(tmp_path / "kept"))
    one, name = sim.explore(folder), json.dumps(folder, ensure_ascii=False)
    assert one.before.hash == run.hash and one.seed == 7 and one.scenario.name == "kept"
    assert one.code == f"sim.run({name})"
    one.turn("talk.unhappy_tells", 0)
    assert one.code.splitlines()[0] == f'sim.run({name}, change={{"talk.unhappy_tells": 0}})'
    assert sim.run(folder, change=one.changes).hash == one.now.hash != run.hash
    one.turn("firms.Corner.policy", "status_quo")
    assert sim.run(folder, change=one.changes).hash == one.now.hash
    assert sim.explore(folder, months=2, seed=1).code == f"sim.run({name}, months=2, seed=1)"
