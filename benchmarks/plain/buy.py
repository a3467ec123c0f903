"""Buy: people think again or not, have occasions, choose freely or by habit, and spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plain.contact import CONFIRMED, OPTED_IN, is_keen
from plain.person import NEED_ENDED, NOBODY, Person
from sim.behaviours.buy import MOST_OCCASIONS, MOST_VISITS
from sim.behaviours.frame import cents, consents
from sim.draws import OUTSIDE, gamma4, gumbel, poisson
from sim.maths import log
from sim.scenario.words import AWARE_BY, PENDING_BY, WON_BY

if TYPE_CHECKING:
    from plain_market import PlainMarket

    from plain.firm import PlainFirm

BY_CHANCE, BY_MESSAGE, BY_PRICE = (PENDING_BY.index(w) for w in ("chance", "rival's message", "price gap"))
BY_OFFER, BY_ITSELF = WON_BY.index("offer"), WON_BY.index("itself")
BY_AFFILIATE, BY_REFERRAL = AWARE_BY.index("affiliate"), AWARE_BY.index("referral")
MOST_PRODUCTS, HIGHEST_TIER = 5, 2


def buy(market: PlainMarket) -> None:
    """Everybody shops; a reward for a referral needs to know who was whose customer before."""
    for person in market.people:
        person.supplier_before = person.supplier
    for person in market.people:
        shop(person, market)


def shop(person: Person, market: PlainMarket) -> None:
    """A person's month: think again, then occasion by occasion choose and buy, then visit for service."""
    by_chance, by_message, by_price, luck = person.draw("base_chance")
    think(person, by_chance, by_message, by_price, market)
    has_contract = market.has_contracts and person.supplier != NOBODY
    if has_contract and person.draw("visits")[1] < market.p.buy.nonpayment:
        person.supplier_firm.count["lost"] += 1
        person.leave_supplier(NOBODY, NEED_ENDED)
        return  # a payment failed, which ends the contract: nothing is bought this month
    occasions = count_occasions(person, luck, market)
    occasion = 0
    while occasion < occasions:
        buys, is_new = True, False
        if chooses_freely(person, market):
            before = person.supplier
            buys = choose(person, occasion, market)
            is_new = buys and person.supplier != before
            if is_new and market.has_contracts:
                occasions = occasion + 1  # signing is the month's payment
        if buys:
            purchase(person, person.supplier_firm, occasion, is_new, market)
        occasion += 1
    visit(person, market)


# ---------------------------------------------------------------- thinking again


def think(person: Person, by_chance: float, by_message: float, by_price: float, market: PlainMarket) -> None:
    """A customer thinks again by chance, after a rival's message or offer, or as others are cheaper."""
    if person.supplier == NOBODY:
        return
    p, eq = market.p.buy, market.eq
    if by_chance < eq.chance_base(person.loyalty, p):
        person.think_again(BY_CHANCE)
    rivals = {f: r for f, r in enumerate(person.relations) if f != person.supplier}
    if by_message < p.rival_message and any(r.relevance > 0.0 or r.offer_read for r in rivals.values()):
        person.think_again(BY_MESSAGE)
    prices = [market.firms[f].log_price for f, r in rivals.items() if r.aware and not r.barred]
    if prices:
        total = 0.0
        for price in prices:
            total += price
        gap = person.supplier_firm.log_price + (log(1.0 - person.discount) - total / len(prices))
        if gap > 0.0 and by_price < eq.chance_price(person.price_sensitivity, gap, p):
            person.think_again(BY_PRICE)


def count_occasions(person: Person, luck: float, market: PlainMarket) -> int:
    """Occasions of the month; a contract is one payment a month."""
    if market.has_contracts and person.supplier != NOBODY:
        return 1
    has_read = any(relation.relevance > 0.0 for relation in person.relations)
    mean = market.eq.expected_occasions(person.need_rate, market.season, has_read, market.p.contact.need_lift)
    return int(poisson(mean, luck, MOST_OCCASIONS))


def chooses_freely(person: Person, market: PlainMarket) -> bool:
    """Whether this occasion is a free choice: without a supplier, or thinking again (at a contract's end)."""
    if person.supplier == NOBODY:
        return True
    if market.has_contracts and (person.tenure == 0 or person.tenure % market.p.buy.term != 0):
        return False
    return person.pending == 1


# ---------------------------------------------------------------- the free choice


