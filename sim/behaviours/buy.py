"""The stage `buy`: people think again or not, have occasions, choose, and spend.

Who thinks again, or has no supplier, makes a free choice among the firms known and the outside
option: a multinomial logit. Everybody else buys from the supplier by habit. Purchases bring
revenue, costs, a record in the firm's database, cross- and up-selling, and a request for permission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.frame import ACCOUNT, RELATIONSHIP, begin_relationship, cents, close_account, parameter_tuple, parameters
from sim.behaviours.contact import ContactParameters, is_keen
from sim.behaviours.leave import departure_reason
from sim.columns import column_tuple
from sim.compiled import equation, helper, loop
from sim.draws import BLOCK, CODES, OUTSIDE, draw, draw_block, gamma4, gumbel, poisson
from sim.ledger import A, C
from sim.maths import exp, log, logistic
from sim.scenario.parameters import BuyTable
from sim.scenario.words import AWARE_BY, PENDING_BY, PERMISSIONS, REASONS, STRATEGIES, WON_BY

if TYPE_CHECKING:
    from sim.market import Market

READS = (
    "need_rate", "service_need", "service_basket", "basket", "price_sensitivity", "relationship_orientation",
    "privacy_concern", "generation", "level", "belief", "brand", "heard", "barred", "aware", "aware_month", "aware_by",
    "relevance", "offer", "offer_read", "teller", "teller_firm", "supplier_before",
)  # fmt: skip
CHANGES = (
    *RELATIONSHIP, *ACCOUNT, "bought", "visited", "left_from", "left_for", "left_because", "left_month",
    "left_now", "left_tenure", "permission", "asked", "identified", "first_on_record", "last_purchase", "spent", "recent_spend", "level",
)  # fmt: skip
DRAWS = (
    "base_chance", "rival_message", "price_gap", "occasions", "visits", "payment", "choice", "spend", "cross_sells",
    "up_sells", "says_yes", "visit_spend",
)  # fmt: skip

BuyColumns = column_tuple("BuyColumns", READS + CHANGES, __name__)
BuyParameters = parameter_tuple("BuyParameters", BuyTable, __name__, extra=("cause_weight", "reason_above"))

MOST_OCCASIONS = 30
MOST_VISITS = 15
_THINKS, _VISITS, _CHOICE = CODES["base_chance"], CODES["visits"], CODES["choice"]
_SPEND, _SELLS, _VISIT_SPEND = CODES["spend"], CODES["cross_sells"], CODES["visit_spend"]
_CHANCE, _MESSAGE, _GAP = (PENDING_BY.index(w) for w in ("chance", "rival's message", "price gap"))
_OFFER_WON, _ITSELF = WON_BY.index("offer"), WON_BY.index("itself")
_AFFILIATE, _REFERRAL = AWARE_BY.index("affiliate"), AWARE_BY.index("referral")
_NEED_ENDED = REASONS.index("need ended")
_OPTED_IN, _CONFIRMED = PERMISSIONS.index("opted_in"), PERMISSIONS.index("confirmed")
_DOUBLE = STRATEGIES.index("double_opt_in")
_REVENUE, _GOODS, _HANDLING = A["revenue"], A["cost_of_goods"], A["order_handling"]
_DISCOUNTS, _TRIAL, _WIN_BACK_DISCOUNT = A["discounts"], A["trial_discounts"], A["win_back_discounts"]
_REWARDS, _COMMISSIONS, _PERMISSION = A["referral_rewards"], A["commissions"], A["permission"]
_ORDERS, _N_VISITS, _WON, _WON_BACK = C["orders"], C["visits"], C["won"], C["won_back"]
_REFERRALS = C["referrals"]
_LOST, _LOST_VOLUNTARILY, _ENDED = C["lost"], C["lost_voluntarily"], C["ended_contracts"]
_ASKED, _SAID_YES = C["asked"], C["said_yes"]


@equation
def chance_base(loyalty, p):
    """Chance a month of thinking again for no particular reason. Source: ours, fitted."""
    return p.base_chance * (1.0 - loyalty)


@equation
def chance_price(price_sensitivity, gap, p):
    """Chance of thinking again because the other firms known are cheaper; gap in log price. Source: ours, fitted."""
    return 1.0 - exp(-p.price_alert * price_sensitivity * max(0.0, gap))


@equation
def expected_occasions(need_rate, season, has_read, need_lift):
    """Expected purchase occasions of a month; a read message lifts the need once. Source: ours."""
    return need_rate * season * (need_lift if has_read else 1.0)


@equation
def relationship(loyalty, orientation, tie, switching_cost, p):
    """Relationship equity of the supplier, in utility. Source: Rust, Zeithaml & Lemon 2000; weights ours."""
    return switching_cost + p.loyalty_weight * loyalty * (0.5 + orientation) + p.tie_weight * tie


@equation
def utility(belief, price_term, brand, relationship, salience, noise):
    """Utility of a firm in a free choice: value, brand and relationship equity, salience and Gumbel noise.

    Source: Rust, Zeithaml & Lemon 2000 for the three drivers; McFadden 1974 for the logit.
    """
    return belief - price_term + brand + relationship + salience + noise


@equation
def list_value(basket, products, tier, noise, p):
    """Value of an order at the market's price, in money."""
    step = 1.0 if tier == 0 else (p.tier_value if tier == 1 else p.tier_value * p.tier_value)
    return basket * (1.0 + p.product_value * (products - 1.0)) * step * noise


