"""The stage `buy`: people think again or not, have occasions, choose, and spend.

Who thinks again, or has no supplier, makes a free choice among the firms known and the outside
option: a multinomial logit. Everybody else buys from the supplier by habit. Purchases bring
revenue, costs, a record in the firm's database, cross- and up-selling, and a request for permission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.contact import ContactParameters, is_keen
from sim.behaviours.frame import (
    ACCOUNT,
    RELATIONSHIP,
    begin_relationship,
    cents,
    close_account,
    consents,
    parameter_tuple,
    parameters,
)
from sim.behaviours.leave import departure_reason
from sim.columns import column_tuple
from sim.compiled import equation, loop, part, step
from sim.draws import (
    BLOCK,
    CODES,
    OUTSIDE,
    chance_of_none,
    draw,
    draw_block,
    gamma4,
    gumbel,
    poisson,
    poisson_from,
)
from sim.ledger import A, C
from sim.maths import exp, log, logistic
from sim.scenario.parameters import BuyTable
from sim.scenario.words import AWARE_BY, PENDING_BY, PERMISSIONS, REASONS, STRATEGIES, WON_BY

if TYPE_CHECKING:
    from sim.market import Market
    from sim.scenario.tables import Tables

READS = (
    "need_rate", "service_need", "service_basket", "basket", "price_sensitivity", "relationship_orientation",
    "privacy_concern", "generation", "level", "belief", "brand", "heard", "barred", "aware", "aware_month", "aware_by",
    "relevance", "offer", "offer_read", "teller", "teller_firm", "supplier_before",
)  # fmt: skip
CHANGES = (
    "supplier_before", *RELATIONSHIP, *ACCOUNT, "bought", "visited", "left_from", "left_for", "left_because", "left_month",
    "left_now", "left_tenure", "permission", "asked", "identified", "first_on_record", "last_purchase", "sold", "level",
)  # fmt: skip
DRAWS = (
    "base_chance", "rival_message", "price_gap", "occasions", "visits", "payment", "choice", "spend", "cross_sells",
    "up_sells", "says_yes", "visit_spend",
)  # fmt: skip

BuyColumns = column_tuple("BuyColumns", READS + CHANGES, __name__)
BuyParameters = parameter_tuple(
    "BuyParameters", BuyTable, __name__, extra=("cause_weight", "reason_above", "bills")
)

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
_VISIT_REVENUE = A["visit_revenue"]
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
def chance_yes(trust, incentive, privacy_concern, p):
    """Chance that a buyer who is asked gives permission. Source: Godin 1999 for the idea; logit ours."""
    return logistic(
        p.ask_base + p.ask_trust * trust + p.ask_incentive * incentive - p.ask_privacy * privacy_concern
    )


@loop
def buy_rows(
    c,
    room,
    start,
    stop,
    month,
    key0,
    key1,
    p,
    contact,
    firms,
    levels,
    season,
    contract,
    ledger,
    counts,
    departed,
):
    """The stage over customers start to stop, occasion by occasion."""
    who = room.lists[0]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        think_again(c, room, lo, n, month, key0, key1, p, firms)
        if contract:
            fail_to_pay(c, room, lo, n, month, key0, key1, p, counts, departed)
        most = count_occasions(c, room, n, lo, contact, season, contract)
        m = n
        for j in range(n):
            who[j] = j
        for r in range(most):
            m = list_occasions(room, m, r)
            k = list_choosers(c, room, lo, m, p, contract)
            if k > 0:
                choose_firms(c, room, lo, k, r, month, key0, key1, p, contact, firms)
                settle_choices(c, room, lo, k, r, month, p, contact, firms, contract, counts, departed)
            k = list_buyers(room, m)
            purchase(c, room, lo, k, r, month, key0, key1, p, firms, levels, ledger, counts)
            ask_permission(c, room, lo, k, month, contact, firms, ledger, counts)
        visit_firms(c, room, lo, n, month, key0, key1, p, firms, season, ledger, counts)


# Rows of the scratch that steps hand on: who has the occasion and where it is kept, occasions of the month,
# free choices, their places among who has the occasion, firms chosen; who buys, who was won just now.
_WHO, _OCCASIONS, _FREE, _PLACE, _CHOSEN, _BUYER, _FIRM, _SOME = range(8)
_BUYS, _IS_WON, _KNOWN, _RIVAL, _HAS_READ, _WAS_WON = range(6)
_CAUSE, _BY_PRICE = _BUYS, _IS_WON  # before anybody buys


@step
def think_again(c, room, lo, n, month, key0, key1, p, firms):
    """Set `pending` for who thinks again; notes who read any firm's message, and the draw of occasions."""
    u = room.words[0]
    draw_block(lo, n, 0, month, _THINKS, key0, key1, u)
    known, rival, has_read = room.flags[_KNOWN], room.flags[_RIVAL], room.flags[_HAS_READ]
    prices, gap, chance = room.numbers[0], room.numbers[1], room.numbers[2]
    supplier, discount = c.supplier[lo : lo + n], c.discount[lo : lo + n]
    loyalty, sensitivity = c.loyalty[lo : lo + n], c.price_sensitivity[lo : lo + n]
    for j in range(n):
        known[j] = 0
        rival[j] = 0
        has_read[j] = 0
        prices[j] = 0.0
    for f in range(len(firms.price)):
        count_rivals(c, room, lo, n, np.int8(f), firms.log_price[f], prices)
    some = False
    for j in range(n):
        some |= discount[j] != 0.0
    if some:
        for j in range(n):
            gap[j] = log(1.0 - float(discount[j])) - prices[j] / max(float(known[j]), 1.0)
    else:
        for j in range(n):
            gap[j] = 0.0 - prices[j] / max(float(known[j]), 1.0)
    for j in range(n):
        chance[j] = chance_base(float(loyalty[j]), p)
    for j in range(n):
        s = np.int64(supplier[j])
        gap[j] += firms.log_price[s] if s >= 0 else 0.0
    dearer = prices
    for j in range(n):
        dearer[j] = chance_price(float(sensitivity[j]), gap[j], p)
    note_causes(c, room, lo, n, p)


