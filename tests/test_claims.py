"""Claims: every one is played at a small size; what is shown, saved and taken up again.

The size is `BRIEF`: 400 customers, 12 months after a burn-in of 6, 2 seeds. All claims together take 27 s of one core at it,
and CI is to end within 20 minutes. 2,000 customers, 36 months after a burn-in
of 24 and 6 seeds are 50 times as many customer-months. They would tell no more here: what is asserted are signs that luck
cannot turn (tests/test_claims_signs.py has more, in larger markets); verdicts are those of the full size, docs/claims.md.
"""

from __future__ import annotations

import inspect
import json

import pytest

import sim
from sim.cli import main
from sim.experiments import SetAside
from sim.experiments import claims as of_claims
from sim.experiments.claims import CLAIMS, playing, verdicts
from sim.experiments.claims.design import BRIEF
from sim.experiments.claims.page import page
from sim.experiments.claims.twins import Parting

pytestmark = pytest.mark.once

WAITING = CLAIMS["permission"]._replace(name="waiting", needs=("telepathy",))
"""A claim whose mechanism the model does not have."""


@pytest.fixture(scope="module")
def found():
    return {one.name: one for one in of_claims.claims(size=BRIEF)}


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_says_what_it_is(name):
    design = CLAIMS[name]
    assert design.name == name and design.sentence.endswith(".") and design.source
    assert any(
        word in design.status for word in ("emergent", "calibrated", "input", "closed form", "structural")
    )
    assert not design.waits_for
    assert all(
        f"mechanisms.{name}" in inspect.getsource(inspect.getmodule(design.play)) for name in design.needs
    )


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_is_played_and_judged_by_the_rule(found, name):
    one = found[name]
    assert one.verdict in verdicts.VERDICTS[:-1] and one.interval is not None
    assert len(one.table) == sum(len(part.cells) for part in one.parts) > 0
    assert set(one.table["says"]) <= {"yes", "no", "small", "open"}
    assert sorted(one.rows["seed"].unique()) == [1, 2]
    assert one.verdict in repr(one) and one.sentence in one._repr_html_()
    json.dumps(one.about, allow_nan=False)


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_draws_a_picture_that_says_its_numbers(found, name):
    from sim import show

    picture = found[name].plot()
    assert len(show.alt_text(picture)) > 40
    assert found[name]._design.picture.title in show.alt_text(picture)


def test_a_claim_whose_mechanism_is_absent_says_what_it_waits_for_and_is_not_played(monkeypatch):
    monkeypatch.setitem(CLAIMS, "waiting", WAITING)
    one = of_claims.claim("waiting")
    assert one.rows.empty
    assert one.verdict == "cannot be tested" and "mechanism telepathy" in one.flips_where
    assert one.interval is None and one.table.empty
    with pytest.raises(ValueError, match="nothing to draw"):
        one.plot()


def test_an_unknown_claim_gets_the_nearest_right_name():
    with pytest.raises(ValueError, match='did you mean "permission"'):
        sim.claim("permision")


def test_arms_of_one_parting_are_twins_and_an_arm_without_change_is_the_world_as_it_is():
    parting = Parting("plain", 3, BRIEF, customers=300)
    first, other = parting.arm(), parting.arm({"firms.North.plan.level": "partnership"})
    again, same = parting.arm(), parting.arm({"firms.North.plan.level": "reactive"})
    assert (first.books == again.books).all() and (first.books == same.books).all()
    assert other.value() != first.value() and len(first.profit) == BRIEF.months
    whole = sim.run("plain", months=18, seed=3, change={"market.customers": 300})
    assert whole.market.ledger.profit()[0] / 100 == pytest.approx(first.profit[-1])


def test_a_changed_policy_is_the_arms_own():
    parting = Parting("plain", 3, BRIEF, customers=300)
    spam = parting.arm(policies={"North": "spammer"})
    assert spam.counted("uninvited") > 0 == parting.arm().counted("uninvited")


def test_finished_pieces_are_taken_up_again(tmp_path, monkeypatch):
    first = of_claims.claims(["permission"], BRIEF, store=tmp_path / "kept")[0]
    monkeypatch.setattr(playing, "play", lambda run: pytest.fail(f"{run.options} was played twice"))
    again = of_claims.claims(["permission"], BRIEF, store=tmp_path / "kept")[0]
    assert again.rows.equals(first.rows) and len(list((tmp_path / "kept" / "parts").iterdir())) == 2