@equation
def chance_cross_sell(lift, relevance, p):
    """Chance to sell a further product at a purchase; relevance of this month's read message, 0 if none. Source: ours."""
    return p.cross_sell * (1.0 + lift) * (1.0 + p.cross_sell_message * relevance)


@equation
def chance_yes(trust, incentive, privacy_concern, ask_base, ask_trust, ask_incentive, ask_privacy):
    """Chance that a buyer who is asked gives permission. Source: Godin 1999 for the idea; logit ours."""
    return logistic(ask_base + ask_trust * trust + ask_incentive * incentive - ask_privacy * privacy_concern)


@loop
def buy_rows(c, start, stop, month, key0, key1, p, contact, firms, levels, season, contract, ledger, counts, departed):
    """The stage over customers start to stop."""
    u = np.empty((4, BLOCK))
    v = np.empty((4, BLOCK))
    s = np.empty((4, BLOCK))
    who = np.empty(BLOCK, dtype=np.int64)
    occasions = np.empty(BLOCK, dtype=np.int64)
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        draw_block(lo, n, 0, month, _THINKS, key0, key1, u)
        _think_again(c, lo, n, p, firms, u)
        most = _count_occasions(c, lo, n, month, key0, key1, p, contact, season, contract, u[3], v, occasions, ledger, counts, departed)
        for r in range(most):
            m = 0
            for j in range(n):
                who[m] = j
                m += 1 if occasions[j] > r else 0
            draw(lo, who, m, r, month, _SPEND, key0, key1, u)
            draw(lo, who, m, r, month, _SELLS, key0, key1, s)
            for x in range(m):
                i = lo + who[x]
                before = c.supplier[i]
                buys = True
                first = c.bought[i] == 0
                won = False
                if contract and before >= 0:
                    free = c.pending[i] != 0 and c.tenure[i] > 0 and c.tenure[i] % p.term == 0
                else:
                    free = c.pending[i] != 0 or before < 0
                if free:
                    w = _choose(c, i, r, month, key0, key1, p, contact, firms)
                    c.pending[i] = 0
                    if w < 0:
                        buys = False
                        if contract and before >= 0:
                            _end(c, i, -1, month, p, contact, firms, counts, departed)
                        c.pending_by[i] = 0
                    elif w != before:
                        if before >= 0:
                            _end(c, i, w, month, p, contact, firms, counts, departed)
                        _begin(c, i, w, month, p, firms, counts)
                        won = True
                        if contract:
                            occasions[who[x]] = r + 1
                    else:
                        c.pending_by[i] = 0
                if buys:
                    noise = gamma4(u[0, x], u[1, x], u[2, x], u[3, x])
                    _purchase(c, i, month, p, contact, firms, levels, noise, first, won, s[0, x], s[1, x], s[2, x], ledger, counts)
        _visits(c, lo, n, month, key0, key1, p, firms, season, u, v, ledger, counts)


