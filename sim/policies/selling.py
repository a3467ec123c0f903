"""Policies of winning: price, advertising, mail with and without permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.policies.base import Policy
from sim.policies.plan import Plan

if TYPE_CHECKING:
    from sim.policies.view import View


class PriceCutter(Policy):
    """Always a little under the others' mean list price."""

    parameters = {"below": (0.0, 0.9, "share under the rivals' mean list price")}

    def __init__(self, below: float = 0.05) -> None:
        self.set(below=below)

    def decide(self, view: View) -> Plan:
        """Follow the rivals' prices of last month down."""
        prices = [values["price"] for values in view.rivals().values()]
        mean = sum(prices) / len(prices) if prices else 1.0
        return Plan(price=min(10.0, max(0.1, mean * (1.0 - self.below))))


class DiscountMatcher(Policy):
    """Give own customers the mean discount that a rival gave, some months later: the largest, or one firm's.

    Where several firms match each other, name whom they match (`of`): else each goes on matching the others.
    """

    source = "Berry & Parasuraman 1991: financial bonds are easily imitated"
    parameters = {"lag": (1, 60, "months until a rival's discount is matched")}
    counts = ("lag",)

    def __init__(self, lag: int = 1, of: str = "") -> None:
        self.set(lag=lag, of=of)
        self._seen: list[float] = []

    def decide(self, view: View) -> Plan:
        """Match what was public `lag` months ago."""
        if self.of and view.public and self.of not in view.public:
            raise ValueError(f'of: no firm "{self.of}" here; firms are {", ".join(view.public)}')
        rivals = {name: values for name, values in view.rivals().items() if self.of in ("", name)}
        self._seen.append(max((values["mean_discount"] for values in rivals.values()), default=0.0))
        match = self._seen[-int(self.lag)] if len(self._seen) >= self.lag else 0.0
        return Plan(discount=min(0.9, max(0.0, match)))


class Acquirer(Policy):
    """Spend on winning: much advertising, a discount on the first purchase, little care after it."""

    parameters = {
        "advertising_times": (0.0, 20.0, "advertising, relative to the firm's usual"),
        "trial_discount": (0.0, 0.9, "discount on a first purchase"),
    }

    def __init__(self, advertising_times: float = 2.0, trial_discount: float = 0.15) -> None:
        self.set(advertising_times=advertising_times, trial_discount=trial_discount)

    def decide(self, view: View) -> Plan:
        """More advertising, a trial discount, level basic."""
        usual = 0.30 * view.market_size if view.plan.advertising is None else view.plan.advertising
        money = min(1e12, self.advertising_times * usual)  # the most that a plan may hold
        return Plan(level="basic", advertising=money, trial_discount=self.trial_discount)


class PermissionBuilder(Policy):
    """Ask, reward a yes, write only to those who confirmed, and fit what is written to the person."""

    source = "Godin 1999"
    parameters = {
        "incentive": (0.0, 1.0, "reward for saying yes"),
        "personalization": (0.0, 1.0, "effort of fitting messages"),
        "messages": (0, 60, "messages a month"),
    }
    counts = ("messages",)

    def __init__(self, incentive: float = 0.3, personalization: float = 0.5, messages: int = 4) -> None:
        self.set(incentive=incentive, personalization=personalization, messages=messages)

    def decide(self, view: View) -> Plan:
        """Double opt-in with personal messages."""
        return Plan(
            strategy="double_opt_in", ask=True, incentive=self.incentive, personalization=self.personalization,
            messages=int(self.messages),
        )  # fmt: skip


class Spammer(Policy):
    """Write to everybody whose address can be had or bought."""

    source = "Godin 1999: interruption marketing"
    parameters = {"messages": (0, 60, "messages a month")}
    counts = ("messages",)

    def __init__(self, messages: int = 8) -> None:
        self.set(messages=messages)

    def decide(self, view: View) -> Plan:
        """Interruption with many messages."""
        return Plan(strategy="interruption", messages=int(self.messages))


class Referrer(Policy):
    """Reward customers for bringing others."""

    parameters = {"reward": (0.0, 1e6, "money for a referral")}

    def __init__(self, reward: float = 10.0) -> None:
        self.set(reward=reward)

    def decide(self, view: View) -> Plan:
        """A referral reward."""
        return Plan(referral_reward=self.reward)


class Affiliates(Policy):
    """Pay a commission on first purchases that affiliates bring."""

    parameters = {"commission": (0.0, 1.0, "share of the first purchase")}

    def __init__(self, commission: float = 0.1) -> None:
        self.set(commission=commission)

    def decide(self, view: View) -> Plan:
        """An affiliate commission."""
        return Plan(affiliate_commission=self.commission)


FAMILY: dict[str, Any] = {
    "price_cutter": PriceCutter,
    "discount_matcher": DiscountMatcher,
    "acquirer": Acquirer,
    "permission_builder": PermissionBuilder,
    "spammer": Spammer,
    "referrer": Referrer,
    "affiliates": Affiliates,
}
