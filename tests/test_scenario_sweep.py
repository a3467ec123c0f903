"""The table [sweep] of a scenario file: checked as changes are, written, shown, and no part of what happens."""

from __future__ import annotations

import jsonschema
import pytest

import sim
import sim.policies
from sim.cli import main
from sim.scenario import ScenarioError, check_text, schema

STREET = """tenfold = 1
focus = "Corner"
[market]
customers = 200
[firms.Corner]
policy = { name = "level_by_value", top_share = 0.2 }
[firms.Express]
"""
RULE = '[[firms.Corner.rules]]\nif = "spent > 0"\nthen = { offer = 0.1 }\n'
WHOLE = (
    STREET
    + """[sweep]
over.talk.unhappy_tells = [0, 1, 3]
over.firms.Corner.policy.top_share = [0.1, 0.5]
over.firms.Express.policy = ["basic", { name = "price_cutter", below = 0.08 }]
seeds = 3
"""
)


def faults(lines: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        check_text(f"{STREET}[sweep]\n{lines}\n{RULE}", "street.toml")
    return [str(fault) for fault in error.value.faults]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("over.talk.unhapy_tells = [1]",
         'street.toml:9:11: sweep.over.talk.unhapy_tells: unknown (got "unhapy_tells"); did you mean "talk.unhappy_tells"?'),
        ("over.talk.unhappy_tells = [1, -1]",
         "street.toml:9:31: sweep.over.talk.unhappy_tells.2: must be a whole number 0 to 100 (got -1); the unit is people"),
        ("over.talk.unhappy_tells = [1, 2, 1]", "street.toml:9:34: sweep.over.talk.unhappy_tells.3: is there twice (got 1)"),
        ("over.talk.online = 0.3",
         "street.toml:9:20: sweep.over.talk.online: must be a list of values (got 0.3); write [0.3]"),
        ("over.talk.online = []",
         "street.toml:9:20: sweep.over.talk.online: must have at least one value (got [])"),
        ('over.market.setting = ["fre"]',
         'street.toml:9:24: sweep.over.market.setting.1: must be one of free, contract (got "fre"); did you mean "free"?'),
        ("over.firms.Corner.policy.top_share = [7]",
         "street.toml:9:39: sweep.over.firms.Corner.policy.top_share.1: must be 0 to 1 (got 7)"),
        ('over.firms.Express.policy = ["bsic"]',
         'street.toml:9:30: sweep.over.firms.Express.policy.1: unknown policy (got "bsic"); did you mean "basic"?'),
        ("over.firms.Express.policy.below = [0.1]",
         "street.toml:9:27: sweep.over.firms.Express.policy.below: this firm has no policy to set it for "
         '(got "below"); set firms.Express.policy too'),
        ("over.firms.Corner.rules.1.then.offer = [0.1, 3]",
         'street.toml:9:46: sweep.over.firms.Corner.rules.1.then.offer.2: must be 0 to 0.9 (got 3); the unit is share of '
         "list price; did you mean 0.03?"),
        ('over.firms.Corner.rules.1.if = ["spent > 1", 7]',
         'street.toml:9:46: sweep.over.firms.Corner.rules.1.if.2: must be a text in "quotes" (got 7)'),
        ('over.firms.Corner.rules.1.if = ["spend > 1"]',
         'street.toml:9:34: sweep.over.firms.Corner.rules.1.if.1: column 1: "spend" is not a column (got "spend"); '
         'did you mean "spent"?'),
        ("over.firms.Corner.rules.2.then.offer = [0.1]",
         'street.toml:9:32: sweep.over.firms.Corner.rules.2.then.offer: unknown (got "offer"); there is '
         "firms.Corner.rules.1.if, firms.Corner.rules.1.then.offer"),
        ("seeds = 4", "street.toml:8:2: sweep: nothing is varied; write over.talk.unhappy_tells = [0, 1, 3, 10, 20]"),
        ("over.talk.online = [0, 1]\nsedes = 4",
         'street.toml:10:1: sweep.sedes: unknown (got "sedes"); did you mean "seeds"?'),
        ("over = 3", "street.toml:9:8: sweep.over: must be a table (got 3)"),
        ('over.talk.online = [0, 1]\ndesign = "sobl"\nruns = 4',
         'street.toml:10:10: sweep.design: must be one of grid, latin, sobol (got "sobl"); did you mean "sobol"?'),
        ('over.talk.online = [0, 1]\ndesign = "sobol"\nruns = 5',
         "street.toml:11:8: sweep.runs: must be a power of two for a Sobol sequence (got 5); 4 or 8"),
        ('over.talk.online = [1, 0]\ndesign = "latin"\nruns = 5',
         "street.toml:9:20: sweep.over.talk.online: a range begins with its lower end (got [1, 0])"),
        ('over.talk.online = [0, 1]\ndesign = "latin"',
         'street.toml:10:10: sweep.design: design = "latin" needs runs; write runs = 64, the number of points'),
        ("over.talk.online = [0, 1]\nruns = 5",
         "street.toml:10:1: sweep.runs: is for designs over ranges (got 5); with design = \"latin\" or \"sobol\" it is the "
         "number of points; a grid has its own"),
    ],
)  # fmt: skip
def test_a_fault_names_line_column_and_cure(lines, said):
    assert faults(lines) == [said]


