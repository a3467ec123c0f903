"""A run that was stopped, saved: its whole months, and a folder that repeats them."""

from __future__ import annotations

import json
import warnings

import pandas as pd
import pytest

import sim


def test_a_run_stopped_in_the_middle_of_a_month_is_saved_with_its_whole_months(tmp_path, monkeypatch):
    note = sim.Market.note_departures

    def stopping(market):
        if market.month == 2:
            raise KeyboardInterrupt
        note(market)

    monkeypatch.setattr(sim.Market, "note_departures", stopping)
    with pytest.raises(KeyboardInterrupt) as stop:
        sim.run("two_cafes", months=4, follow=[3, 4])
    monkeypatch.undo()
    folder = stop.value.run.save(tmp_path / "stopped")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = sim.run(folder)
    assert again.months_done == 2 and again.hash == sim.run("two_cafes", months=2).hash
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "customers.csv"), pd.read_csv(again.save(tmp_path / "whole") / "customers.csv")
    )
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["stopped"] == "Ctrl-C"
    assert set(pd.read_csv(folder / "lives.csv")["month"]) <= {0, 1, 2}
