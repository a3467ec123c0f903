"""Memory: the estimate beside the peak, limits of containers, and a refusal that says the cure."""

from __future__ import annotations

import sys

import pytest

import sim.memory
from sim.cli import main
from sim.market import Market
from sim.memory import NotEnoughMemory, estimate, free_memory
from sim.scenario import load
from sim.verify.limits import measure, refused_within

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
GB = 10**9


def tables(**change):
    return load("plain").with_changes({"market.customers": 1000, **change}).tables


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows does not tell a process's peak in the standard library"
)
@pytest.mark.parametrize(
    ("scenario", "network"),
    [
        ("plain", "watts_strogatz"),
        ("plain", "random"),
        ("plain", "scale_free"),
        ("two_cafes", "watts_strogatz"),
    ],
)
def test_the_estimate_is_within_a_tenth_of_the_peak(scenario, network):
    got = measure(100_000, months=2, scenario=scenario, network=network)
    assert abs(got["estimate"] / got["peak"] - 1.0) < 0.1, got


def test_the_estimate_grows_with_customers_firms_contacts_months_surveys_and_tables():
    least = estimate(tables(), 12)
    assert estimate(tables(**{"market.customers": 2000}), 12).peak == pytest.approx(2 * least.peak, abs=2)
    assert estimate(tables(**{"talk.degree": 40}), 12).contacts > least.contacts
    assert estimate(tables(**{"talk.network": "none"}), 12).contacts == 4 * 1000
    assert estimate(tables(**{"firms.North.plan.survey": 0.1}), 12).scratch > least.scratch
    assert estimate(tables(), 60).records == 5 * least.records
    assert estimate(tables(), 12, saves=True).peak > least.peak
    assert (
        estimate(load("two_cafes").with_changes({"market.customers": 1000}).tables, 12).columns
        < least.columns
    )


def test_contacts_that_are_dearer_to_make_than_to_keep_set_the_peak():
    need = estimate(tables(**{"talk.degree": 100}), 1)
    assert need.peak == need.building > need.columns + need.contacts + need.scratch


@pytest.fixture
def little(monkeypatch):
    monkeypatch.setattr(
        sim.memory, "free_memory", lambda: (0.001 * GB, "within the container's limit of 0.5 GB")
    )


def test_what_does_not_fit_is_refused_before_any_column_is_made(little, monkeypatch):
    monkeypatch.setattr("sim.market.Customers", lambda *_: pytest.fail("columns were made"))
    with pytest.raises(NotEnoughMemory) as refused:
        Market("plain", change={"market.customers": 200_000})
    said = str(refused.value)
    assert said.startswith("market.customers: 200,000 customers need 10")
    assert "container's limit of 0.5 GB" in said
    most = int(said.split("at most ")[1].replace(",", ""))
    assert 0.8 < estimate(tables(**{"market.customers": most}), 60).peak / (0.001 * GB) < 1.0


def test_the_command_says_it_in_a_line_before_anything_is_compiled(little, monkeypatch, capsys):
    monkeypatch.setattr("sim.prepare.prepare", lambda *_: pytest.fail("compiled"))
    assert main(["run", "two_cafes", "--change", "market.customers=300000"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "make market.customers at most" in said.err


def test_what_writing_tables_takes_counts_where_they_are_written(monkeypatch, tmp_path, capsys):
    need = estimate(load("two_cafes").tables, 36)
    monkeypatch.setattr(sim.memory, "free_memory", lambda: (1.2 * need.peak, "on this computer"))
    assert main(["run", "two_cafes", "--out", str(tmp_path / "out")]) == 2
    assert "or write no tables" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@ON_LINUX
def test_a_limit_of_the_process_is_kept():
    said = refused_within(4 * 2**30, 30_000_000)
    assert "ulimit -v" in said
    assert "30,000,000 customers need" in said


# ---------------------------------------------------------------- control groups


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.fixture
def groups(tmp_path, monkeypatch):
    own = tmp_path / "own"
    monkeypatch.setattr(sim.memory, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(sim.memory, "OWN_GROUP", own)
    monkeypatch.setattr(sim.memory, "_of_process", lambda: iter(()))
    monkeypatch.setattr(sim.memory, "_of_computer", lambda: iter([64.0 * GB]))
    return tmp_path / "cgroup", own


def test_version_2_takes_the_tightest_of_the_groups_around_and_gives_back_the_cache(groups):
    root, own = groups
    own.write_text("0::/user/job\n")
    group(root, **{"memory__stat": "inactive_file 5\n"})
    group(
        root / "user",
        memory__max=f"{4 * GB}\n",
        memory__current=f"{3 * GB}\n",
        memory__stat=f"anon 1\ninactive_file {GB}\n",
    )
    group(root / "user/job", memory__max="max\n", memory__current=f"{GB}\n", memory__stat="inactive_file 0\n")
    assert free_memory() == (2.0 * GB, "within the container's limit of 4.0 GB")


def test_version_1_is_read_and_its_word_for_no_limit_understood(groups):
    root, own = groups
    own.write_text("9:cpu:/a\n4:memory:/box\n0::/\n")
    group(root / "memory", memory__limit_in_bytes="9223372036854771712\n", memory__usage_in_bytes="1\n")
    limits = {"memory__limit_in_bytes": f"{2 * GB}\n", "memory__usage_in_bytes": f"{GB}\n"}
    group(root / "memory/box", **limits, memory__stat="total_inactive_file 0\n")
    assert free_memory() == (1.0 * GB, "within the container's limit of 2.0 GB")


def test_inside_a_container_the_top_folder_is_its_own(groups):
    root, own = groups
    own.write_text("0::/docker/0123\n")  # a path of the computer outside
    group(root, memory__max=f"{GB}\n", memory__current="0\n")
    assert free_memory() == (1.0 * GB, "within the container's limit of 1.0 GB")


def test_without_any_limit_the_computers_memory_counts(groups):
    assert free_memory() == (64.0 * GB, "on this computer")
