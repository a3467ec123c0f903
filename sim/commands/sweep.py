"""Sweep: many runs over what is varied, planned, run, looked after and collected."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import (
    MONTHS,
    Command,
    Mistake,
    change,
    changes_of,
    say_what_is_kept,
    whole,
    world_of,
)
from sim.commands.objects import say
from sim.terminal import called

if TYPE_CHECKING:
    from sim.experiments.design import Plan
    from sim.experiments.forecast import Forecast
    from sim.experiments.store import Store
    from sim.experiments.sweeps import Sweep
    from sim.terminal import Terminal

STEPS = ("plan", "run", "status", "collect")
MOST_LINES = 40

PAIRED = (("mean", "mean"), ("difference", "difference"), ("95 % from", "from"), ("to", "to"))
OVER_POINTS = (("mean", "mean"), ("95 % from", "low"), ("to", "high"))
"""Columns of a table of effects, by their heads: where values are compared seed by seed, and where not."""


def sweep(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do one step of a sweep."""
    from sim.experiments.design import plan_of

    check_own(args)
    plan = plan_of(
        world_of(args.file, changes_of(args)), _over(args), design=args.design, runs=args.runs,
        months=args.months, seeds=args.seeds,
    )  # fmt: skip
    plan.worlds  # noqa: B018  (points that cannot be are refused before anything is written)
    if args.step in ("plan", "run"):
        say_what_is_kept(args.file, terminal)
    step = {"plan": show_plan, "run": run, "status": status, "collect": collect}[args.step]
    return step(plan, args, terminal)


def check_own(args: argparse.Namespace) -> None:
    """Refuse options that belong to another step."""
    own = {
        "scheduler": "run",
        "workers": "run",
        "again": "run",
        "yes": "run",
        "to": "collect",
        "force": "collect",
    }
    for name, step in own.items():
        if getattr(args, name) not in (None, False) and args.step != step:
            raise Mistake(f"--{name} belongs to {called()} sweep {step}")
    if args.scheduler and args.workers:
        raise Mistake("--workers: a cluster has its own; leave it out, or --scheduler")


def _over(args: argparse.Namespace) -> dict[str, Any] | None:
    """What `--over` says; the file's own table if nothing."""
    from sim.scenario import parse_value

    return {address: parse_value(values) for address, values in args.over} or None


def store_folder(args: argparse.Namespace) -> Path:
    """Where finished runs go: beside where the command is called, by the scenario's name."""
    if args.store is not None:
        return Path(args.store)
    file = Path(args.file)
    return Path(f"{file.stem if file.stem != 'scenario' else file.absolute().parent.name}-sweep")


def step_of(args: argparse.Namespace, step: str) -> str:
    """The command for another step of the same plan, as a shell takes it."""
    words = [step, args.file]
    for name in ("over", "change"):
        for address, value in getattr(args, name):
            words += [f"--{name}", f"{address}={value}"]
    for name in ("design", "runs", "seeds", "months", "store"):
        if getattr(args, name) is not None:
            words += [f"--{name}", str(getattr(args, name))]
    return f"{called()} sweep {quoted(words)}"


def quoted(words: list[str], is_windows: bool = os.name == "nt") -> str:
    """Words as the shell of this computer takes them: `cmd.exe` knows no single quotes."""
    return subprocess.list2cmdline(words) if is_windows else shlex.join(words)


def print_step(says: str, args: argparse.Namespace, step: str, terminal: Terminal, more: str = "") -> None:
    """What another step does, then its command unwrapped on a line of its own, to be pasted."""
    terminal.write(says)
    terminal.say(f"  {step_of(args, step)}{more}")


def _existing(args: argparse.Namespace) -> Store | None:
    """The store, if there is one already."""
    from sim.experiments.store import Store

    folder = store_folder(args)
    return Store(folder) if folder.exists() else None


# ---------------------------------------------------------------- plan and run


