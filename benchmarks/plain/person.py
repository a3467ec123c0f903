"""A person, what stands between a person and a firm, and how people begin, leave and are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim.columns import BLANK, BY_NAME, COLUMNS, STATE
from sim.draws import geometric, normal
from sim.maths import normal_quantile
from sim.scenario.words import REASONS
from sim.traits import POINTS, TRAITS, fill_table, quantile_at

if TYPE_CHECKING:
    from plain_market import PlainMarket

    from plain.firm import PlainFirm

NOBODY = -1
"""No firm, no customer, never."""

NEED_ENDED = REASONS.index("need ended")


def single(number: float) -> float:
    """The number as a column keeps it: rounded to single precision, once, when it is stored."""
    return float(np.float32(number))


class Relation:
    """What stands between one person and one firm, known to each other or not.

    Attributes
    ----------
    belief, heard : expected quality, and the part of it that came from others, in utility.
    brand : attitude beyond experience, -1 to 1. fatigue : wear-out of the firm's messages, 0 to 1.
    aware, aware_month, aware_by : whether, since when and through what the person knows the firm.
    permission, asked, offered, barred : consent to be written to; 1 + month of the last request and of
        the last win-back offer, 0 never; whether the firm once fired the person.
    identified, first_on_record, last_purchase, sold, spent, recent_spend, recent_profit, complaints, reads :
        the firm's record of the person.
    messages, relevance, offer, offer_read, told_bad, told_good, tellers : of this month only.
    """

    __slots__ = (*(c.name for c in COLUMNS if c.kind in ("pair", "month pair")), "tellers")

    def __init__(self) -> None:
        for column in COLUMNS:
            if column.kind == "pair":
                setattr(self, column.name, blank(column.name))
        self.clear_month()

    def clear_month(self) -> None:
        """Empty what holds for a month only."""
        self.messages = 0
        self.relevance = 0.0
        self.offer = 0.0
        self.offer_read = 0
        self.told_bad = 0
        self.told_good = 0
        self.tellers: list[int] = []

    def become_aware(self, month: int, by: int) -> None:
        """The person gets to know the firm, through ``by``."""
        self.aware = 1
        self.aware_month = month
        self.aware_by = by

    def note_purchase(self, month: int, products: int, tier: int) -> None:
        """The firm's record of a purchase or visit; the amounts follow when the month ends."""
        if self.identified == 0:
            self.first_on_record = month
        self.identified = min(self.identified + 1, 65535)
        self.last_purchase = month
        self.sold = products + 16 * tier

    def note_money(self, spent_cents: int, profit_cents: int) -> None:
        """The firm's record takes up the month's spend and profit."""
        self.spent = single(self.spent + spent_cents * 0.01)
        self.recent_spend = single(self.recent_spend + spent_cents * 0.01)
        self.recent_profit = single(self.recent_profit + profit_cents * 0.01)


def blank(name: str) -> float:
    """What a column holds before anything happened."""
    value = BLANK.get(name, 0)
    return float(value) if BY_NAME[name].dtype == "float32" else value


