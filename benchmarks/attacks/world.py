"""A small world in which every mechanism works, and what must hold of any world after every month."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

WORLD = """
tenfold = 1
title = "Everything at once"
focus = "Loud"

[market]
customers = 60
months = 4
season = [1.2, 0.8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]

[segments.few]
share = 0.4
service_need = { mean = 0.5, shape = 2.0 }
need_rate = 1.5

[segments.many]
share = 0.6
need_rate = { mean = 1.2, shape = 0.3 }
exit_rate = { mean = 0.05 }

[firms.Loud]
initial_share = 0.5
reliability = 0.8
crm_system = 100.0
policy = { name = "level_by_value", top_share = 0.3, top = "proactive", rest = "basic" }

[firms.Loud.plan]
strategy = "interruption"
messages = 6
trial_discount = 0.15
affiliate_commission = 0.1
referral_reward = 5.0
advertising = 30.0
survey = 0.4
exit_survey = 0.5
recovery = "compensation"

[[firms.Loud.rules]]
if = "identified > 1 and spent > 20"
then = { discount = 0.1, messages = 9, social = true }

[[firms.Loud.rules]]
if = "status in (lapsed, lost)"
then = { offer = 0.3, level = "accountable" }

[firms.Close]
initial_share = 0.3
skill = 0.9
reliability = 0.8

[firms.Close.plan]
referral_reward = 1.0
strategy = "double_opt_in"
incentive = 0.4
personalization = 0.6
tailoring = "customization"
structural = true
staff = 0.2
level = "partnership"
self_service = 0.3
promise = 0.2
recovery = "refund"

[firms.Plain]

[[firms.Plain.rules]]
if = "tenure > 2 and spent < 150"
then = { fire = true }

[firms.Plain.plan]
referral_reward = 2.0
tailoring = "targeting"
personalization = 0.3
price = 0.9

[decide]
lapsed_months = 0.0
lapsed_intervals = 0.5

[advertise]
affiliate_reach = 0.5
forgetting = 0.3
response = 0.05

[contact]
complaint = 0.3
report = 0.3
ask_again = 2

[buy]
base_chance = 0.4
cross_sell = 0.3
nonpayment = 0.02
offer_gap = 2
offer_read = 0.9
term = 2

[serve]
happy_above = 0.1

[leave]
base_exit = 0.05

[talk]
happy_talks = 1.0
makes_aware = 1.0
tells_spread = "negative_binomial"
"""

_PARSED = tomllib.loads(WORLD)


def world() -> dict[str, Any]:
    """The world as plain tables, as the TOML parser gives them."""
    return copy.deepcopy(_PARSED)


def put(tables: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The same tables with a value at a path; tables on the way are made."""
    here: Any = tables
    for i, part in enumerate(path[:-1]):
        if isinstance(here, list):
            here = here[int(part)]
            continue
        if not isinstance(here.get(part), (dict, list)):
            bare = here.get(part)
            # a bare number stands for a trait that is alike for all
            is_trait = isinstance(bare, (int, float)) and i == 2
            here[part] = {"mean": bare, "varies": False} if is_trait else {}
        here = here[part]
    here[path[-1]] = value
    return tables
