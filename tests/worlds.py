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

RICH = """
tenfold = 1
title = "A <b>rich</b> one"
focus = "Shout & Co"
[info]
question = "Who wins?"
what = "Two\\nlines, \\"quotes\\" and a back\\\\slash, \\u0007"
try = "<script>alert(1)</script>"
references = ["Kotler 2003", "Godin 1999"]
[market]
customers = 500
currency = "€"
season = [1.1, 1, 1, 1, 0.9, 0.8, 0.7, 0.7, 1.0, 1.1, 1.2, 1.5]
[segments.few]
share = 0.25
need_rate = 3
basket = { shape = 9.0 }
[segments.many]
share = 0.75
exit_rate.mean = 0.02
[firms."Shout & Co"]
initial_share = 0.3
policy = { name = "mixed", top = 0.2, levels = ["basic", "proactive"], is_kind = true }
plan = { staff = 3, advertising = 1e3, level = "proactive" }
[[firms."Shout & Co".rules]]
if = "segment_guess == few and status in (lapsed, lost)"
then = { offer = 0, level = "partnership", social = true }
[[firms."Shout & Co".rules]]
if = "value_rank > 0.9"
then = { messages = 4 }
[firms.b]
policy = "quiet"
[firms.a]
[serve]
recoveries.refund.cost = 5
[decide.levels.proactive]
cost = 3.5
[leave]
base_exit = 1e-9
"""
"""A scenario file with something of everything, hostile letters too; its policies are not shipped."""

FIRMS = ("North", "East", "South", "West")
SILENT = {f"firms.{firm}.plan.{key}": value for firm in FIRMS
          for key, value in (("strategy", "silent"), ("messages", 0), ("ask", False))}  # fmt: skip

ALIKE = {
    **SILENT, "market.customers": 1500, "market.setting": "contract", "market.served_at_start": 0.0, "buy.term": 1,
    "buy.outside": -50.0, "market.initial_awareness": 1.0, "market.initial_belief_sd": 0.0, "advertise.forgetting": 0.0,
    "advertise.brand_gain": 0.0, "talk.unhappy_tells": 0, "talk.happy_tells": 0, "talk.belief_fade": 0.0,
    "serve.noise": 0.0, "serve.belief_rate": 0.0, "serve.unhappy_pending": 0.0, "buy.loyalty_weight": 0.0,
    "buy.cross_sell": 0.0, "relate.satisfaction_base": -1.0,
    **{f"segments.everyone.{trait}.varies": False for trait in
       ("need_rate", "basket", "price_sensitivity", "relationship_orientation", "service_intensity", "exit_rate")},
    **{f"firms.{firm}.reliability": 1.0 for firm in FIRMS},
}  # fmt: skip
"""Everybody alike, nobody talks, no loyalty grows: each month's choice depends on the present supplier alone."""
