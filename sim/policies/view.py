"""What a firm may see: its own database, its own books, what is public. Never anybody's mind."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ledger import COUNTS
from sim.mechanisms import MECHANISMS
from sim.named_codes import Codes, CodeWords, codes
from sim.scenario.words import PERMISSIONS, STATUSES

if TYPE_CHECKING:
    import pandas as pd

    from sim.market import Firm, Market
    from sim.scenario.firms import PlanTable

PROSPECT, ACTIVE, LAPSED, LOST = range(len(STATUSES))


class Words:
    """A column of codes that compares with words: `view.customers.status == "lapsed"`."""

    __array_priority__ = 10.0

    def __init__(self, column: str, codes: np.ndarray, words: tuple[str, ...]) -> None:
        self.codes = codes
        self.words = words
        self._said = CodeWords(f"view.customers.{column}", words, of_scenario=column == "segment_guess")

    def __eq__(self, word: object) -> Any:
        return self.codes == self._said.code(word)

    def __ne__(self, word: object) -> Any:
        return self.codes != self._said.code(word)

    def as_codes(self) -> Codes:
        """The column as its codes, which compare with words too."""
        return codes(self.codes, self._said)

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.codes)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array([self.words[c] for c in self.codes])


class Database:
    """A firm's own records, a column an attribute, a row a customer on record; computed when asked for.

    Columns are float64 or codes of shape (n,), n the customers on record, in ascending order of their
    number: `months_since_purchase`, `frequency` (purchases a year), `monetary` (mean order), `spent`,
    `tenure` (months on record), `products`, `tier`, `profit` and `margin` (recent), `cost_to_serve`,
    `clv`, `complaints`, `reads`, `permission`, `segment_guess`, `value_rank` (1 the most valuable),
    `status` (prospect, active, lapsed, lost), `identified`.

    A column is given in brackets too: `view.customers["status"]` holds codes. Either way `status`, `permission` and
    `segment_guess` compare with words, and a word that the column has not is a ValueError.
    """

    COLUMNS = (
        "months_since_purchase", "frequency", "monetary", "spent", "tenure", "products", "tier", "profit", "margin",
        "cost_to_serve", "clv", "complaints", "reads", "permission", "segment_guess", "value_rank", "status", "identified",
    )  # fmt: skip

    def __init__(self, market: Market, firm: Firm) -> None:
        self._market = market
        self._firm = firm
        self._c = market.customers
        self._f = firm.place
        self._strategy = firm.plan.strategy  # last month's: whom it mailed

    @cached_property
    def ids(self) -> np.ndarray:
        """The customers' numbers, ascending: who has bought, and whom a bought list names."""
        known = self._c.identified[self._f] > 0
        if self._strategy == "interruption":
            known = known | self._market.listed(self._f)
        return np.flatnonzero(known)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> np.ndarray:
        value = getattr(self, name)
        return value.as_codes() if isinstance(value, Words) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.COLUMNS)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        near = difflib.get_close_matches(name, self.COLUMNS, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; columns are {', '.join(self.COLUMNS)}"
        raise AttributeError(f'database column: unknown (got "{name}"){hint}')

    def _pair(self, name: str) -> np.ndarray:
        return getattr(self._c, name)[self._f, self.ids].astype(np.float64)

    def _record(self, name: str) -> np.ndarray:
        """What purchases left on record; nothing of somebody who never bought here."""
        return np.where(self.identified > 0, self._pair(name), 0.0)

    @cached_property
    def _own(self) -> np.ndarray:
        return self._c.supplier[self.ids] == self._f

    identified = cached_property(lambda self: self._pair("identified"))
    spent = cached_property(lambda self: self._record("spent"))
    complaints = cached_property(lambda self: self._pair("complaints"))
    reads = cached_property(lambda self: self._pair("reads"))
    profit = cached_property(lambda self: self._record("recent_profit"))
    recent_spend = cached_property(lambda self: self._record("recent_spend"))

    @cached_property
    def months_since_purchase(self) -> np.ndarray:
        """Months since the last purchase or visit on record, 1 for last month."""
        return np.where(self.identified > 0, self._market.month - self._pair("last_purchase"), np.inf)

    @cached_property
    def tenure(self) -> np.ndarray:
        """Months on record, at least 1."""
        return np.maximum(self._market.month - self._pair("first_on_record"), 1.0)

    @cached_property
    def frequency(self) -> np.ndarray:
        """Purchases and visits a year on record."""
        return 12.0 * self.identified / self.tenure

    @cached_property
    def monetary(self) -> np.ndarray:
        """Mean order on record."""
        return self.spent / np.maximum(self.identified, 1.0)

    @cached_property
    def products(self) -> np.ndarray:
        """Products at the last purchase on record, 1 to 5; 0 for prospects."""
        return np.mod(self._record("sold"), 16.0)

    @cached_property
    def tier(self) -> np.ndarray:
        """Tier at the last purchase on record, 0 to 2."""
        return np.floor_divide(self._record("sold"), 16.0)

    @cached_property
    def margin(self) -> np.ndarray:
        """Recent profit over recent spend, 0 without spend."""
        return np.divide(
            self.profit, self.recent_spend, out=np.zeros_like(self.profit), where=self.recent_spend > 0
        )

    @cached_property
    def cost_to_serve(self) -> np.ndarray:
        """Recent gross margin less recent profit."""
        return self._firm.table.unit_margin * self.recent_spend - self.profit

    @cached_property
    def clv(self) -> np.ndarray:
        """Forecast lifetime value: recent profit times the margin multiple of the firm's own retention."""
        r = min(self.retention, 0.999)
        return self.profit * r / (1.0 + self._market.tables.market.discount_rate - r)

    @cached_property
    def permission(self) -> Words:
        """Permission to write."""
        return Words("permission", self._c.permission[self._f, self.ids].astype(np.int64), PERMISSIONS)

    @cached_property
    def segment_guess(self) -> Words:
        """The segment whose mean is nearest in log frequency and log mean order."""
        segments = self._market.tables.segments
        x = np.log(np.maximum(self.frequency, 1e-6))
        y = np.log(np.maximum(self.monetary, 1e-6))
        far = [
            (x - np.log(12.0 * s.need_rate.mean)) ** 2 + (y - np.log(s.basket.mean)) ** 2
            for s in segments.values()
        ]
        return Words("segment_guess", np.argmin(far, axis=0), tuple(segments))

    @cached_property
    def value_rank(self) -> np.ndarray:
        """Rank by recent spend, over 0 to 1, 1 the most valuable; ties by the customer's number."""
        rank = np.empty(len(self.ids))
        rank[np.argsort(self.recent_spend, kind="stable")] = np.arange(1, len(self.ids) + 1) / max(
            len(self.ids), 1
        )
        return rank

    @cached_property
    def status(self) -> Words:
        """Prospect (mailed, never bought), active, lapsed or lost, by what the record shows."""
        return Words("status", self._status(), STATUSES)

    def _status(self) -> np.ndarray:
        p = self._market.tables.decide
        prospect = self.identified == 0
        if self._market.tables.market.setting == "contract":
            return np.where(prospect, PROSPECT, np.where(self._own, ACTIVE, LOST))
        repeat = self.identified > 1
        interval = self.tenure / np.maximum(self.identified, 1.0)
        usual = float(interval[repeat].mean()) if repeat.any() else 1.0
        interval = np.maximum(np.where(repeat, interval, usual), 1.0)
        since = self.months_since_purchase
        lapsed = since > np.maximum(p.lapsed_months, p.lapsed_intervals * interval)
        lost = since > np.maximum(p.lost_months, p.lost_intervals * interval)
        return np.where(prospect, PROSPECT, np.where(lost, LOST, np.where(lapsed, LAPSED, ACTIVE)))

    @cached_property
    def retention(self) -> float:
        """Of those active 12 months ago, the share active now; the scenario's
        `decide.first_year_retention` until the firm has looked for 12 months."""
        return self._firm.database_retention(self)

    def frame(self) -> pd.DataFrame:
        """All columns as a pandas table, words as words."""
        import pandas as pd

        data = {"customer": self.ids}
        data.update({name: np.asarray(getattr(self, name)) for name in self.COLUMNS})
        return pd.DataFrame(data)


class View:
    """What a policy is shown: `customers` (a `Database`), own `ledger` and `counts`, `public` prices.

    Attributes
    ----------
    firm : str, the firm's name. month : int, the month that is planned, 0 for the first.
    customers : Database, the firm's own records.
    ledger : dict, last month's amounts by activity, in money. counts : dict, last month's counts.
    history : list of such ledgers, a month each.
    public : dict, firm -> {"price", "trial_discount", "mean_discount"} of last month.
    skill, morale (0 to 1), staff (agents), utilization, deliverability : own state.
    plan : the firm's own default decisions.
    survey : dict, last month's survey: "asked", "answers", "net_promoter" (None without answers).
    """

    def __init__(self, market: Market, firm: Firm) -> None:
        self._market = market
        self._firm = firm
        self.firm = firm.name
        self.month = market.month
        self.customers = Database(market, firm)
        self.skill, self.morale = firm.skill, firm.morale
        self.staff, self.utilization = firm.staff, firm.utilization
        self.deliverability = firm.deliverability
        self.unit_margin = firm.table.unit_margin
        self.market_size = len(market.customers)
        self.survey = dict(firm.survey)

    @property
    def plan(self) -> PlanTable:
        """The firm's own default decisions; a policy that looks at them may build on them, which its firm notes."""
        self._firm.plan_read = True
        return self._firm.table.plan

    @cached_property
    def ledger(self) -> dict[str, float]:
        """Last month's own amounts by activity, in money; empty in the first month."""
        return self.history[-1] if self.history else {}

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """The own ledger of every closed month."""
        f = self._firm.place
        return [
            {a.name: float(book[f, i]) / 100.0 for i, a in enumerate(self._market.ledger.lines)}
            for book in self._market.ledger.months
        ]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Last month's own counts; what a firm cannot see (tellings, silent failures) is left out."""
        hidden = ("failures", "unhappy", "happy", "tellers_bad", "tellers_good", "told_bad", "told_good",
                  "reached_bad", "reached_good", "lost", "lost_voluntarily")  # fmt: skip
        if not self._market.ledger.counts:
            return {}
        row = self._market.ledger.counts[-1][self._firm.place]
        return {name: int(row[i]) for i, name in enumerate(COUNTS) if name not in hidden}

    @cached_property
    def public(self) -> dict[str, dict[str, float]]:
        """What everybody sees of every firm, last month's: list price, trial discount, mean discount."""
        return {name: dict(values) for name, values in self._market.public.items()}

    def seen(self, mechanism: str, name: str) -> np.ndarray | None:
        """What an optional mechanism shows the firm of each of `customers`; None in a market without it.

        Raises
        ------
        ValueError : no mechanism has this name, or it shows nothing of this name; the message has the nearest right one.
        """
        if mechanism not in MECHANISMS:
            near = difflib.get_close_matches(str(mechanism), MECHANISMS, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"mechanisms are {', '.join(MECHANISMS)}"
            raise ValueError(f'view.seen: unknown mechanism (got "{mechanism}"); {hint}')
        own = self._market.mechanisms.get(mechanism)
        if own is None:
            return None
        if name not in own.mechanism.shows:
            raise ValueError(
                f'view.seen: {mechanism} shows {", ".join(own.mechanism.shows) or "nothing"} (got "{name}")'
            )
        return own.mechanism.shows[name](self._market, own, self._firm.place, self.customers.ids)

    def rivals(self) -> dict[str, dict[str, float]]:
        """The same of the other firms."""
        return {name: values for name, values in self.public.items() if name != self.firm}