def test_a_piece_that_came_to_no_end_is_told_and_the_rest_is_kept(tmp_path, monkeypatch):
    design = CLAIMS["permission"]

    def play(world, seed, size):
        if seed == 2:
            raise ValueError("no second seed today")
        return design.play(world, seed, size)

    monkeypatch.setitem(CLAIMS, "permission", design._replace(play=play))
    monkeypatch.setattr(playing, "_code_of", lambda _: "own")
    playing._digest.cache_clear()
    try:
        with pytest.raises(SetAside, match="no second seed today"):
            of_claims.claims(["permission"], BRIEF, store=tmp_path / "kept")
    finally:
        playing._digest.cache_clear()
    assert len(list((tmp_path / "kept" / "parts").iterdir())) == 1


def test_a_claim_is_saved_whole(found, tmp_path):
    folder = found["permission"].save(tmp_path / "one")
    assert {file.name for file in folder.iterdir()} == {
        "claim.json",
        "cells.csv",
        "table.csv",
        "rows.csv",
        "picture.png",
    }
    with pytest.raises(FileExistsError):
        found["permission"].save(folder)


def test_a_claim_has_a_report(found, tmp_path):
    text = found["tells_ten"].report(tmp_path / "ten.html").read_text(encoding="utf-8")
    assert found["tells_ten"].sentence in text and "The more, the worse" in text and "<img" in text
    with pytest.raises(ValueError, match="nothing to report"):
        of_claims.Claim(WAITING, BRIEF).report(tmp_path / "none.html")


def test_the_page_has_a_row_and_a_section_a_claim(found):
    text = page(list(found.values()))
    for name, one in found.items():
        assert f"## {name}\n" in text and text.count(f"| [{name}](#{name}) | {one.sentence}") == 1


def test_the_commands_tell_the_list_one_claim_and_json(capsys, monkeypatch):
    monkeypatch.setattr(of_claims, "REDUCED", BRIEF)
    assert main(["claims", "--list"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in CLAIMS)
    assert main(["claim", "permission", "--json", "--processes", "1"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"name", "sentence", "source", "verdict", "interval", "flips_where", "status"} <= said.keys()
    assert main(["claim", "exchnge"]) == 2
    assert 'did you mean "exchange"' in capsys.readouterr().err


def test_explain_knows_claims():
    assert '"Permission beats spam."' in repr(sim.explain("permission"))


def column(one, name, **where):
    rows = one.rows
    for factor, level in where.items():
        rows = rows[rows[factor] == level]
    assert len(rows) == 2, where
    return rows.sort_values("seed")[name].to_numpy()


def test_signs_that_are_robust_have_them_even_at_the_smallest_size(found):
    """What luck cannot turn in 400 customers and twelve months; verdicts are not asserted."""
    mail, ten = found["permission"], found["tells_ten"]
    spam, asked = (column(mail, "report_rate", strategy=s) for s in ("interruption", "opt_in"))
    assert (spam > asked).all()
    assert (column(ten, "told", tells=0, reliability=0.8) == 0).all()
    assert (
        column(ten, "told", tells=10, reliability=0.8) > column(ten, "told", tells=10, reliability=0.98)
    ).all()
    level = {k: column(found["levels"], "value", customers="few", margin="low", level=k) for k in (1, 4)}
    assert (level[4] < level[1]).all()  # partnership with everybody, at a margin of a tenth
    cheap, dear = (column(found["modules"], "value", bespoke_cost=cost) for cost in (0.02, 0.50))
    assert (cheap > dear).all()
    kept = {arm: column(found["five_points"], "retention", arm=arm) for arm in ("as it is", "more")}
    assert kept["more"].mean() > kept["as it is"].mean()
    assert (column(found["cohorts"], "bias", cohort="high end") < 0).all()
    assert (found["one_fifth"].rows[["winning_spend", "keeping_spend"]] > 0).all(axis=None)
    silence, shouting = (
        found["commons"].rows.query("attention == 'scarce' and own == 0 and rivals == @m") for m in (0, 8)
    )
    assert shouting["joint"].mean() < silence["joint"].mean()


def test_a_verdict_of_another_size_is_not_written_over_unasked(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(of_claims, "REDUCED", BRIEF)
    words = ["claim", "permission", "--out", str(tmp_path / "kept"), "--processes", "1"]
    assert main(words) == 0 and main(words) == 0  # the second is taken from what is kept
    capsys.readouterr()
    assert main([*words, "--full"]) == 2
    assert "holds the claim at brief size" in capsys.readouterr().err
    (tmp_path / "kept" / "mine.txt").write_text("mine")
    assert main(words) == 2
    assert "holds mine.txt beside claims" in capsys.readouterr().err
