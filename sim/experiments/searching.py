"""The search for the best policy: Optuna proposes, the market judges, all with the same luck; poor ones stop early."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.experiments.judging import JUDGED
from sim.experiments.missing import package
from sim.experiments.space import Handle, asked, changes_of
from sim.experiments.specification import Specification
from sim.experiments.studies import columns_of, value_of
from sim.intervals import student_t

if TYPE_CHECKING:
    from sim.scenario import Scenario

FIRST_LOOKS = (2, 5)
"""With so many seeds a proposal is looked at first; with all only if it may still be among the best."""

SURE = 0.05
"""Chance at most, over all that it is compared with and all looks, of stopping a proposal that is not worse."""

STARTUP = 10
"""Proposals drawn at random before the sampler learns."""


GRACE = 10
"""Seconds after which a lock of the study's file, held for a moment as a line is written, was left by somebody who was killed."""


class Tried(NamedTuple):
    """One proposal, judged.

    Attributes
    ----------
    turned : dict, name -> value. values : float64 (goals, seeds run), as the market gave them.
    level : list of float, a goal: the mean over all seeds that is expected of it. is_whole : whether all seeds were run.
    """

    turned: dict[str, Any]
    values: np.ndarray
    level: list[float]
    is_whole: bool


class Judge:
    """What a firm's policy gives, over seeds that are the same for all.

    Parameters
    ----------
    scenario : Scenario. firm : str. goals : name -> 1 if more is better, -1 if less is. seeds : list of int.
    how : the words of `run_all`: store and executor.
    """

    def __init__(
        self, scenario: Scenario, firm: str, goals: Mapping[str, float], seeds: Sequence[int], **how: Any
    ) -> None:
        self.scenario, self.firm, self.goals, self.seeds, self.how = (
            scenario,
            firm,
            dict(goals),
            list(seeds),
            how,
        )
        self.runs = 0

    def values(
        self, turned: Mapping[str, Any], seeds: Sequence[int], beside: Sequence[str] = ()
    ) -> np.ndarray:
        """Each goal, and each metric that is wanted beside, with each seed, float64 (goals and others, seeds)."""
        world = self.scenario.with_changes(changes_of(turned, self.firm)) if turned else self.scenario
        found = columns_of([Specification(world, seed, JUDGED) for seed in seeds], **self.how)
        self.runs += len(found)
        return np.array(
            [[value_of(one, self.firm, name) for one in found] for name in (*self.goals, *beside)]
        )

    @property
    def signs(self) -> np.ndarray:
        """1 or -1 a goal, so that more is better: (goals, 1)."""
        return np.array(list(self.goals.values()))[:, None]


def is_surely_worse(values: np.ndarray, other: np.ndarray, signs: np.ndarray, chance: float = SURE) -> bool:
    """Whether paired differences say that one is worse than another in every goal (Student's t, one-sided).

    Two that are equal do not: in whole numbers that is soon so by luck, and says nothing of how much there is.

    Parameters
    ----------
    values, other : float64 (goals, seeds), the first seeds of both are the same. signs : (goals, 1).
    chance : of saying so where it is not.
    """
    gap = (values - other[:, : values.shape[1]]) * signs
    mean, error = gap.mean(axis=1), gap.std(axis=1, ddof=1) / math.sqrt(gap.shape[1])
    is_known = (error > 0.0) | (gap.shape[1] > 2)
    return bool(np.all(is_known & (mean + student_t(gap.shape[1] - 1, 1.0 - 2.0 * chance) * error < 0.0)))


def _journal(file: Path) -> Any:
    """The file of a study. Its lock is a file too: links, Optuna's own choice, need a privilege on Windows."""
    journal = package("optuna.storages.journal", "a search for the best policy")
    lock = Path(f"{file}.lock")
    if lock.is_symlink():  # of a search that was killed while it had such a lock, which nobody can take over
        lock.unlink()
    return journal.JournalFileBackend(str(file), journal.JournalFileOpenLock(str(file), grace_period=GRACE))


def _alone(file: Path) -> sqlite3.Connection:
    """A lock on the study of a file, which is let go when it is closed, or its process ends in whatever way.

    Raises
    ------
    BlockingIOError
        Another search has it.
    """
    held = sqlite3.connect(file.with_suffix(".busy"), timeout=0.0, isolation_level=None)
    try:
        held.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        held.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise BlockingIOError(
            f"{file.parent.parent}: the same search is under way there, perhaps in another process; wait until it has ended, and call "
            "again, or name another folder"
        ) from None
    return held