class Person(mesa.Agent):
    """A customer, present or possible: traits, state, and a `Relation` with each firm.

    Attributes have the names and units of `sim.columns.COLUMNS`; ``number`` is the person's place
    among all people, 0 to N - 1, by which luck is drawn.
    """

    model: PlainMarket

    def __init__(self, market: PlainMarket, number: int) -> None:
        super().__init__(market)
        self.number = number
        for column in COLUMNS:
            if column.kind in ("customer", "month"):
                setattr(self, column.name, blank(column.name))
        self.supplier_history = [NOBODY] * 12
        self.experiences: list[float] = []
        self.be_somebody_new()
        self.start_in_the_market()

    # ------------------------------------------------ luck

    def draw(self, purpose: str, k: int = 0) -> tuple[float, float, float, float]:
        """Four numbers in (0, 1): a pure function of seed, purpose, month, person and k."""
        return self.model.uniforms(purpose, self.number, k, self.model.month)

    def draw_by_firm(self, purpose: str, k: int = 0, *, generation: int | None = None) -> list[float]:
        """One number in (0, 1) for each firm; fixed for a generation, if that is given."""
        when = self.model.month if generation is None else generation
        luck: list[float] = []
        for block in range((len(self.relations) + 3) // 4):
            luck += self.model.uniforms(purpose, self.number, k + block, when)
        return luck

    def draw_for_firm(self, purpose: str, firm: int) -> float:
        """One number in (0, 1) for one firm."""
        return self.draw(purpose, firm // 4)[firm % 4]

    def trait_of_relation(self, purpose: str, firm: int) -> float:
        """A number in (0, 1) for a firm that holds as long as the person is in the market."""
        return self.model.uniforms(purpose, self.number, firm // 4, self.generation)[firm % 4]

    # ------------------------------------------------ coming and going

    def be_somebody_new(self) -> None:
        """Traits of the segment drawn for this generation, and some firms known."""
        population, market = self.model.population, self.model
        words: list[float] = []
        for k in range(4):
            words += market.uniforms("traits", self.number, k, self.generation)
        edges = population.segment_edges
        self.segment = 0
        while self.segment < len(edges) - 1 and words[0] >= edges[self.segment]:
            self.segment += 1
        place = {name: normal_quantile(words[1 + t]) for t, name in enumerate(TRAITS)}
        rho = float(population.correlation[self.segment])
        place["service_intensity"] = (
            rho * place["basket"] + (1.0 - rho * rho) ** 0.5 * place["service_intensity"]
        )
        for t, name in enumerate(TRAITS):
            setattr(self, name, single(quantile_at(population.tables[self.segment, t], place[name])))
        self.relations = [Relation() for _ in market.tables.firms]
        luck = self.draw_by_firm("start_aware", generation=self.generation)
        for relation, u in zip(self.relations, luck, strict=False):
            relation.aware = 1 if u < population.awareness else 0

    def start_in_the_market(self) -> None:
        """As a run begins, a share of people is served by some firm, for some months already."""
        market, table = self.model, self.model.tables.market
        served, which, months_before, loyal = market.uniforms("start_supplier", self.number, 0, 0)
        if served >= table.served_at_start:
            self.trust = single(market.tables.buy.initial_trust)
            return
        f = 0
        while f < len(market.start_shares) - 1 and which >= market.start_shares[f]:
            f += 1
        p = 1.0 / table.initial_tenure
        months = min(int(1.0 + (geometric(p, months_before) if p < 1.0 else 0.0)), 30000)
        self.supplier = f
        self.tenure = months
        self.loyalty = single(quantile_at(market.start_loyalty, normal_quantile(loyal)))
        self.trust = single(table.initial_trust)
        relation = self.relations[f]
        luck = market.uniforms("start_belief", self.number, 0, 0)[0]
        quality = market.tables.firms[market.names[f]].quality
        relation.belief = single(quality + table.initial_belief_sd * normal(luck))
        relation.aware = 1
        relation.identified = 2
        relation.spent = single(2.0 * self.basket)
        relation.first_on_record = -months
        relation.sold = 1

    def leave_the_market(self) -> None:
        """The need ends; a newcomer with own traits takes the place, and knows nothing of what was."""
        if self.supplier != NOBODY:
            self.supplier_firm.count["lost"] += 1
            self.model.note_departure(self, NOBODY, NEED_ENDED)
            self.close_account()
        self.begin_relationship(NOBODY)
        self.generation += 1
        self.be_somebody_new()
        self.supplier_history = [NOBODY] * 12
        self.left_from, self.left_for, self.left_month = NOBODY, NOBODY, NOBODY
        self.left_because = 0
        self.mood, self.mood_firm = 0, NOBODY
        self.teller, self.teller_firm = NOBODY, NOBODY
        self.level = 0

    # ------------------------------------------------ the relationship with the supplier

    @property
    def supplier_firm(self) -> PlainFirm:
        """The firm that is the supplier."""
        return self.model.firms[self.supplier]

    def begin_relationship(self, supplier: int, won_by: int = 0) -> None:
        """All that belongs to a relationship starts anew; with `NOBODY` there is none."""
        self.supplier = supplier
        self.won_by = won_by
        self.trust = single(self.model.tables.buy.initial_trust)
        self.satisfaction = self.loyalty = self.tie = self.discount = 0.0
        self.hurt = self.annoyed = self.bond_peak = 0.0
        self.tenure = self.purchases = self.visits = 0
        self.pending = self.pending_by = 0
        self.products, self.tier = 1, 0
        self.bonded = self.social = self.structural = 0

    def close_account(self) -> None:
        """What the person brought stays with the firm that is left, in one entry for all who left."""
        month_profit, month_spent = self.month_profit_cents, self.month_spent_cents
        self.model.ledger.departed[self.supplier] += (
            self.profit_cents + month_profit,
            self.spent_cents + month_spent,
            self.year_profit_cents + month_profit,
            self.year_spent_cents + month_spent,
        )
        self.relations[self.supplier].note_money(month_spent, month_profit)
        self.profit_cents = self.spent_cents = 0
        self.year_profit_cents = self.year_spent_cents = 0
        self.month_profit_cents = self.month_spent_cents = 0

    def leave_supplier(self, to: int, reason: int) -> None:
        """The relationship ends, for firm ``to`` or for nobody; who, why and when is kept."""
        self.left_from, self.left_for = self.supplier, to
        self.left_because, self.left_month = reason, self.model.month
        self.model.note_departure(self, to, reason)
        self.close_account()
        self.begin_relationship(NOBODY)

    def think_again(self, cause: int) -> None:
        """The next occasion will be a free choice; the strongest cause is kept."""
        self.pending = 1
        self.pending_by = max(self.pending_by, cause)

    def stop_thinking(self) -> None:
        """The next occasion will be habit."""
        self.pending = 0
        self.pending_by = 0

    def clear_month(self) -> None:
        """Empty what holds for a month only."""
        self.fired_by = NOBODY
        self.bought = self.visited = self.failed = 0
        self.social = self.structural = 0
        self.month_spent_cents = self.month_profit_cents = 0
        self.experiences = []
        for relation in self.relations:
            relation.clear_month()


def loyalty_at_the_start() -> np.ndarray:
    """The quantile table of loyalty as a run begins: Beta(2, 3)."""
    table = np.empty(POINTS)
    fill_table(2, 2.0, 3.0, 0.0, table)
    return table


def column(people: list[Person], name: str) -> np.ndarray:
    """One column of the market of columns, read off the people: same shape, same type."""
    kind, dtype = BY_NAME[name].kind, BY_NAME[name].dtype
    if kind == "pair":
        firms = range(len(people[0].relations))
        return np.array([[getattr(p.relations[f], name) for p in people] for f in firms], dtype=dtype)
    if kind == "history":
        return np.array([getattr(p, name) for p in people], dtype=dtype).T
    return np.array([getattr(p, name) for p in people], dtype=dtype)


def columns(people: list[Person]) -> dict[str, np.ndarray]:
    """Every column of the state, by name."""
    return {name: column(people, name) for name in STATE}