def forecast_of(
    plan: Plan, store: Store | None, args: argparse.Namespace, workers: int, terminal: Terminal
) -> Forecast:
    """How many runs are left and how long they take; the first compile is announced before."""
    from sim.experiments.forecast import Forecast
    from sim.prepare import prepare

    prepare(terminal)
    return Forecast(plan, store, workers)


def show_plan(plan: Plan, args: argparse.Namespace, terminal: Terminal) -> int:
    """Print how many runs there are, about how long they take, and the points."""
    from sim.experiments.pool import cores

    forecast = forecast_of(plan, _existing(args), args, cores(), terminal)
    if args.json:
        say({**about(plan, args), "left": forecast.left, "seconds": round(forecast.seconds, 1), "points": plan.points,
             "seeds": plan.seeds, "design": plan.design}, terminal)  # fmt: skip
        return 0
    terminal.title(f"{forecast}")
    print_points(plan, terminal)
    terminal.say()
    print_step(f"This carries them out, and keeps them in {store_folder(args)}:", args, "run", terminal)
    return 0


def print_points(plan: Plan, terminal: Terminal) -> None:
    """What is varied: each address with its values; of spread designs the first points."""
    from sim.experiments.design import label
    from sim.terminal import listed, number

    for address in plan.addresses:
        values = [point[address] for point in plan.points]
        if plan.design == "grid":
            told = listed(list(dict.fromkeys(map(label, values))))
        elif all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            told = f"{number(min(values))} to {number(max(values))}"
        else:
            told = listed(list(dict.fromkeys(map(label, values))))
        terminal.write(f"{address}: {told}", indent="  ", hang="      ")
    seeds = plan.seeds
    is_row = seeds == list(range(seeds[0], seeds[0] + len(seeds))) and len(seeds) > 1
    terminal.write(
        f"seeds: {f'{seeds[0]} to {seeds[-1]}' if is_row else listed(list(map(str, seeds)))}",
        indent="  ",
        hang="      ",
    )


def run(plan: Plan, args: argparse.Namespace, terminal: Terminal) -> int:
    """Carry out what is not done yet."""
    from sim.experiments.forecast import ask_once
    from sim.experiments.pool import Local, cluster, cores
    from sim.experiments.running import run_all
    from sim.experiments.store import Store
    from sim.experiments.sweeps import Sweep

    pool = cluster(args.scheduler) if args.scheduler else Local(args.workers or cores())
    with pool:
        store = Store(store_folder(args))
        forecast = forecast_of(plan, store, args, pool.workers, terminal)
        terminal.note(f"{forecast}.")
        ask_once(forecast, store, lambda question: args.yes or asked(question, terminal))
        store.keep_plan(plan)
        terminal.kept.append(f"the runs that were done, in {store.folder}: the same command goes on")
        outcomes = {}
        with terminal.progress("The runs pass", "run") as bar:
            for outcome in run_all(
                plan.specifications, store=store, executor=pool, again=args.again, progress=bar
            ):
                outcomes[outcome.specification.hash] = outcome
    done = Sweep(plan, outcomes)
    if args.json:
        say({**counts(plan, store, args), "headline": done.headline}, terminal)
    else:
        print_sweep(done, args, terminal)
    return 1 if len(done.set_aside) else 0


