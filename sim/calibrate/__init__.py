"""From your own data: a log of purchases in; what customers are worth, and how sure that is, out."""

from sim.calibrate.fitting import Fit, fit
from sim.calibrate.reading import LogError

__all__ = ["Fit", "LogError", "fit"]
