"""Every example that a reader may copy runs: README, docstrings, scenario pages."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
from pathlib import Path

import pytest
from test_own_data_fit import purchases

import sim
from sim.cli import main
from sim.metrics import MEASURES, METRICS, sections
from sim.scenario import SCENARIOS, load

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = re.compile(
    r"\b(?:mechanisms|market|segments|firms|decide|advertise|contact|buy|serve|relate|talk|leave|account)(?:\.[A-Za-z_]\w*)+"
)


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_of_the_readme_runs_from_top_to_bottom():
    names = {}
    for block in blocks("python"):
        if "import sim" not in block:
            block = "import sim\n" + block
        exec(compile(block, "README.md", "exec"), names)
    assert names["ten"].firms.shape[0] == 2
    assert "friends only" in names["pair"].headline
    assert "partner" in names["versus"].headline


def test_the_commands_of_the_readme_are_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    purchases(2_000, 600).to_csv("sales.csv", index=False)  # what a reader has
    lines = [line.split("#")[0] for block in blocks("sh") for line in block.splitlines()]
    lines += re.findall(r"`(python3 start\.py [^`]+)`", README)
    words = [shlex.split(line)[2:] for line in lines if line.strip().startswith("python3 start.py")]
    serving = [
        ["class", "open"],
        ["class", "test-room"],
        ["class", "play"],
    ]  # until Ctrl-C: test_class_server has them
    run = [w for w in words if w[0] not in ("test", "demo", "lab", "ARGS") and w[:2] not in serving]
    assert len(run) >= 5
    run.sort(key=lambda w: w[0] == "check")  # `new` writes what `check` reads
    for each in run:
        assert main([*each, "--seeds", "1"] if each[0] == "compare" else each) == 0, each
    capsys.readouterr()


def modules():
    found = [info.name for info in pkgutil.walk_packages(sim.__path__, "sim.")]
    return [n for n in found if ">>>" in Path(importlib.util.find_spec(n).origin).read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_docstrings_run(name):
    result = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    assert result.failed == 0 and result.attempted > 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_addresses_on_scenario_pages_are_right(name):
    scenario = load(name)
    info = scenario.info
    text = " ".join((info.what, info.how, info.use, info.notice, info.try_, info.extend))
    from sim.behaviours import EQUATIONS

    for address in ADDRESS.findall(text):
        if address not in EQUATIONS:
            scenario.parameter(address)


def test_the_page_of_metrics_says_what_the_functions_say():
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for name, metric in METRICS.items():
        assert f"| `{name}` | {' '.join(inspect.getdoc(metric).split())} |" in page, name
    for name in MEASURES:
        said = sections(name)
        text = " ".join(filter(None, [said["about"], said.get("source", "")]))
        assert f"| `{name}` | {text} |" in page, name


def test_the_readme_says_of_precision_what_the_option_says(capsys):
    main(["compare", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "until half of the interval is this share" in told
    assert "`--precision 0.02` adds seeds until half of the interval is that narrow" in README