def asked(question: str, terminal: Terminal) -> bool:
    """Ask on the terminal; where nobody is there, refuse with the cure."""
    import sys

    if not sys.stdin.isatty():
        raise Mistake(
            f"{question.removesuffix(' Go on? [y/N] ')} Nobody is here to be asked: give --yes to go on"
        )
    terminal.err.write(question)
    terminal.err.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def print_sweep(done: Sweep, args: argparse.Namespace, terminal: Terminal) -> None:
    """The sentence, what each parameter does, and what was set aside."""
    from sim.commands.table import Column, print_table
    from sim.margin import named
    from sim.show.sweeps import labels, left_out, panel_for, rows_of
    from sim.terminal import number

    terminal.title(done.headline)
    if len(done.table):
        rows, metric, firm = rows_of(done.table, None, None)
        panel = panel_for(metric)
        unit = panel.unit.format(currency=done.scenario.market.currency)
        for address in done.plan.addresses:
            found = done.effect(address)
            terminal.say()
            is_paired = (found["over"] == "seeds").all()
            what = (
                "difference from the first"
                if is_paired
                else "95 %; the values do not share what else was varied"
            )
            terminal.write(f"{named(panel.title, done.scenario)} of {firm} ({unit}) by {address}; {what}")
            terminal.say()
            columns = [
                Column(
                    address.rpartition(".")[2],
                    labels(found["value"]),
                    keep=9,
                    left=True,
                )
            ]
            columns += [
                Column(
                    head,
                    [
                        number(value, 0 if abs(value) >= 100 else None) if value == value else "–"
                        for value in found[name]
                    ],
                )
                for head, name in (PAIRED if is_paired else OVER_POINTS)
            ]
            print_table([*columns, Column("runs", [f"{n:,}" for n in found["runs"]])], terminal)
            if left := left_out(rows, found):
                terminal.write(left)
                terminal.say()
    print_aside(done, args, terminal)
    terminal.say()
    print_step("This writes all metrics of all firms as one table:", args, "collect", terminal)


def print_aside(done: Sweep, args: argparse.Namespace, terminal: Terminal) -> None:
    """Runs that were set aside, a line each."""
    from sim.show.sweeps import shown

    rows = done.set_aside.to_dict("records")
    if rows:
        terminal.say()
        print_step(f"Set aside: {len(rows)}. This tries again:", args, "run", terminal, " --again")
    for row in rows[:MOST_LINES]:
        where = ", ".join(f"{name} = {shown(value)}" for name, value in row.items() if name != "why")
        terminal.write(f"{where}: {row['why']}", indent="  ", hang="      ")
    if len(rows) > MOST_LINES:
        terminal.write(
            f"and {len(rows) - MOST_LINES:,} more, in {store_folder(args) / 'set_aside'}", indent="  "
        )


# ---------------------------------------------------------------- status and collect


def about(plan: Plan, args: argparse.Namespace) -> dict[str, Any]:
    """What an object about a sweep begins with."""
    from sim import __version__
    from sim.market import MODEL_VERSION

    return {
        "scenario": plan.scenario.name, "scenario_hash": plan.scenario.hash, "version": __version__,
        "model_version": MODEL_VERSION, "changes": dict(plan.scenario.changes), "store": str(store_folder(args)),
        "over": plan.addresses, "planned": len(plan.specifications),
    }  # fmt: skip


def counts(plan: Plan, store: Store | None, args: argparse.Namespace) -> dict[str, Any]:
    """Done, left and set aside, and about how many seconds are left."""
    names = {one.hash for one in plan.specifications}
    done = store.done() & names if store else set()
    aside = (store.all_aside() & names) - done if store else set()
    left = len(names) - len(done) - len(aside)
    pace = store.pace(done) if store else None
    return {
        **about(plan, args), "done": len(done), "left": left, "set_aside": len(aside),
        "seconds_left": 0.0 if not left else None if pace is None else round(left * pace, 1),
    }  # fmt: skip


def status(plan: Plan, args: argparse.Namespace, terminal: Terminal) -> int:
    """Say what is done, left and set aside, and how long the rest takes at the pace so far."""
    from sim.experiments.forecast import duration

    store = _existing(args)
    found = counts(plan, store, args)
    if args.json:
        say(found, terminal)
        return 0
    terminal.title(
        f"{plan.sentence}: {found['done']:,} done, {found['left']:,} left, {found['set_aside']:,} set aside"
    )
    if found["left"]:
        seconds = found["seconds_left"]
        pace = (
            "nothing is done yet"
            if seconds is None
            else f"about {duration(seconds)} at the pace of the last runs"
        )
        print_step(f"Time left: {pace}. This goes on:", args, "run", terminal)
    if found["set_aside"] and store:
        from sim.experiments.running import kept
        from sim.experiments.sweeps import Sweep

        print_aside(Sweep(plan, kept(plan.specifications, store, aside_only=True)), args, terminal)
    return 0