def test_all_faults_come_at_once_in_the_order_of_the_file():
    found = faults("over.talk.online = [2]\nover.market.months = [0, 3, 0.5]")
    assert [said.split(":")[1] for said in found] == ["9", "10", "10"]


def test_the_plan_changes_nothing_that_happens_and_stays_through_changes():
    whole, bare = check_text(WHOLE), check_text(STREET)
    assert whole.hash == bare.hash
    other = whole.with_changes(
        {"firms.Corner.policy": "basic"}
    )  # of which the plan's top_share is no parameter
    assert other.tables.sweep == whole.tables.sweep
    with pytest.raises(ScenarioError, match="unknown"):
        whole.with_changes({"sweep.seeds": 4})


def test_it_is_written_and_read_back(tmp_path):
    whole = check_text(WHOLE)
    whole.save(tmp_path / "again.toml")
    assert sim.load(tmp_path / "again.toml").tables.sweep == whole.tables.sweep


def test_editors_know_the_table():
    import tomllib

    made = schema()
    jsonschema.validate(tomllib.loads(WHOLE), made)
    for wrong in ("seeds = 0", 'design = "gird"', "sedes = 1"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomllib.loads(f"{STREET}[sweep]\nover.talk.online = [0]\n{wrong}"), made)


def test_check_and_show_speak_of_it(tmp_path, capsys):
    file = tmp_path / "street.toml"
    file.write_text(WHOLE, encoding="utf-8")
    assert main(["check", str(file)]) == 0
    assert "sweep: 3 values x 2 values x 2 values x 3 seeds = 36 runs" in " ".join(
        capsys.readouterr().out.split()
    )
    assert main(["show", str(file)]) == 0
    out = capsys.readouterr().out
    assert (
        "talk.unhappy_tells: 0, 1, 3" in out
        and "firms.Express.policy: basic, price_cutter" in out
        and "3 seeds" in out
    )


def test_points_that_cannot_be_are_told_by_check(tmp_path, capsys):
    file = tmp_path / "street.toml"
    shares = "[segments.a]\nshare = 0.4\n[segments.b]\nshare = 0.6\n"
    file.write_text(STREET + shares + "[sweep]\nover.segments.a.share = [0.4, 0.5]\n", encoding="utf-8")
    assert main(["check", str(file)]) == 1
    assert (
        "at segments.a.share = 0.5: segments.b.share: the shares of all segments must sum to 1"
        in capsys.readouterr().out
    )