@step
def note_causes(c, room, lo, n, p):
    """Who thinks again by the chances that `think_again` weighed, and the strongest cause."""
    u, dearer, gap, chance = room.words[0], room.numbers[0], room.numbers[1], room.numbers[2]
    known, rival, supplier = room.flags[_KNOWN], room.flags[_RIVAL], c.supplier[lo : lo + n]
    cause, by_price = room.flags[_CAUSE], room.flags[_BY_PRICE]
    for j in range(n):
        cause[j] = np.uint8(u[0, j] < chance[j])
    for j in range(n):
        rival[j] &= np.uint8(u[1, j] < p.rival_message)
    for j in range(n):
        by_price[j] = np.uint8((u[2, j] < dearer[j]) & (gap[j] > 0.0))
    for j in range(n):
        other, dear = rival[j], by_price[j] & np.uint8(known[j] > 0)
        why = np.uint8(_CHANCE) * cause[j]
        why = np.uint8(_MESSAGE) if other != 0 else why
        why = np.uint8(_GAP) if dear != 0 else why
        cause[j] = why if supplier[j] >= 0 else np.uint8(0)
    pending, pending_by = c.pending[lo : lo + n], c.pending_by[lo : lo + n]
    for j in range(n):
        pending[j] |= np.uint8(cause[j] > 0)
    for j in range(n):
        pending_by[j] = max(pending_by[j], cause[j])