def choose(person: Person, occasion: int, market: PlainMarket) -> bool:
    """A multinomial logit over the firms known and buying nothing; returns whether the person buys."""
    p, eq = market.p.buy, market.eq
    noise = person.draw_by_firm("choice", 8 * occasion)
    noise_of_nobody = person.draw("choice", 8 * occasion + OUTSIDE // 4)[OUTSIDE % 4]
    best, chosen = p.outside + gumbel(noise_of_nobody), NOBODY
    for f, firm in enumerate(market.firms):
        relation, own = person.relations[f], person.supplier == f
        if relation.barred or not (relation.aware or own):
            continue
        if own:
            equity = bond_with_supplier(person, firm.table.switching_cost, market)
        else:
            equity = p.promise_weight * firm.plan.promise
        price = person.price_sensitivity * log_net_price(person, firm)
        brand = relation.brand + firm.table.brand_bonus
        salience = salience_of(person, firm, market)
        utility = eq.utility(relation.belief, price, brand, equity, salience, gumbel(noise[f]))
        if utility > best:
            best, chosen = utility, f
    if person.supplier not in (chosen, NOBODY) and (chosen != NOBODY or market.has_contracts):
        switch_away(person, chosen, market)
    if chosen not in (person.supplier, NOBODY):
        join(person, market.firms[chosen], market)
    person.stop_thinking()
    return chosen != NOBODY


def bond_with_supplier(person: Person, switching_cost: float, market: PlainMarket) -> float:
    """Relationship equity of the supplier, in utility."""
    return market.eq.relationship(
        person.loyalty, person.relationship_orientation, person.tie, switching_cost, market.p.buy
    )


def salience_of(person: Person, firm: PlainFirm, market: PlainMarket) -> float:
    """Utility that this month's read message and offer of the firm add."""
    relation = person.relations[firm.place]
    offer = market.p.buy.offer_weight if relation.offer_read else 0.0
    return market.p.contact.salience * relation.relevance + offer


def log_net_price(person: Person, firm: PlainFirm) -> float:
    """Log of what the firm asks of the person now: own, trial or win-back discount off the list price.

    An offer holds for one bill, and counts for what it is of all bills that the choice binds to.
    """
    relation, bills = person.relations[firm.place], person.model.p.buy.bills
    offer = relation.offer / bills if relation.offer_read and person.bought == 0 else 0.0
    if person.supplier == firm.place:
        discount = max(person.discount, offer) if offer > 0.0 else person.discount
        return firm.log_price + (log(1.0 - discount) if discount != 0.0 else 0.0)
    if offer > firm.plan.trial_discount / bills:
        return firm.log_price + log(1.0 - offer)
    return firm.log_trial_price


def switch_away(person: Person, to: int, market: PlainMarket) -> None:
    """The person leaves the supplier for firm ``to`` or, with a contract, for nobody: the true reason.

    What the other firm had over the supplier is taken apart into terms, the largest of which is the reason.
    """
    p, old = market.p.buy, person.supplier_firm
    was = person.relations[old.place]
    list_price, net_price, belief, heard, salience, brand, promise = 0.0, 0.0, p.outside, 0.0, 0.0, 0.0, 0.0
    if to != NOBODY:
        new, relation = market.firms[to], person.relations[to]
        list_price, net_price = new.log_price, log_net_price(person, new)
        belief, heard = relation.belief, relation.heard
        salience, brand = salience_of(person, new, market), relation.brand + new.table.brand_bonus
        promise = p.promise_weight * new.plan.promise
    price = person.price_sensitivity * (log_net_price(person, old) - list_price)
    talk = heard - was.heard
    better = belief - was.belief - person.hurt - talk
    neglect = person.bond_peak - bond_with_supplier(person, 0.0, market)
    pull = (
        -person.price_sensitivity * (net_price - list_price)
        + salience
        - salience_of(person, old, market)
        + (brand - was.brand - old.table.brand_bonus)
        - person.annoyed
        + promise
    )
    reason = market.eq.departure_reason(
        price, person.hurt, better, talk, person.annoyed, neglect, pull, person.pending_by,
        p.cause_weight, p.reason_above,
    )  # fmt: skip
    old.count["lost"] += 1
    old.count["lost_voluntarily"] += 1
    old.count["ended_contracts"] += 1 if to == NOBODY else 0
    person.leave_supplier(to, reason)


def join(person: Person, firm: PlainFirm, market: PlainMarket) -> None:
    """The person becomes a customer of the firm, and something gets the credit."""
    relation = person.relations[firm.place]
    won_by = BY_ITSELF
    if relation.aware_month != NOBODY and market.month - relation.aware_month <= market.p.buy.credit_months:
        won_by = relation.aware_by
    if relation.offer_read:
        won_by = BY_OFFER
        firm.count["won_back"] += 1
    person.begin_relationship(firm.place, won_by)
    person.level = firm.plan.code("level")
    firm.count["won"] += 1


# ---------------------------------------------------------------- the purchase


def purchase(person: Person, firm: PlainFirm, occasion: int, is_new: bool, market: PlainMarket) -> None:
    """A purchase from the supplier: money, further products, a question for permission, a record."""
    p, eq, relation = market.p.buy, market.eq, person.relations[firm.place]
    noise = gamma4(*person.draw("spend", occasion))
    cross_sells, up_sells, says_yes, _ = person.draw("cross_sells", occasion)
    value = eq.list_value(person.basket, float(person.products), person.tier, noise, p)
    discount, memo = person.discount, "discounts"
    if is_new:
        discount, memo = firm.plan.trial_discount, "trial_discounts"
    if person.bought == 0 and relation.offer_read and relation.offer > discount:
        discount, memo = relation.offer, "win_back_discounts"
    paid = take_money(person, firm, value, discount, firm.table.unit_margin, memo)
    firm.count["orders"] += 1
    person.purchases = min(person.purchases + 1, 65535)
    person.bought += 1
    if is_new:
        pay_for_winning(person, firm, paid)
    else:
        lift = market.levels[person.level].cross_sell
        chance = eq.chance_cross_sell(lift, relation.relevance, p)
        if cross_sells < chance and person.products < MOST_PRODUCTS:
            person.products += 1
        if up_sells < p.up_sell_share * chance and person.tier < HIGHEST_TIER:
            person.tier += 1
    if firm.plan.ask:
        ask(person, firm, says_yes, market)
    relation.note_purchase(market.month, person.products, person.tier)


def take_money(
    person: Person, firm: PlainFirm, value: float, discount: float, margin: float, memo: str
) -> int:
    """Money of one order of a list value at the market's price; returns what was paid, in cents."""
    full = value * firm.plan.price
    paid = cents(full * (1.0 - discount))
    goods = cents(value * (1.0 - margin))
    handling = cents(person.model.p.buy.order_cost)
    firm.book["revenue"] += paid
    firm.book["cost_of_goods"] += goods
    firm.book["order_handling"] += handling
    firm.book[memo] += cents(full * max(0.0, discount))
    person.month_spent_cents += paid
    person.month_profit_cents += paid - goods - handling
    return paid


def pay_for_winning(person: Person, firm: PlainFirm, paid: int) -> None:
    """Commission of an affiliate; reward of who spoke well of the firm, if still its customer."""
    if person.won_by == BY_AFFILIATE:
        firm.book["commissions"] += cents(firm.plan.affiliate_commission * paid * 0.01)
    if person.won_by == BY_REFERRAL and person.teller_firm == firm.place and person.teller != NOBODY:
        firm.count["referrals"] += 1
        if person.model.people[person.teller].supplier_before == firm.place:
            firm.book["referral_rewards"] += cents(firm.plan.referral_reward)


def ask(person: Person, firm: PlainFirm, luck: float, market: PlainMarket) -> None:
    """Ask a buyer for permission to write, at most once a year."""
    p, relation = market.p.contact, person.relations[firm.place]
    asked_lately = relation.asked != 0 and market.month + 1 - relation.asked < p.ask_again
    if consents(relation.permission) or asked_lately:
        return
    relation.asked = market.month + 1
    firm.count["asked"] += 1
    if luck < market.eq.chance_yes(person.trust, firm.plan.incentive, person.privacy_concern, p):
        confirms = firm.plan.strategy == "double_opt_in" and is_keen(person, firm.place)
        relation.permission = CONFIRMED if confirms else OPTED_IN
        firm.count["said_yes"] += 1
        incentive = p.incentive_cost * market.tables.decide.contact_cost
        firm.book["permission"] += cents(incentive * firm.plan.incentive)


def visit(person: Person, market: PlainMarket) -> None:
    """Service visits, always at the supplier: another kind of occasion, without a choice."""
    if person.service_need <= 0.0 or person.supplier == NOBODY:
        return
    firm = person.supplier_firm
    person.visited = int(poisson(person.service_need * market.season, person.draw("visits")[0], MOST_VISITS))
    for k in range(person.visited):
        value = person.service_basket * gamma4(*person.draw("visit_spend", k))
        paid = take_money(person, firm, value, person.discount, firm.table.service_margin, "discounts")
        firm.book["visit_revenue"] += paid
        firm.count["visits"] += 1
        person.visits = min(person.visits + 1, 65535)
        person.relations[firm.place].note_purchase(market.month, person.products, person.tier)
