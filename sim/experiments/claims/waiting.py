"""Claims whose mechanism the model does not have: they say what they wait for."""

from __future__ import annotations

from sim.experiments.claims.design import Design

DESIGNS = (
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