class Search:
    """A study: what was proposed so far, kept on the disk where there is a store.

    Parameters
    ----------
    judge : Judge. space : name -> Handle. folder : path or None, where the study is kept. seed : of the proposals.

    Attributes
    ----------
    tried : list of Tried, what was proposed, in its order.

    Raises
    ------
    ValueError
        A goal is missing in the world as it is.
    BlockingIOError
        Another search goes on with the study that is kept there: until `close`, nobody else may.
    """

    def __init__(self, judge: Judge, space: Mapping[str, Handle], folder: Path | None, seed: int = 1) -> None:
        self.judge, self.space, self.seed = judge, dict(space), seed
        self.optuna = package("optuna", "a search for the best policy")
        self.optuna.logging.set_verbosity(self.optuna.logging.ERROR)
        self.base = judge.values({}, judge.seeds)
        if not np.isfinite(self.base).all():
            gaps = [g for g, row in zip(judge.goals, self.base, strict=True) if not np.isfinite(row).all()]
            raise ValueError(
                f"goal: {', '.join(gaps)} of {judge.firm} is missing in runs as it is; take longer runs (months is "
                f"{judge.scenario.market.months}), or another goal"
            )
        self._held: sqlite3.Connection | None = None
        self.study = self._study(folder)
        self._known = [self._read(trial) for trial in self.study.trials if "values" in trial.user_attrs]
        self.tried = self._known

    def _study(self, folder: Path | None) -> Any:
        directions = ["maximize" if sign > 0 else "minimize" for sign in self.judge.goals.values()]
        storage = None
        if folder is not None:
            file = folder / f"optimise-{self.hash}.log"
            self._held = _alone(file)
            storage = self.optuna.storages.JournalStorage(_journal(file))
        study = self.optuna.create_study(
            storage=storage, study_name=self.hash, directions=directions, load_if_exists=True
        )
        for trial in study.trials:  # it was under way when somebody stopped us
            if not trial.state.is_finished():
                level = self._read(trial).level if "values" in trial.user_attrs else [math.nan]
                if all(map(math.isfinite, level)):
                    study.tell(trial.number, level)
                else:
                    study.tell(trial.number, state=self.optuna.trial.TrialState.FAIL)
        return study

    @property
    def hash(self) -> str:
        """What names the study: the world, the firm, goals, seeds, what is searched."""
        said = [
            self.judge.scenario.hash, self.judge.firm, self.judge.goals, self.judge.seeds, self.seed,
            {name: list(one) for name, one in self.space.items()},
            Specification(self.judge.scenario, 1, JUDGED).hash, [SURE, *FIRST_LOOKS, "shared by looks"],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    def go_on(self, trials: int, progress: Callable[[int, int], None] | None) -> None:
        """Propose and judge until there are so many; where more are kept, the first so many are `tried` after it."""
        self.tried = self._known
        while len(self.tried) < trials:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.study.sampler = self._sampler(len(self.tried))
                trial = self.study.ask()
                turned = asked(trial, self.space)
            one = self._look(turned)
            trial.set_user_attr("turned", one.turned)
            trial.set_user_attr("values", one.values.tolist())
            if all(map(math.isfinite, one.level)):
                self.study.tell(trial, one.level)
            else:  # a firm without customers has no such metric
                self.study.tell(trial, state=self.optuna.trial.TrialState.FAIL)
            self.tried.append(one)
            if progress:
                progress(len(self.tried), trials)
        self.tried = self._known[:trials]

    def close(self) -> None:
        """Let others go on with the study."""
        if self._held is not None:
            self._held.close()

    def _sampler(self, done: int) -> Any:
        """Each proposal has luck of its own, from the study's seed and its number: a study that goes on proposes the same."""
        digest = hashlib.sha256(f"{self.seed} {done}".encode()).digest()
        return self.optuna.samplers.TPESampler(
            seed=int.from_bytes(digest[:4], "big"), n_startup_trials=STARTUP, multivariate=True
        )

    def _look(self, turned: dict[str, Any]) -> Tried:
        """Judge a proposal, with more seeds while it may be among the best."""
        for one in self.tried:
            if one.turned == turned:
                return one
        seeds = self.judge.seeds
        values = np.empty((len(self.judge.goals), 0))
        for n in sorted({min(n, len(seeds)) for n in (*FIRST_LOOKS, len(seeds))}):
            more = self.judge.values(turned, seeds[values.shape[1] : n])
            values = np.concatenate([values, more], axis=1)
            if not np.isfinite(values).all() or self._is_poor(values):
                break
        return self._tried(turned, values)

    def _is_poor(self, values: np.ndarray) -> bool:
        if not 2 <= values.shape[1] < len(self.judge.seeds):
            return False
        done = [one.values for one in self.tried if one.is_whole]
        others = (
            [self.base, *done] if done else []
        )  # one is carried through in any case, so that there is an answer
        looks = sum(n < len(self.judge.seeds) for n in FIRST_LOOKS)
        return any(
            is_surely_worse(values, other, self.judge.signs, SURE / len(others) / looks) for other in others
        )

    def _tried(self, turned: dict[str, Any], values: np.ndarray) -> Tried:
        """Its level: that of the world as it is over all seeds, plus the mean paired difference."""
        n = values.shape[1]
        level = self.base.mean(axis=1) + (values - self.base[:, :n]).mean(axis=1)
        is_whole = n == len(self.judge.seeds) and bool(np.isfinite(values).all())
        return Tried(turned, values, [float(v) for v in level], is_whole)

    def _read(self, trial: Any) -> Tried:
        return self._tried(
            dict(trial.user_attrs["turned"]), np.array(trial.user_attrs["values"], dtype=np.float64)
        )

    def front(self) -> list[Tried]:
        """Proposals with all seeds that none beats in all goals, the best in the first goal first; with one goal the best."""
        whole = list(
            {json.dumps(one.turned, sort_keys=True): one for one in self.tried if one.is_whole}.values()
        )
        level = np.array([one.level for one in whole]).reshape(len(whole), -1) * self.judge.signs.T
        kept = [
            (one, mine)
            for one, mine in zip(whole, level, strict=True)
            if not any((other >= mine).all() and (other > mine).any() for other in level)
        ]
        kept.sort(key=lambda pair: -pair[1][0])
        return [one for one, _ in kept]
