"""Small worlds that tests share."""

from __future__ import annotations

from typing import Any

EVERYTHING: dict[str, Any] = {
    "market.customers": 400,
    "firms.North.plan.strategy": "interruption",
    "firms.North.plan.messages": 6,
    "firms.North.plan.offer": 0.2,
    "firms.North.plan.trial_discount": 0.15,
    "firms.North.plan.affiliate_commission": 0.1,
    "firms.North.plan.referral_reward": 5.0,
    "firms.North.plan.price": 0.95,
    "firms.East.plan.strategy": "double_opt_in",
    "firms.East.plan.incentive": 0.4,
    "firms.East.plan.personalization": 0.6,
    "firms.East.plan.tailoring": "customization",
    "firms.East.plan.structural": True,
    "firms.East.plan.level": "proactive",
    "firms.South.policy": "fires_unprofitable",
    "firms.South.plan.recovery": "compensation",
    "firms.South.plan.reply_days": 1.0,
    "firms.South.plan.strategy": "opt_in",
    "firms.South.plan.staff": 0.3,
    "firms.West.plan.discount": 0.1,
    "firms.West.plan.social": True,
    "firms.West.plan.survey": 0.3,
    "firms.West.plan.exit_survey": 0.5,
    "firms.West.plan.promise": 0.2,
    "firms.West.plan.self_service": 0.5,
    "firms.West.plan.personalization": 0.3,
    "firms.West.plan.tailoring": "targeting",
    "firms.West.reliability": 0.85,
    "segments.everyone.service_need.mean": 0.3,
    "talk.tells_spread": "negative_binomial",
}
"""A world in which every mechanism of the core does something."""

CONTRACTS: dict[str, Any] = {
    **EVERYTHING,
    "market.setting": "contract",
    "buy.term": 3,
    "buy.nonpayment": 0.02,
}
"""The same with contracts of three months."""
