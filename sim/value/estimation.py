"""Maximum likelihood on the logarithms of positive parameters, from several starts, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.extras import cure

LIMIT = math.log(1e5)
"""Parameters are sought within e^±LIMIT of the data's own scale; beyond, a model has turned into a simpler one."""

VAGUE = 4.0
"""Standard error of a parameter's logarithm from which the rows do not tell the parameter: a factor of 2,500."""

SAMPLE = 20_000
"""Rows on which the starts are tried; the fit itself uses all rows."""

Likelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Logarithms of the parameters -> log-likelihood and its gradient by those logarithms."""


class CannotFit(ValueError):
    """A model has no best fit to these rows; the message says why, and what to do."""


class MissingPackage(ImportError):
    """A package of the extra `fit` is not installed; the message says how to get it."""


def scipy_part(name: str) -> Any:
    """A module of SciPy, such as "optimize"."""
    try:
        return import_module(f"scipy.{name}")
    except ImportError as fault:
        raise MissingPackage(
            f"this needs the package SciPy, which is not installed: {cure('fit')}"
        ) from fault


class Problem(NamedTuple):
    """What is to be made most likely.

    `starts` are parameters (not logarithms), the data's own scale being 1; `why` says of the logarithms to which a fit
    ran what the rows lack and what to do; `sample` is the likelihood of one in `every` rows, for the starts.
    """

    names: Sequence[str]
    likelihood: Likelihood
    starts: Sequence[Sequence[float]]
    why: Callable[[np.ndarray], str]
    sample: Likelihood | None = None
    every: float = 1.0

    def curvature(self, logs: np.ndarray) -> np.ndarray:
        """The observed information, or a guess of it from the sample."""
        return _information(self.sample or self.likelihood, logs) * self.every


class Found(NamedTuple):
    """The most likely parameters, the log-likelihood there, and the covariance of the parameters' logarithms."""

    values: np.ndarray
    log_likelihood: float
    covariance: np.ndarray


def maximise(problem: Problem) -> Found:
    """The most likely parameters; raises CannotFit where there are none."""
    best = min(
        (_descend(problem.sample or problem.likelihood, start) for start in problem.starts),
        key=lambda found: found[1],
    )
    if not math.isfinite(best[1]):
        raise CannotFit("no start gives these rows a likelihood; look for impossible or extreme values")
    logs, information = _polish(problem.likelihood, best[0], problem.curvature(best[0]))
    if np.any(np.abs(logs) > LIMIT - 0.5):
        raise CannotFit(problem.why(logs))
    errors, directions = np.linalg.eigh(information)
    if errors[0] <= 0 or not np.isfinite(errors).all():
        raise CannotFit(problem.why(logs))
    covariance = (directions / errors) @ directions.T
    if np.sqrt(np.diag(covariance)).max() > VAGUE:
        raise CannotFit(problem.why(logs))
    return Found(np.exp(logs), problem.likelihood(logs)[0], covariance)


def _descend(likelihood: Likelihood, start: Sequence[float] | np.ndarray) -> tuple[np.ndarray, float]:
    """Downhill from one start within the limits."""

    def cost(logs: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = likelihood(logs)
        return (-value, -slope) if math.isfinite(value) and np.isfinite(slope).all() else (1e300, 0.0 * slope)

    logs = np.clip(np.log(start), -LIMIT, LIMIT)
    found = scipy_part("optimize").minimize(
        cost, logs, jac=True, method="L-BFGS-B", bounds=[(-LIMIT, LIMIT)] * len(logs)
    )
    return found.x, found.fun if found.fun < 1e299 else math.inf


def _polish(
    likelihood: Likelihood, logs: np.ndarray, information: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's steps to the top, and the observed information there; it is computed anew where a step is bad."""
    value, slope = likelihood(logs)
    fresh = False
    for _ in range(60):
        step = _ascent(information, slope)
        if step is not None and np.abs(logs + step).max() < LIMIT:
            if (gain := float(slope @ step)) < 1e-10:
                break
            trial, trial_slope = likelihood(logs + step)
            if math.isfinite(trial) and trial > value and float(trial_slope @ step) < 0.5 * gain:
                logs, value, slope, fresh = logs + step, trial, trial_slope, False
                continue
        if fresh:
            logs = _descend(likelihood, np.exp(logs))[0]
            break
        information, fresh = _information(likelihood, logs), True
    return logs, _information(likelihood, logs)


def _ascent(information: np.ndarray, slope: np.ndarray) -> np.ndarray | None:
    """Newton's step, where the likelihood is curved like a hill."""
    try:
        np.linalg.cholesky(information)
        return np.linalg.solve(information, slope)
    except np.linalg.LinAlgError:
        return None


def _information(likelihood: Likelihood, logs: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Minus the second derivatives of the log-likelihood, from differences of its gradient."""
    rows = []
    for k in range(len(logs)):
        shift = np.zeros(len(logs))
        shift[k] = step
        rows.append((likelihood(logs - shift)[1] - likelihood(logs + shift)[1]) / (2.0 * step))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2.0


class Fitted:
    """What every fitted model knows of its parameters. A parameter is an attribute by its name.

    Attributes
    ----------
    log_likelihood : float
        Of all customers; NaN for a model made from given parameters.
    customers : float
        Customers that the fit used.
    covariance : DataFrame
        Of the parameters' logarithms, from the observed information.
    """

    names: tuple[str, ...] = ()
    log_likelihood: float = math.nan
    customers: float = 0.0
    _covariance: np.ndarray | None = None

    @property
    def parameters(self) -> dict[str, float]:
        """Name -> estimate."""
        return {name: getattr(self, name) for name in self.names}

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the parameters' logarithms; refused for a model that was not fitted."""
        if self._covariance is None:
            raise ValueError(f"{type(self).__name__} was made from given parameters: they have no errors")
        return pd.DataFrame(self._covariance, index=list(self.names), columns=list(self.names))

    def interval(self, chance: float = 0.95) -> pd.DataFrame:
        """Estimates with standard errors and intervals.

        The logarithm of a positive parameter is nearly normal: an interval is estimate · exp(± z · error of the log),
        and `standard_error` is estimate · error of the log.

        Parameters
        ----------
        chance : float
            0 to 1, both ends excluded.

        Returns
        -------
        DataFrame, a row a parameter: estimate, standard_error, low, high
        """
        from statistics import NormalDist

        errors = np.sqrt(np.diag(self.covariance.to_numpy()))
        estimates = np.array(list(self.parameters.values()))
        spread = np.exp(NormalDist().inv_cdf((1.0 + chance) / 2.0) * errors)
        return pd.DataFrame(
            {
                "estimate": estimates,
                "standard_error": estimates * errors,
                "low": estimates / spread,
                "high": estimates * spread,
            },
            index=pd.Index(self.names, name="parameter"),
        )

    def _keep(self, found: Found, customers: float, shift: float = 0.0) -> None:
        self.log_likelihood, self.customers = found.log_likelihood + shift, customers
        self._covariance = found.covariance

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:.5g}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({values})"

    def _repr_html_(self) -> str:
        about = (
            f"{type(self).__name__}, fitted to {self.customers:,.0f} customers"
            if self._covariance is not None
            else repr(self)
        )
        table = (
            ""
            if self._covariance is None
            else self.interval().to_html(border=0, float_format="{:,.4g}".format)
        )
        return f"<p>{escape(about)}</p>{table}"