def collect(plan: Plan, args: argparse.Namespace, terminal: Terminal) -> int:
    """Write all finished runs as one table."""
    from sim.experiments.running import kept
    from sim.experiments.saving import write_table
    from sim.experiments.sweeps import Sweep

    store = _existing(args)
    if store is None:
        raise Mistake(f"there is no store {store_folder(args)} yet; this makes it:\n  {step_of(args, 'run')}")
    file = args.to or Path(f"{store_folder(args).name}.csv")
    with terminal.progress("Reading", "run") as bar:
        done = Sweep(plan, kept(plan.specifications, store, progress=bar))
    found = counts(plan, store, args)
    if not len(done.table):
        raise Mistake(f"no run of this plan is done; this does them:\n  {step_of(args, 'run')}")
    write_table(done.table, file, force=args.force)
    if args.json:
        say({**found, "file": str(file), "rows": len(done.table)}, terminal)
    else:
        missing = f"; {found['left']:,} runs are not done yet" if found["left"] else ""
        aside = f"; {found['set_aside']:,} were set aside" if found["set_aside"] else ""
        terminal.write(
            f"Wrote {file}: {len(done.table):,} rows, a run and firm each, of {found['done']:,} of {found['planned']:,} "
            f"runs{missing}{aside}."
        )
    return 0


# ---------------------------------------------------------------- the command


def _over_option(text: str) -> tuple[str, str]:
    address, values = change(text)
    return address, values if values.startswith("[") else f"[{values}]"


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("step", choices=STEPS, metavar="plan|run|status|collect",
        help="plan: how many runs and how long; run: carry them out; status: done and left; collect: one table")  # fmt: skip
    add("file", metavar="FILE", help="a scenario whose table [sweep] is the plan; with --over any scenario")
    add(
        "--store",
        metavar="FOLDER",
        type=Path,
        help="where finished runs are kept; NAME-sweep here unless given",
    )
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://HOST:8786: its workers do the runs")
    add(
        "--workers",
        metavar="N",
        type=whole(1, 1_024),
        help="processes here; as many as there are cores unless given",
    )
    add("--over", metavar="ADDRESS=VALUES", type=_over_option, action="append", default=[],
        help="instead of [sweep]: values such as talk.unhappy_tells=[0,3,10]; may be repeated")  # fmt: skip
    add("--design", metavar="NAME", help="grid, latin or sobol")
    add("--runs", metavar="N", type=whole(1, 1_000_000), help="points of latin and sobol")
    add("--seeds", metavar="N", type=whole(1, 10_000), help="how often each point is run, with other luck")
    add(
        "--months", metavar="N", type=whole(1, MONTHS), help="length of each run; the scenario's unless given"
    )
    add("--change", metavar="ADDRESS=VALUE", type=change, action="append", default=[],
        help="another value in all runs; may be repeated")  # fmt: skip
    add("--again", action="store_true", help="try again what was set aside")
    add("--yes", action="store_true", help="do not ask before more than 10,000 runs or an hour")
    add(
        "--to",
        metavar="FILE",
        type=Path,
        help="collect: a .csv or .parquet file; STORE.csv here unless given",
    )
    add("--force", action="store_true", help="collect: write over the file that is there")
    add("--json", action="store_true", help="print one JSON object, for scripts")
    add("--quiet", action="store_true", help="no progress and no notices")


COMMANDS = (
    Command("sweep", "study", "many runs over what is varied: plan, run, status, collect", sweep, _options,
            ("tenfold sweep plan shop.toml", "tenfold sweep run shop.toml", "tenfold sweep status shop.toml --json",
             "tenfold sweep collect shop.toml --to runs.parquet",
             "tenfold sweep run two_cafes --over talk.unhappy_tells=[0,3,10] --seeds 5",
             "tenfold sweep run shop.toml --scheduler tcp://10.0.0.5:8786")),
)  # fmt: skip