@step
def count_rivals(c, room, lo, n, f, price, prices):
    """Take firm f into the count of other firms known and their log prices, and into whose messages were read."""
    known, rival, has_read = room.flags[_KNOWN], room.flags[_RIVAL], room.flags[_HAS_READ]
    supplier, aware, barred = c.supplier[lo : lo + n], c.aware[f, lo : lo + n], c.barred[f, lo : lo + n]
    relevance, offer_read = c.relevance[f, lo : lo + n], c.offer_read[f, lo : lo + n]
    for j in range(n):
        known[j] += np.uint8((supplier[j] != f) & (aware[j] != 0) & (barred[j] == 0))
    if price != 0.0:
        for j in range(n):
            prices[j] += price if (supplier[j] != f) & (aware[j] != 0) & (barred[j] == 0) else 0.0
    message = room.flags[_CAUSE]
    for j in range(n):
        message[j] = np.uint8(relevance[j] > np.float32(0.0))
    for j in range(n):
        has_read[j] |= message[j]
    for j in range(n):
        rival[j] |= np.uint8(supplier[j] != f) & (message[j] | np.uint8(offer_read[j] != 0))


@step
def count_occasions(c, room, n, lo, contact, season, contract):
    """Occasions of the month by customer; returns the largest number. A contract is one payment a month."""
    mean, none, u = room.numbers[0], room.numbers[1], room.words[0, 3]
    occasions, some, has_read = room.lists[_OCCASIONS], room.lists[_SOME], room.flags[_HAS_READ]
    supplier, need_rate = c.supplier[lo : lo + n], c.need_rate[lo : lo + n]
    for j in range(n):
        mean[j] = expected_occasions(float(need_rate[j]), season, has_read[j] != 0, contact.need_lift)
    for j in range(n):
        none[j] = chance_of_none(mean[j])
    k = 0
    for j in range(n):
        some[k] = j
        k += 1 if u[j] > none[j] else 0
    for j in range(n):
        occasions[j] = 0
    most = np.int64(0)
    for x in range(k):
        j = some[x]
        occasions[j] = np.int64(poisson_from(none[j], mean[j], u[j], MOST_OCCASIONS))
        most = max(most, occasions[j])
    if contract:  # flagged 2: the payment failed
        most = 0
        for j in range(n):
            occasions[j] = 0 if has_read[j] == 2 else (1 if supplier[j] >= 0 else occasions[j])
            most = max(most, occasions[j])
    return most


@step
def list_occasions(room, m, r):
    """Shorten the list of customers to those with an occasion r."""
    who, occasions = room.lists[_WHO], room.lists[_OCCASIONS]
    k = 0
    for x in range(m):
        j = who[x]
        who[k] = j
        k += 1 if occasions[j] > r else 0
    return k


@step
def list_buyers(room, m):
    """List who of the m with an occasion buys, and whether the firm won the customer just now."""
    who, buyer = room.lists[_WHO], room.lists[_BUYER]
    buys, won, won_now = room.flags[_BUYS], room.flags[_IS_WON], room.flags[_WAS_WON]
    k = 0
    for x in range(m):
        buyer[k] = who[x]
        won_now[k] = won[x]
        k += 1 if buys[x] != 0 else 0
    return k


@step
def fail_to_pay(c, room, lo, n, month, key0, key1, p, counts, departed):
    """Some payments fail, which ends the contract: nothing is bought that month."""
    u, has_read = room.words[1], room.flags[_HAS_READ]
    draw_block(lo, n, 0, month, _VISITS, key0, key1, u)
    for j in range(n):
        i = lo + j
        if c.supplier[i] >= 0 and u[1, j] < p.nonpayment:
            counts[c.supplier[i], _LOST] += 1
            has_read[j] = 2
            _note_departure(c, i, -1, _NEED_ENDED, month)
            close_account(c, i, departed)
            begin_relationship(c, i, -1, p.initial_trust, 0)


@part
def _note_departure(c, i, w, reason, month):
    """Keep who left whom for whom, why and when."""
    c.left_from[i] = c.supplier[i]
    c.left_for[i] = w
    c.left_because[i] = reason
    c.left_month[i] = month
    c.left_now[i] = reason + 1
    c.left_tenure[i] = c.tenure[i]


