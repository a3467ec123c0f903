"""Claims whose mechanism the model does not have: they say what they wait for."""

from __future__ import annotations

from sim.experiments.claims.design import Design

DESIGNS = (
    Design(
        name="exchange",
        sentence="Match the exchange to the situation.",
        source="Day 2000, the exchange spectrum",
        status="cost of a mismatch input",
        outcome="Profit an account.",
        design="The industrial supplier: situation low, middle, high × transactional, value-adding, collaborative exchange.",
        expects="Holds if the matching exchange is best in each situation.",
        waits_for="the mechanism exchange: accounts whose situation calls for a kind of exchange",
    ),
    Design(
        name="strategy_first",
        sentence="Strategy before software.",
        source="Rigby, Reichheld & Schefter 2002; Day 2003",
        status="interaction input",
        outcome="ΔV.",
        design="The bank branch: clarity of strategy 0, 1 × technology 0, 50, 100; orientation × configuration × information.",
        expects="Holds if technology alone brings nothing and together with strategy does.",
        waits_for="the mechanism capability: a relating capability of orientation, configuration and information",
    ),
)