@helper
def _think_again(c, lo, n, p, firms, u):
    """Set `pending` for who thinks again: by chance, after a rival's message, because rivals are cheaper."""
    n_firms = c.belief.shape[0]
    for j in range(n):
        i = lo + j
        s = c.supplier[i]
        if s < 0:
            continue
        cause = 0
        if u[0, j] < chance_base(float(c.loyalty[i]), p):
            cause = _CHANCE
        read = False
        known = 0
        prices = 0.0
        for f in range(n_firms):
            if f != s:
                read = read or c.relevance[f, i] > 0.0 or c.offer_read[f, i] != 0
                if c.aware[f, i] != 0 and c.barred[f, i] == 0:
                    known += 1
                    prices += firms.log_price[f]
        if read and u[1, j] < p.rival_message:
            cause = _MESSAGE
        if known > 0:
            gap = firms.log_price[s] + log(1.0 - float(c.discount[i])) - prices / known
            if gap > 0.0 and u[2, j] < chance_price(float(c.price_sensitivity[i]), gap, p):
                cause = _GAP
        if cause > 0:
            c.pending[i] = 1
            c.pending_by[i] = max(c.pending_by[i], cause)


@helper
def _count_occasions(c, lo, n, month, key0, key1, p, contact, season, contract, u, v, occasions, ledger, counts, departed):
    """Occasions of the month by customer; returns the largest number. A contract is one payment a month."""
    n_firms = c.belief.shape[0]
    most = 0
    if contract:
        draw_block(lo, n, 0, month, _VISITS, key0, key1, v)
    for j in range(n):
        i = lo + j
        if contract and c.supplier[i] >= 0:
            k = np.int64(1)
            if v[1, j] < p.nonpayment:
                k = np.int64(0)
                _fail_to_pay(c, i, month, counts, departed)
        else:
            read = False
            for f in range(n_firms):
                read = read or c.relevance[f, i] > 0.0
            mean = expected_occasions(float(c.need_rate[i]), season, read, contact.need_lift)
            k = np.int64(poisson(mean, u[j], MOST_OCCASIONS))
        occasions[j] = k
        most = max(most, k)
    return most


@helper
def _fail_to_pay(c, i, month, counts, departed):
    """A payment fails, which ends the contract."""
    f = c.supplier[i]
    counts[f, _LOST] += 1
    _note_departure(c, i, -1, _NEED_ENDED, month)
    close_account(c, i, departed)
    begin_relationship(c, i, -1, 0.4, 0)


@helper
def _note_departure(c, i, w, reason, month):
    """Keep who left whom for whom, why and when."""
    c.left_from[i] = c.supplier[i]
    c.left_for[i] = w
    c.left_because[i] = reason
    c.left_month[i] = month
    c.left_now[i] = reason + 1
    c.left_tenure[i] = c.tenure[i]


