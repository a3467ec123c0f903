"""Policies that decide about optional mechanisms; in a market without them they change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.mechanisms.privacy import STATEMENTS
from sim.policies.base import Policy
from sim.policies.plan import Plan

if TYPE_CHECKING:
    from sim.policies.view import View


class LooksInsideFirst(Policy):
    """Improve the own processes first, then price what customers cause; fire only who still costs money.

    Decides about the mechanism `cost_to_serve`.
    """

    source = "Kaplan & Narayanan 2001"
    parameters = {
        "process": (0.0, 1.0, "effort of improving processes, from the first month"),
        "menu": (0.0, 1.0, "how far drivers are priced, from the second year"),
        "fire": (
            0.0,
            1.0,
            "of those with a loss on record after two years, the share with the largest that is fired",
        ),
    }

    def __init__(self, process: float = 1.0, menu: float = 0.5, fire: float = 0.0) -> None:
        self.set(process=process, menu=menu, fire=fire)

    def decide(self, view: View) -> Plan:
        """Processes at once, a menu after a year, the door for a few after two."""
        menu = self.menu if view.month >= 12 else 0.0  # type: ignore[attr-defined]
        plan = Plan(mechanisms={"cost_to_serve": {"process": self.process, "menu": menu}})  # type: ignore[attr-defined]
        if view.month < 24 or not self.fire:  # type: ignore[attr-defined]
            return plan
        profit = view.customers.profit
        losers = int((profit < 0).sum() * self.fire)  # type: ignore[attr-defined]
        if losers == 0:
            return plan
        worst = sorted(profit)[losers - 1]
        return plan.where(profit <= min(worst, 0.0), fire=True)


class GuardsPrivacy(Policy):
    """Take data, and tell people everything that is true: all seven statements, with choice and security.

    Decides about the mechanism `privacy`.
    """

    source = "Martin, Borah & Palmatier 2017; TRUSTe 1997"
    parameters = {
        "access": (0.0, 1.0, "data taken beyond purchases"),
        "control": (0.0, 1.0, "choice that people have over it"),
        "security": (0.0, 1.0, "effort of keeping it safe"),
    }

    def __init__(self, access: float = 1.0, control: float = 1.0, security: float = 1.0) -> None:
        self.set(access=access, control=control, security=security)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        own = {"access": self.access, "control": self.control, "security": self.security}  # type: ignore[attr-defined]
        said: dict[str, Any] = dict.fromkeys(STATEMENTS, True)
        said.update(says_opt_out=own["control"] > 0, says_security=own["security"] > 0)
        return Plan(mechanisms={"privacy": {**said, **own}})


class SharesWhatItKnows(Policy):
    """Make what representatives know the firm's: the shared database, automation that is used, departments that read.

    Calls are allotted by the value of the relationship. Decides about the mechanism `sales_force`.
    """

    source = "Peppers & Rogers 1993; Zoltners, Sinha & Lorimer 2004"
    parameters = {
        "shared_database": (0.0, 1.0, "how far what is known must be entered"),
        "automation": (0.0, 1.0, "automation that is bought, with as much support"),
        "departments": (0.0, 1.0, "share of the other departments that read"),
    }

    def __init__(
        self, shared_database: float = 1.0, automation: float = 1.0, departments: float = 1.0
    ) -> None:
        self.set(shared_database=shared_database, automation=automation, departments=departments)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        own: dict[str, Any] = {**vars(self), "adoption_support": self.automation}  # type: ignore[attr-defined]
        return Plan(mechanisms={"sales_force": {**own, "allotment": "value"}})


class MatchesExchange(Policy):
    """Find out each account's situation and meet it there: a price list, a service, or a partner.

    Decides about the mechanism `exchange`.
    """

    source = "Day 2000; Cannon & Perreault 1999"
    parameters = {
        "assessment": (0.0, 1.0, "effort of finding out an account's situation"),
        "unbundling": (0.0, 1.0, "how far transactional offers are stripped, and their price"),
        "extranet": (0.0, 1.0, "linked systems with the others"),
        "help_jobs": (0.0, 1.0, "help for accounts to do their own jobs"),
    }

    def __init__(
        self, assessment: float = 1.0, unbundling: float = 0.0, extranet: float = 0.0, help_jobs: float = 0.0
    ) -> None:
        self.set(assessment=assessment, unbundling=unbundling, extranet=extranet, help_jobs=help_jobs)

    def decide(self, view: View) -> Plan:
        """The same every month; accounts are judged again at each review."""
        return Plan(mechanisms={"exchange": {**vars(self), "exchange": "matched"}})


class StrategyFirst(Policy):
    """Orientation, configuration and a clear strategy first; software for it a year later; learn from complaints all the time.

    Decides about the mechanism `capability`.
    """

    source = "Rigby, Reichheld & Schefter 2002; Day 2003"
    parameters = {
        "effort": (0.0, 1.0, "effort for orientation and configuration"),
        "technology": (0.0, 1e5, "software, money an own customer and month, from the second year"),
        "learning": (0.0, 1.0, "effort of removing causes of failure"),
    }

    def __init__(self, effort: float = 1.0, technology: float = 0.0, learning: float = 0.0) -> None:
        self.set(effort=effort, technology=technology, learning=learning)

    def decide(self, view: View) -> Plan:
        """People first, software from the second year on."""
        own = {
            "orientation": self.effort, "configuration": self.effort, "clarity": 1.0, "rewarded_for": "value",  # type: ignore[attr-defined]
            "learning": self.learning, "technology": self.technology if view.month >= 12 else 0.0,  # type: ignore[attr-defined]
        }  # fmt: skip
        return Plan(mechanisms={"capability": own})


class HostsCommunity(Policy):
    """Host a place where customers meet.

    Decides about the mechanism `community`.
    """

    source = "Algesheimer, Dholakia & Herrmann 2005"
    parameters = {"hosting": (0.0, 1.0, "effort of hosting")}

    def __init__(self, hosting: float = 1.0) -> None:
        self.set(hosting=hosting)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        return Plan(mechanisms={"community": {"hosting": self.hosting}})  # type: ignore[attr-defined]


class OpensChannels(Policy):
    """Be reached by page, portal and mobile telephone, not by letter; a machine answers a part at once.

    Decides about the mechanism `channels`.
    """

    source = "Neslin et al. 2006"
    parameters = {"automatic": (0.0, 1.0, "share of questions that a machine answers")}

    def __init__(self, automatic: float = 0.2) -> None:
        self.set(automatic=automatic)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        opened: dict[str, Any] = dict.fromkeys(("phone", "e_mail", "web_form", "portal", "wireless"), True)
        own = {**opened, "letter": False, "automatic": self.automatic}  # type: ignore[attr-defined]
        return Plan(mechanisms={"channels": own})


class SavesThoseAtRisk(Policy):
    """Learn about customers from the till and from what they say, and look after those who a forecast says will leave.

    Decides about the mechanism `profiling`.
    """

    source = "Neslin et al. 2006"
    parameters = {
        "share": (0.0, 1.0, "share of own customers, those at most risk, who are looked after"),
        "mining": (0.0, 1.0, "effort of data mining"),
    }

    def __init__(self, share: float = 0.1, mining: float = 1.0, level: str = "accountable") -> None:
        self.set(share=share, mining=mining, level=level)

    def decide(self, view: View) -> Plan:
        """The level of the few at most risk is raised, month by month."""
        sources: dict[str, Any] = {"scanner": True, "disclosure": True, "discloses": True}
        plan = Plan(mechanisms={"profiling": {**sources, "mining": self.mining}})  # type: ignore[attr-defined]
        risk = view.seen("profiling", "risk")
        if risk is None or not np.isfinite(risk).any():
            return plan
        least = np.nanquantile(risk, 1.0 - self.share)  # type: ignore[attr-defined]
        return plan.where(np.nan_to_num(risk, nan=-1.0) > least, level=self.level)  # type: ignore[attr-defined]


class Recommends(Policy):
    """Show each buyer what goes with what they have.

    Decides about the mechanism `recommendation`.
    """

    source = "Linden, Smith & York 2003"

    def decide(self, view: View) -> Plan:
        """The same every month."""
        return Plan(mechanisms={"recommendation": {"method": "collaborative"}})


class Bargains(Policy):
    """Let agents bargain, rather than lower the list price.

    Decides about the mechanism `shopping_agents`.
    """

    parameters = {"gives_way": (0.0, 0.5, "largest discount that an agent can get")}

    def __init__(self, gives_way: float = 0.1) -> None:
        self.set(gives_way=gives_way)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        return Plan(mechanisms={"shopping_agents": {"gives_way": self.gives_way}})  # type: ignore[attr-defined]


class GoesDirect(Policy):
    """Sell by the retailer for a year, then open a shop of the firm's own.

    Decides about the mechanism `intermediary`.
    """

    source = "Peppers & Rogers 1993; Coughlan et al. 2006"
    parameters = {"direct": (0.0, 1.0, "share of people whom the own shop is built to reach")}

    def __init__(self, direct: float = 0.6) -> None:
        self.set(direct=direct)

    def decide(self, view: View) -> Plan:
        """Direct from the second year on."""
        return Plan(mechanisms={"intermediary": {"direct": self.direct if view.month >= 12 else 0.0}})  # type: ignore[attr-defined]


class WorksWithPartners(Policy):
    """Share customers and costs with partners, and keep a part of the journey in the own hands.

    Decides about the mechanism `partners`.
    """

    source = "Dyer & Singh 1998"
    parameters = {
        "partnership": (0.0, 1.0, "how closely it works with partners"),
        "own_journey": (0.0, 1.0, "share of the journey in its own hands"),
    }

    def __init__(self, partnership: float = 1.0, own_journey: float = 0.7) -> None:
        self.set(partnership=partnership, own_journey=own_journey)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        return Plan(mechanisms={"partners": vars(self)})


class SharesDemand(Policy):
    """Share what customers plan and buy with suppliers: orders swing less, and the same safety takes less stock.

    Decides about the mechanism `supply`.
    """

    source = "Cachon & Fisher 2000"
    parameters = {
        "shared_signal": (0.0, 1.0, "how far demand is shared"),
        "safety": (0.0, 5.0, "safety stock, standard deviations"),
    }

    def __init__(self, shared_signal: float = 1.0, safety: float = 1.0) -> None:
        self.set(shared_signal=shared_signal, safety=safety)

    def decide(self, view: View) -> Plan:
        """The same every month."""
        return Plan(mechanisms={"supply": vars(self)})


FAMILY: dict[str, type[Policy]] = {
    "looks_inside_first": LooksInsideFirst,
    "guards_privacy": GuardsPrivacy,
    "shares_what_it_knows": SharesWhatItKnows,
    "matches_exchange": MatchesExchange,
    "strategy_first": StrategyFirst,
    "goes_direct": GoesDirect,
    "works_with_partners": WorksWithPartners,
    "shares_demand": SharesDemand,
    "hosts_community": HostsCommunity,
    "opens_channels": OpensChannels,
    "saves_those_at_risk": SavesThoseAtRisk,
    "recommends": Recommends,
    "bargains": Bargains,
}
