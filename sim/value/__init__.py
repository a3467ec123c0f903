"""What a customer is worth, by the field's closed forms and fitted models; no market is needed.

The closed forms (`margin_multiple`, `brand_switching`, `acquisition_retention_optimum`, `ResponseCurve`) need NumPy
only. The models' `fit` and their expectations also need SciPy, which the extra `fit` brings:
`python3 start.py fit --help` gets it, in an environment of another making `pip install "tenfold[fit]"`.
"""

from sim.value.balance import (
    AcquisitionRetention,
    ResponseCurve,
    acquisition_retention_optimum,
    best_spends,
)
from sim.value.beta_geometric_nbd import BetaGeometricNBD
from sim.value.closed_forms import brand_switching, margin_multiple
from sim.value.estimation import CannotFit, MissingPackage
from sim.value.gamma_gamma import GammaGamma
from sim.value.histories import Histories, purchase_histories
from sim.value.negative_binomial import NegativeBinomial
from sim.value.pareto_nbd import ParetoNBD
from sim.value.shifted_beta_geometric import ShiftedBetaGeometric

__all__ = [
    "AcquisitionRetention",
    "BetaGeometricNBD",
    "CannotFit",
    "GammaGamma",
    "Histories",
    "MissingPackage",
    "NegativeBinomial",
    "ParetoNBD",
    "ResponseCurve",
    "ShiftedBetaGeometric",
    "acquisition_retention_optimum",
    "best_spends",
    "brand_switching",
    "margin_multiple",
    "purchase_histories",
]
