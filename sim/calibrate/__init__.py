"""From your own data: a log of purchases in; what customers are worth, and how sure that is, out."""

from sim.calibrate.against import moved
from sim.calibrate.fitted import Fit
from sim.calibrate.fitting import fit
from sim.calibrate.reading import InDoubt, LogError
from sim.calibrate.shop import FittedScenario

__all__ = ["Fit", "FittedScenario", "InDoubt", "LogError", "fit", "moved"]