@helper
def _choose(c, i, r, month, key0, key1, p, contact, firms):
    """The firm that customer i chooses at occasion r, -1 for none: a multinomial logit."""
    n_firms = c.belief.shape[0]
    s = c.supplier[i]
    who = np.zeros(1, dtype=np.int64)
    word = np.empty((4, 1))
    draw(i, who, 1, 8 * r + OUTSIDE // 4, month, _CHOICE, key0, key1, word)
    best = p.outside + gumbel(word[OUTSIDE % 4, 0])
    chosen = -1
    sensitivity = float(c.price_sensitivity[i])
    for f in range(n_firms):
        if f % 4 == 0:
            draw(i, who, 1, 8 * r + f // 4, month, _CHOICE, key0, key1, word)
        if c.barred[f, i] != 0 or (c.aware[f, i] == 0 and f != s):
            continue
        price = _log_net_price(c, i, f, s, firms)
        if f == s:
            bond = relationship(float(c.loyalty[i]), float(c.relationship_orientation[i]), float(c.tie[i]), firms.switching_cost[f], p)
        else:
            bond = p.promise_weight * firms.promise[f]
        salience = _salience(c, i, f, p, contact)
        total = utility(
            float(c.belief[f, i]), sensitivity * price, float(c.brand[f, i]) + firms.brand_bonus[f], bond, salience, gumbel(word[f % 4, 0])
        )
        if total > best:
            best = total
            chosen = f
    return chosen


@helper
def _salience(c, i, f, p, contact):
    """Utility that this month's read message and offer of firm f add."""
    return contact.salience * float(c.relevance[f, i]) + (p.offer_weight if c.offer_read[f, i] != 0 else 0.0)


@helper
def _log_net_price(c, i, f, s, firms):
    """Log of the price that firm f asks of customer i now, of supplier s."""
    offer = float(c.offer[f, i]) if c.offer_read[f, i] != 0 and c.bought[i] == 0 else 0.0
    if f == s:
        discount = float(c.discount[i])
        return firms.log_price[f] + log(1.0 - max(discount, offer if offer > 0.0 else discount))
    if offer > firms.trial_discount[f]:
        return firms.log_price[f] + log(1.0 - offer)
    return firms.log_trial_price[f]


@helper
def _end(c, i, w, month, p, contact, firms, counts, departed):
    """Customer i leaves the supplier for firm w (-1: for nobody); the true reason is kept."""
    s = c.supplier[i]
    bond = relationship(float(c.loyalty[i]), float(c.relationship_orientation[i]), float(c.tie[i]), firms.switching_cost[s], p)
    sensitivity = float(c.price_sensitivity[i])
    net_s = _log_net_price(c, i, s, s, firms)
    list_w, net_w, belief_w, heard_w, salience_w, brand_w, promise_w = 0.0, 0.0, p.outside, 0.0, 0.0, 0.0, 0.0
    if w >= 0:
        list_w = firms.log_price[w]
        net_w = _log_net_price(c, i, w, s, firms)
        belief_w = float(c.belief[w, i])
        heard_w = float(c.heard[w, i])
        salience_w = _salience(c, i, w, p, contact)
        brand_w = float(c.brand[w, i]) + firms.brand_bonus[w]
        promise_w = p.promise_weight * firms.promise[w]
    price = sensitivity * (net_s - list_w)
    failure = float(c.hurt[i])
    talk = heard_w - float(c.heard[s, i])
    better = belief_w - float(c.belief[s, i]) - failure - talk
    messages = float(c.annoyed[i])
    neglect = float(c.bond_peak[i]) - (bond - firms.switching_cost[s])
    brands = brand_w - float(c.brand[s, i]) - firms.brand_bonus[s]
    pull = -sensitivity * (net_w - list_w) + salience_w - _salience(c, i, s, p, contact) + brands - messages + promise_w
    reason = departure_reason(price, failure, better, talk, messages, neglect, pull, c.pending_by[i], p.cause_weight, p.reason_above)
    counts[s, _LOST] += 1
    counts[s, _LOST_VOLUNTARILY] += 1
    if w < 0:
        counts[s, _ENDED] += 1
    _note_departure(c, i, w, reason, month)
    close_account(c, i, departed)
    begin_relationship(c, i, -1, p.initial_trust, 0)


@helper
def _begin(c, i, w, month, p, firms, counts):
    """Customer i becomes a customer of firm w."""
    won_by = _ITSELF
    if c.aware_month[w, i] >= 0 and month - c.aware_month[w, i] <= p.credit_months:
        won_by = c.aware_by[w, i]
    if c.offer_read[w, i] != 0:
        won_by = _OFFER_WON
        counts[w, _WON_BACK] += 1
    begin_relationship(c, i, w, p.initial_trust, won_by)
    c.level[i] = firms.level[w]
    counts[w, _WON] += 1


@helper
def _purchase(c, i, month, p, contact, firms, levels, noise, first, won, u_cross, u_up, u_yes, ledger, counts):
    """Customer i buys from the supplier: money, record, cross- and up-selling, permission."""
    f = c.supplier[i]
    value = list_value(float(c.basket[i]), float(c.products[i]), c.tier[i], noise, p)
    discount = firms.trial_discount[f] if won else float(c.discount[i])
    memo = _TRIAL if won else _DISCOUNTS
    if first and c.offer_read[f, i] != 0 and c.offer[f, i] > discount:
        discount = float(c.offer[f, i])
        memo = _WIN_BACK_DISCOUNT
    full = value * firms.price[f]
    paid = cents(full * (1.0 - discount))
    goods = cents(value * (1.0 - firms.unit_margin[f]))
    handling = cents(p.order_cost)
    ledger[f, _REVENUE] += paid
    ledger[f, _GOODS] += goods
    ledger[f, _HANDLING] += handling
    ledger[f, memo] += cents(full * discount)
    counts[f, _ORDERS] += 1
    c.month_spent_cents[i] += paid
    c.month_profit_cents[i] += paid - goods - handling
    c.purchases[i] = min(c.purchases[i] + 1, 65535)
    c.bought[i] += 1
    _record(c, i, f, month, paid)
    if won and c.won_by[i] == _AFFILIATE:
        ledger[f, _COMMISSIONS] += cents(firms.commission[f] * paid * 0.01)
    if won and c.won_by[i] == _REFERRAL and c.teller[i] >= 0 and c.teller_firm[i] == f:
        counts[f, _REFERRALS] += 1
        if c.supplier_before[c.teller[i]] == f:
            ledger[f, _REWARDS] += cents(firms.referral_reward[f])
    if not won:
        lift = chance_cross_sell(levels.cross_sell[c.level[i]], float(c.relevance[f, i]), p)
        if u_cross < lift and c.products[i] < 5:
            c.products[i] += 1
        if u_up < p.up_sell_share * lift and c.tier[i] < 2:
            c.tier[i] += 1
    if firms.ask[f] != 0:
        _ask(c, i, f, month, contact, firms, u_yes, ledger, counts)


@helper
def _record(c, i, f, month, paid):
    """Firm f's record of a purchase or visit; it outlives the relationship."""
    if c.identified[f, i] == 0:
        c.first_on_record[f, i] = month
    c.identified[f, i] = min(c.identified[f, i] + 1, 65535)
    c.last_purchase[f, i] = month
    c.spent[f, i] = float(c.spent[f, i]) + paid * 0.01
    c.recent_spend[f, i] = float(c.recent_spend[f, i]) + paid * 0.01


@helper
def _ask(c, i, f, month, contact, firms, u, ledger, counts):
    """Ask a buyer for permission to write, at most once a year."""
    permission = c.permission[f, i]
    if permission == _OPTED_IN or permission == _CONFIRMED:
        return
    if c.asked[f, i] != 0 and month + 1 - c.asked[f, i] < contact.ask_again:
        return
    c.asked[f, i] = month + 1
    counts[f, _ASKED] += 1
    chance = chance_yes(
        float(c.trust[i]), firms.incentive[f], float(c.privacy_concern[i]), contact.ask_base, contact.ask_trust, contact.ask_incentive, contact.ask_privacy
    )
    if u < chance:
        keen = firms.strategy[f] == _DOUBLE and is_keen(i, f, c.generation[i], firms.traits_key, contact)
        c.permission[f, i] = _CONFIRMED if keen else _OPTED_IN
        counts[f, _SAID_YES] += 1
        ledger[f, _PERMISSION] += cents(contact.incentive_cost * firms.incentive[f])


@helper
def _visits(c, lo, n, month, key0, key1, p, firms, season, u, v, ledger, counts):
    """Service visits, always at the supplier."""
    most = 0
    drawn = False
    for j in range(n):
        i = lo + j
        if c.service_need[i] > 0.0 and c.supplier[i] >= 0:
            if not drawn:
                draw_block(lo, n, 0, month, _VISITS, key0, key1, v)
                drawn = True
            k = poisson(float(c.service_need[i]) * season, v[0, j], MOST_VISITS)
            c.visited[i] = k
            most = max(most, np.int64(k))
    for r in range(most):
        draw_block(lo, n, r, month, _VISIT_SPEND, key0, key1, u)
        for j in range(n):
            i = lo + j
            if c.visited[i] <= r:
                continue
            f = c.supplier[i]
            value = float(c.service_basket[i]) * gamma4(u[0, j], u[1, j], u[2, j], u[3, j])
            full = value * firms.price[f]
            discount = float(c.discount[i])
            paid = cents(full * (1.0 - discount))
            goods = cents(value * (1.0 - firms.service_margin[f]))
            handling = cents(p.order_cost)
            ledger[f, _REVENUE] += paid
            ledger[f, _GOODS] += goods
            ledger[f, _HANDLING] += handling
            ledger[f, _DISCOUNTS] += cents(full * discount)
            counts[f, _N_VISITS] += 1
            c.month_spent_cents[i] += paid
            c.month_profit_cents[i] += paid - goods - handling
            c.visits[i] = min(c.visits[i] + 1, 65535)
            _record(c, i, f, month, paid)


def buy(market: Market) -> None:
    """People think again, have occasions, choose and spend; revenue and first records are made."""
    tables = market.tables
    reasons = tables.leave
    p = parameters(BuyParameters, tables.buy, cause_weight=reasons.cause_weight, reason_above=reasons.reason_above)
    contact = parameters(ContactParameters, tables.contact)
    contact = contact._replace(incentive_cost=contact.incentive_cost * tables.decide.contact_cost)
    market.customers.supplier_before = market.customers.supplier
    season = float(tables.market.season[market.month % 12])
    market.rows(
        "buy", BuyColumns, p, contact, market.month_of_firms, market.levels, season, tables.market.setting == "contract",
        ledger=True, counts=True, departed=True,
    )  # fmt: skip
    market.note_departures()
