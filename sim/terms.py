"""Terms of the field, and what Tenfold calls the same: for who looks a word up as books write it."""

from __future__ import annotations

TERMS: dict[str, tuple[str, ...]] = {
    # customers, churn, retention
    "market share": ("share_of_customers",),
    "churn": ("monthly_churn", "voluntary_churn"),
    "churn rate": ("monthly_churn", "voluntary_churn"),
    "retention": ("monthly_retention", "annual_retention", "annual_retention_unbroken", "cohort_retention"),
    "retention rate": (
        "monthly_retention",
        "annual_retention",
        "annual_retention_unbroken",
        "cohort_retention",
    ),
    "cohort": ("cohorts", "cohort_survival", "cohort_retention"),
    # costs of winning and keeping
    "CAC": ("acquisition_cost",),
    "customer acquisition cost": ("acquisition_cost", "marginal_costs"),
    "marginal acquisition cost": ("marginal_costs",),
    "marginal retention cost": ("marginal_costs",),
    "customer equity test": ("acquisition_retention", "response_points", "acquisition_retention_optimum"),
    "complaints rate": ("complaint_rate", "complaints_per_encounter"),
    # sales and shares
    "AOV": ("average_order_value",),
    "wallet allocation rule": ("wallet_allocation",),
    "WAR": ("wallet_allocation",),
    # concentration and profit
    "Lorenz curve": ("lorenz",),
    "80/20": ("top_20_share",),
    "top 20 % share": ("top_20_share",),
    "customer profitability": ("customer_profit", "accounts", "accounts_by_activity"),
    "activity based costing": ("accounts_by_activity", "cost_quadrants"),
    "activity based profit": ("accounts_by_activity", "whale_curve"),
    "net margin against cost to serve": ("cost_quadrants",),
    "carriage trade": ("cost_quadrants",),
    "bargain basement": ("cost_quadrants",),
    "passive": ("cost_quadrants",),
    "aggressive": ("cost_quadrants",),
    "true friends": ("loyalty_quadrants",),
    "butterflies": ("loyalty_quadrants",),
    "barnacles": ("loyalty_quadrants",),
    "strangers": ("loyalty_quadrants",),
    "recency, frequency, monetary value": ("rfm", "rfm_cells"),
    # voice, permission, people
    "NPS": ("net_promoter", "net_promoter_true"),
    "net promoter score": ("net_promoter", "net_promoter_true"),
    "open rate": ("read_rate",),
    "opt outs": ("opt_out_rate", "opted_out"),
    "spam rate": ("report_rate",),
    "employee morale": ("morale",),
    "people reached by bad news": ("reached_bad", "overlap", "bad_news"),
    "win back": ("win_back_rate", "win_back_lift"),
    "defection reasons": ("reason", "firms.NAME.plan.exit_survey"),
    # referral
    "CRV": ("customer_referral_value", "credited_referral_value"),
    # lifetime value and customer equity
    "value equity": ("equity_drivers",),
    "brand equity": ("equity_drivers",),
    "relationship equity": ("equity_drivers",),
    "Shapley value": ("equity_drivers",),
    "CLV": ("lifetime_value", "customer_equity"),
    "LTV": ("lifetime_value",),
    "customer lifetime value": ("lifetime_value",),
    "true value": ("lifetime_value",),
    "brand switching matrix": ("brand_switching", "lifetime_value"),
    "switching matrix": ("brand_switching", "lifetime_value"),
    "sBG": ("ShiftedBetaGeometric",),
    "shifted beta geometric": ("ShiftedBetaGeometric",),
    "BG/NBD": ("BetaGeometricNBD",),
    "Pareto/NBD": ("ParetoNBD",),
    "Gamma-Gamma": ("GammaGamma",),
    "NBD": ("NegativeBinomial",),
}
"""Term -> the names here, the nearest first."""