@step
def list_choosers(c, room, lo, m, p, contract):
    """List the free choices among the m with an occasion (their place among them too); others buy by habit."""
    supplier, pending, tenure = c.supplier, c.pending, c.tenure
    who, free, place = room.lists[_WHO], room.lists[_FREE], room.lists[_PLACE]
    buys, won = room.flags[_BUYS], room.flags[_IS_WON]
    k = 0
    for x in range(m):
        i = lo + who[x]
        open_now = True
        if contract:
            open_now = tenure[i] > 0 and tenure[i] % p.term == 0
        free[k] = who[x]
        place[k] = x
        k += 1 if (supplier[i] < 0) | ((pending[i] != 0) & open_now) else 0
        buys[x] = 1
        won[x] = 0
    return k


@step
def choose_firms(c, room, lo, k, r, month, key0, key1, p, contact, firms):
    """The k free choices at occasion r, a multinomial logit: firm chosen, -1 for the outside option."""
    supplier, aware, barred, belief, brand = c.supplier, c.aware, c.barred, c.belief, c.brand
    sensitivity, loyalty, orientation, tie = c.price_sensitivity, c.loyalty, c.relationship_orientation, c.tie
    free, chosen = room.lists[_FREE], room.lists[_CHOSEN]
    best, noise, u = room.numbers[0], room.numbers[1], room.words[0]
    draw(lo, free, k, 8 * r + OUTSIDE // 4, month, _CHOICE, key0, key1, u)
    word = u[OUTSIDE % 4]
    for x in range(k):
        best[x] = p.outside + gumbel(word[x])
    for x in range(k):
        chosen[x] = -1
    for f in range(len(firms.price)):
        if f % 4 == 0:
            draw(lo, free, k, 8 * r + f // 4, month, _CHOICE, key0, key1, u)
        word = u[f % 4]
        for x in range(k):
            noise[x] = gumbel(word[x])
        for x in range(k):
            i = lo + free[x]
            s = supplier[i]
            if barred[f, i] != 0 or (aware[f, i] == 0 and f != s):
                continue
            bond = p.promise_weight * firms.promise[f]
            if f == s:
                bond = relationship(
                    float(loyalty[i]), float(orientation[i]), float(tie[i]), firms.switching_cost[f], p
                )
            price = float(sensitivity[i]) * _log_net_price(c, i, f, s, p, firms)
            attitude = float(brand[f, i]) + firms.brand_bonus[f]
            total = utility(
                float(belief[f, i]), price, attitude, bond, _salience(c, i, f, p, contact), noise[x]
            )
            if total > best[x]:
                best[x] = total
                chosen[x] = f


@step
def settle_choices(c, room, lo, k, r, month, p, contact, firms, contract, counts, departed):
    """What free choices change: relationships end and begin; nobody is pending who has chosen."""
    free, place, chosen, occasions = (
        room.lists[_FREE], room.lists[_PLACE], room.lists[_CHOSEN], room.lists[_OCCASIONS],
    )  # fmt: skip
    buys, won = room.flags[_BUYS], room.flags[_IS_WON]
    for x in range(k):
        i = lo + free[x]
        s = c.supplier[i]
        w = chosen[x]
        buys[place[x]] = 1 if w >= 0 else 0
        if s >= 0 and (w >= 0 or contract) and w != s:
            _end(c, i, w, month, p, contact, firms, counts, departed)
        if w >= 0 and w != s:
            _begin(c, i, w, month, p, firms, counts)
            won[place[x]] = 1
            if contract:
                occasions[free[x]] = r + 1
        c.pending[i] = 0
        c.pending_by[i] = 0


@part
def _salience(c, i, f, p, contact):
    """Utility that this month's read message and offer of firm f add."""
    return contact.salience * float(c.relevance[f, i]) + (p.offer_weight if c.offer_read[f, i] != 0 else 0.0)


@part
def _log_net_price(c, i, f, s, p, firms):
    """Log of the price that firm f asks of customer i now, of supplier s.

    An offer on one bill counts for what it is of all bills that the choice binds to.
    """
    offer = float(c.offer[f, i]) / p.bills if c.offer_read[f, i] != 0 and c.bought[i] == 0 else 0.0
    if f == s:
        discount = max(float(c.discount[i]), offer) if offer > 0.0 else float(c.discount[i])
        return firms.log_price[f] + (log(1.0 - discount) if discount != 0.0 else 0.0)
    return (
        firms.log_price[f] + log(1.0 - offer)
        if offer > firms.trial_discount[f] / p.bills
        else firms.log_trial_price[f]
    )


@part
def _end(c, i, w, month, p, contact, firms, counts, departed):
    """Customer i leaves the supplier for firm w (-1: for nobody); the true reason is kept."""
    s = c.supplier[i]
    bond = relationship(float(c.loyalty[i]), float(c.relationship_orientation[i]), float(c.tie[i]), 0.0, p)
    sensitivity = float(c.price_sensitivity[i])
    net_s = _log_net_price(c, i, s, s, p, firms)
    list_w, net_w, belief_w, heard_w, salience_w, brand_w, promise_w = 0.0, 0.0, p.outside, 0.0, 0.0, 0.0, 0.0
    if w >= 0:
        list_w = firms.log_price[w]
        net_w = _log_net_price(c, i, w, s, p, firms)
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
    neglect = float(c.bond_peak[i]) - bond
    brands = brand_w - float(c.brand[s, i]) - firms.brand_bonus[s]
    pull = (
        -sensitivity * (net_w - list_w)
        + salience_w
        - _salience(c, i, s, p, contact)
        + brands
        - messages
        + promise_w
    )
    reason = departure_reason(
        price, failure, better, talk, messages, neglect, pull, c.pending_by[i], p.cause_weight, p.reason_above
    )
    counts[s, _LOST] += 1
    counts[s, _LOST_VOLUNTARILY] += 1
    counts[s, _ENDED] += 1 if w < 0 else 0
    _note_departure(c, i, w, reason, month)
    close_account(c, i, departed)
    begin_relationship(c, i, -1, p.initial_trust, 0)


@step
def _begin(c, i, w, month, p, firms, counts):
    """Customer i becomes a customer of firm w."""
    won_by = _ITSELF
    if c.aware_month[w, i] >= 0 and month - c.aware_month[w, i] <= p.credit_months:
        won_by = np.int64(c.aware_by[w, i])
    if c.offer_read[w, i] != 0:
        won_by = _OFFER_WON
        counts[w, _WON_BACK] += 1
    begin_relationship(c, i, w, p.initial_trust, won_by)
    c.level[i] = firms.level[w]
    counts[w, _WON] += 1


@step
def purchase(c, room, lo, m, r, month, key0, key1, p, firms, levels, ledger, counts):
    """The m buyers of occasion r buy from their suppliers: money, cross- and up-selling, record."""
    who, won, firm = room.lists[_BUYER], room.flags[_WAS_WON], room.lists[_FIRM]
    spend, sells = room.words[0], room.words[1]
    draw(lo, who, m, r, month, _SPEND, key0, key1, spend)
    draw(lo, who, m, r, month, _SELLS, key0, key1, sells)
    basket, products, tier, discount = room.numbers[0], room.numbers[1], room.numbers[2], room.numbers[3]
    value, chance, relevance, lift = room.numbers[4], room.numbers[5], room.numbers[6], room.numbers[7]
    supplier, level = c.supplier, c.level
    for x in range(m):
        i = lo + who[x]
        f = np.int64(supplier[i])
        firm[x] = f
        basket[x] = c.basket[i]
        products[x] = c.products[i]
        tier[x] = c.tier[i]
        discount[x] = firms.trial_discount[f] if won[x] != 0 else float(c.discount[i])
        relevance[x] = c.relevance[f, i]
        lift[x] = levels.cross_sell[level[i]]
    for x in range(m):
        value[x] = gamma4(spend[0, x], spend[1, x], spend[2, x], spend[3, x])
    for x in range(m):
        value[x] = list_value(basket[x], products[x], tier[x], value[x], p)
    for x in range(m):
        chance[x] = chance_cross_sell(lift[x], relevance[x], p)
    _take_money(c, lo, who, firm, m, p, firms, won, value, discount, ledger, counts)
    sold = room.lists[_SOME]
    k = 0
    for x in range(m):
        sold[k] = x
        k += (
            1
            if (won[x] != 0) | (sells[0, x] < chance[x]) | (sells[1, x] < p.up_sell_share * chance[x])
            else 0
        )
    for y in range(k):
        x = sold[y]
        i = lo + who[x]
        if won[x] != 0:
            continue
        if sells[0, x] < chance[x] and c.products[i] < 5:
            c.products[i] += 1
        if sells[1, x] < p.up_sell_share * chance[x] and c.tier[i] < 2:
            c.tier[i] += 1
    _record(c, lo, who, m, month)


@step
def ask_permission(c, room, lo, m, month, contact, firms, ledger, counts):
    """Firms ask the m who bought just now for permission to write, where they ask."""
    who, firm, u = room.lists[_BUYER], room.lists[_FIRM], room.words[1]
    for x in range(m):
        if firms.ask[firm[x]] != 0:
            _ask(c, lo + who[x], firm[x], month, contact, firms, u[2, x], ledger, counts)


@part
def _take_money(c, lo, who, firm, m, p, firms, won, value, discount, ledger, counts):
    """Revenue, cost of goods, handling and discounts of one purchase of each of who[:m]."""
    offer, offer_read, bought, purchases = c.offer, c.offer_read, c.bought, c.purchases
    month_spent, month_profit = c.month_spent_cents, c.month_profit_cents
    handling = cents(p.order_cost)
    for x in range(m):
        i = lo + who[x]
        f = firm[x]
        memo = _TRIAL if won[x] != 0 else _DISCOUNTS
        less = discount[x]
        if bought[i] == 0 and offer_read[f, i] != 0 and offer[f, i] > less:
            less = float(offer[f, i])
            memo = _WIN_BACK_DISCOUNT
        full = value[x] * firms.price[f]
        paid = cents(full * (1.0 - less))
        goods = cents(value[x] * (1.0 - firms.unit_margin[f]))
        ledger[f, _REVENUE] += paid
        ledger[f, _GOODS] += goods
        ledger[f, _HANDLING] += handling
        if less > 0.0:
            ledger[f, memo] += cents(full * less)
        counts[f, _ORDERS] += 1
        month_spent[i] += paid
        month_profit[i] += paid - goods - handling
        purchases[i] = min(purchases[i] + 1, 65535)
        bought[i] += 1
        if won[x] != 0:
            _pay_for_winning(c, i, f, c.won_by[i], paid, firms, ledger, counts)


@part
def _pay_for_winning(c, i, f, won_by, paid, firms, ledger, counts):
    """Commission of an affiliate, reward of a teller who is the firm's customer."""
    if won_by == _AFFILIATE:
        ledger[f, _COMMISSIONS] += cents(firms.commission[f] * paid * 0.01)
    if won_by == _REFERRAL and c.teller_firm[i] == f and c.teller[i] >= 0:
        counts[f, _REFERRALS] += 1
        if c.supplier_before[c.teller[i]] == f:
            ledger[f, _REWARDS] += cents(firms.referral_reward[f])


@part
def _record(c, lo, who, m, month):
    """The firm's record of a purchase or visit; it outlives the relationship. Amounts follow when the month ends."""
    supplier, identified, first, last = c.supplier, c.identified, c.first_on_record, c.last_purchase
    products, tier, sold = c.products, c.tier, c.sold
    for x in range(m):
        i = lo + who[x]
        f = supplier[i]
        if identified[f, i] == 0:
            first[f, i] = month
        identified[f, i] = min(identified[f, i] + 1, 65535)
        last[f, i] = month
        sold[f, i] = products[i] + 16 * tier[i]


@part
def _ask(c, i, f, month, contact, firms, u, ledger, counts):
    """Ask a buyer for permission to write, at most once a year."""
    permission = c.permission[f, i]
    asked = c.asked[f, i]
    if consents(permission) or (asked != 0 and month + 1 - asked < contact.ask_again):
        return
    c.asked[f, i] = month + 1
    counts[f, _ASKED] += 1
    chance = chance_yes(float(c.trust[i]), firms.incentive[f], float(c.privacy_concern[i]), contact)
    if u < chance:
        keen = firms.strategy[f] == _DOUBLE and is_keen(i, f, c.generation[i], firms.traits_key, contact)
        c.permission[f, i] = _CONFIRMED if keen else _OPTED_IN
        counts[f, _SAID_YES] += 1
        ledger[f, _PERMISSION] += cents(contact.incentive_cost * firms.incentive[f])


@step
def visit_firms(c, room, lo, n, month, key0, key1, p, firms, season, ledger, counts):
    """Service visits, always at the supplier."""
    supplier, service_need, visited = (
        c.supplier[lo : lo + n],
        c.service_need[lo : lo + n],
        c.visited[lo : lo + n],
    )
    who, u, v = room.lists[_WHO], room.words[0], room.words[1]
    some = False
    for j in range(n):
        some |= service_need[j] > np.float32(0.0)
    if not some:
        return
    draw_block(lo, n, 0, month, _VISITS, key0, key1, v)
    most = np.int64(0)
    for j in range(n):
        if service_need[j] > np.float32(0.0) and supplier[j] >= 0:
            k = np.int64(poisson(float(service_need[j]) * season, v[0, j], MOST_VISITS))
            visited[j] = k
            most = max(most, k)
    for r in range(most):
        m = 0
        for j in range(n):
            who[m] = j
            m += 1 if visited[j] > r else 0
        draw(lo, who, m, r, month, _VISIT_SPEND, key0, key1, u)
        _visit_spend(c, lo, who, m, p, firms, u, ledger, counts)
        _record(c, lo, who, m, month)


@part
def _visit_spend(c, lo, who, m, p, firms, u, ledger, counts):
    """Money of one service visit of who[:m]."""
    for x in range(m):
        i = lo + who[x]
        f = c.supplier[i]
        value = float(c.service_basket[i]) * gamma4(u[0, x], u[1, x], u[2, x], u[3, x])
        full = value * firms.price[f]
        discount = float(c.discount[i])
        paid = cents(full * (1.0 - discount))
        goods = cents(value * (1.0 - firms.service_margin[f]))
        handling = cents(p.order_cost)
        ledger[f, _REVENUE] += paid
        ledger[f, _VISIT_REVENUE] += paid
        ledger[f, _GOODS] += goods
        ledger[f, _HANDLING] += handling
        ledger[f, _DISCOUNTS] += cents(full * max(0.0, discount))
        counts[f, _N_VISITS] += 1
        c.month_spent_cents[i] += paid
        c.month_profit_cents[i] += paid - goods - handling
        c.visits[i] = min(c.visits[i] + 1, 65535)


def bills_bound(tables: Tables) -> float:
    """Bills that a choice binds to: those of a term with contracts, else one."""
    return float(tables.buy.term) if tables.market.setting == "contract" else 1.0


def buy(market: Market) -> None:
    """People think again, have occasions, choose and spend; revenue and first records are made."""
    tables = market.tables
    reasons = tables.leave
    p = parameters(
        BuyParameters, tables.buy, cause_weight=reasons.cause_weight, reason_above=reasons.reason_above,
        bills=bills_bound(tables),
    )  # fmt: skip
    contact = parameters(ContactParameters, tables.contact)
    contact = contact._replace(incentive_cost=contact.incentive_cost * tables.decide.contact_cost)
    market.customers.supplier_before = market.customers.supplier
    season = float(tables.market.season[market.month % 12])
    market.rows(
        "buy", BuyColumns, p, contact, market.month_of_firms, market.levels, season, tables.market.setting == "contract",
        ledger=True, counts=True, departed=True,
    )  # fmt: skip
    market.note_departures()
