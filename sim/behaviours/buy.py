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
from sim.compiled import equation, loop, part
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
    from sim.scenario.parameters import Tables

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
    c, start, stop, month, key0, key1, p, contact, firms, levels, season, contract, ledger, counts, departed
):
    """The stage over customers start to stop, occasion by occasion."""
    u = np.empty((4, BLOCK))
    v = np.empty((4, BLOCK))
    who = np.empty(BLOCK, dtype=np.int64)
    occasions = np.empty(BLOCK, dtype=np.int64)
    free = np.empty(BLOCK, dtype=np.int64)
    place = np.empty(BLOCK, dtype=np.int64)
    chosen = np.empty(BLOCK, dtype=np.int64)
    scratch = np.empty((5, BLOCK))
    buys = np.empty(BLOCK, dtype=np.bool_)
    won = np.empty(BLOCK, dtype=np.bool_)
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        draw_block(lo, n, 0, month, _THINKS, key0, key1, u)
        _think_again(c, lo, n, p, firms, u, scratch, occasions)
        if contract:
            draw_block(lo, n, 0, month, _VISITS, key0, key1, v)
            _fail_to_pay(c, lo, n, month, p, v[1], occasions, counts, departed)
        most = _count_occasions(c, lo, n, contact, season, contract, u[3], scratch, occasions)
        for r in range(most):
            m = 0
            for j in range(n):
                who[m] = j
                m += 1 if occasions[j] > r else 0
            k = _who_chooses(c, lo, who, m, p, contract, free, place, buys, won)
            if k > 0:
                _choose(c, lo, free, k, r, month, key0, key1, p, contact, firms, u, scratch, chosen)
                _settle(
                    c,
                    lo,
                    free,
                    place,
                    chosen,
                    k,
                    r,
                    month,
                    p,
                    contact,
                    firms,
                    contract,
                    occasions,
                    buys,
                    won,
                    counts,
                    departed,
                )
            k = 0
            for x in range(m):
                who[k] = who[x]
                won[k] = won[x]
                k += 1 if buys[x] else 0
            draw(lo, who, k, r, month, _SPEND, key0, key1, u)
            draw(lo, who, k, r, month, _SELLS, key0, key1, v)
            _purchase(c, lo, who, k, month, p, contact, firms, levels, won, u, v, ledger, counts)
        _visit(c, lo, n, month, key0, key1, p, firms, season, u, v, ledger, counts)


@part
def _think_again(c, lo, n, p, firms, u, scratch, has_read):
    """Set `pending` for who thinks again; ``has_read`` becomes 1 for who read any firm's message."""
    known, prices, gap, chance, rival = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    supplier, discount = c.supplier[lo : lo + n], c.discount[lo : lo + n]
    loyalty, sensitivity = c.loyalty[lo : lo + n], c.price_sensitivity[lo : lo + n]
    for j in range(n):
        known[j] = 0.0
        prices[j] = 0.0
        rival[j] = 0.0
        has_read[j] = 0
    for f in range(len(firms.price)):
        aware, barred = c.aware[f, lo : lo + n], c.barred[f, lo : lo + n]
        relevance, offer_read = c.relevance[f, lo : lo + n], c.offer_read[f, lo : lo + n]
        price = firms.log_price[f]
        for j in range(n):
            counted = (supplier[j] != f) & (aware[j] != 0) & (barred[j] == 0)
            known[j] += 1.0 if counted else 0.0
            prices[j] += price if counted else 0.0
        for j in range(n):
            message = relevance[j] > 0.0
            has_read[j] = 1 if message else has_read[j]
            rival[j] = 1.0 if (supplier[j] != f) & (message | (offer_read[j] != 0)) else rival[j]
    for j in range(n):
        gap[j] = log(1.0 - float(discount[j])) - prices[j] / max(known[j], 1.0)
    for j in range(n):
        chance[j] = chance_base(float(loyalty[j]), p)
    pending, pending_by = c.pending[lo : lo + n], c.pending_by[lo : lo + n]
    for j in range(n):
        if supplier[j] < 0:
            continue
        cause = _CHANCE if u[0, j] < chance[j] else 0
        if rival[j] > 0.0 and u[1, j] < p.rival_message:
            cause = _MESSAGE
        dearer = firms.log_price[supplier[j]] + gap[j]
        if known[j] > 0.0 and dearer > 0.0 and u[2, j] < chance_price(float(sensitivity[j]), dearer, p):
            cause = _GAP
        if cause > 0:
            pending[j] = 1
            pending_by[j] = max(pending_by[j], cause)


@part
def _count_occasions(c, lo, n, contact, season, contract, u, scratch, occasions):
    """Occasions of the month by customer; returns the largest number. A contract is one payment a month.

    ``occasions`` comes as 1 if a message was read, else 0; -1 if a payment failed: no occasion.
    """
    mean, none = scratch[0], scratch[1]
    supplier, need_rate = c.supplier[lo : lo + n], c.need_rate[lo : lo + n]
    for j in range(n):
        mean[j] = expected_occasions(float(need_rate[j]), season, occasions[j] != 0, contact.need_lift)
    for j in range(n):
        none[j] = chance_of_none(mean[j])
    most = np.int64(0)
    for j in range(n):
        k = np.int64(0)
        if contract and supplier[j] >= 0:
            k = np.int64(1)
        elif u[j] > none[j] and occasions[j] >= 0:
            k = np.int64(poisson_from(none[j], mean[j], u[j], MOST_OCCASIONS))
        occasions[j] = k
        most = max(most, k)
    return most


@part
def _fail_to_pay(c, lo, n, month, p, u, occasions, counts, departed):
    """Some payments fail, which ends the contract: nothing is bought that month (``occasions`` -1)."""
    for j in range(n):
        i = lo + j
        if c.supplier[i] >= 0 and u[j] < p.nonpayment:
            counts[c.supplier[i], _LOST] += 1
            occasions[j] = -1
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


@part
def _who_chooses(c, lo, who, m, p, contract, free, place, buys, won):
    """List the free choices among who[:m] (their place among them too); everybody else buys by habit."""
    supplier, pending, tenure = c.supplier, c.pending, c.tenure
    k = 0
    for x in range(m):
        i = lo + who[x]
        open_now = tenure[i] > 0 and tenure[i] % p.term == 0 if contract else True
        free[k] = who[x]
        place[k] = x
        k += 1 if supplier[i] < 0 or (pending[i] != 0 and open_now) else 0
        buys[x] = True
        won[x] = False
    return k


@part
def _choose(c, lo, free, k, r, month, key0, key1, p, contact, firms, u, scratch, chosen):
    """Free choices free[:k] at occasion r, a multinomial logit: firm in ``chosen``, -1 for the outside option."""
    supplier, aware, barred, belief, brand = c.supplier, c.aware, c.barred, c.belief, c.brand
    sensitivity, loyalty, orientation, tie = c.price_sensitivity, c.loyalty, c.relationship_orientation, c.tie
    best, noise = scratch[0], scratch[1]
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


@part
def _settle(
    c,
    lo,
    free,
    place,
    chosen,
    k,
    r,
    month,
    p,
    contact,
    firms,
    contract,
    occasions,
    buys,
    won,
    counts,
    departed,
):
    """What free choices change: relationships end and begin; nobody is pending who has chosen."""
    for x in range(k):
        i = lo + free[x]
        s = c.supplier[i]
        w = chosen[x]
        buys[place[x]] = w >= 0
        if s >= 0 and (w >= 0 or contract) and w != s:
            _end(c, i, w, month, p, contact, firms, counts, departed)
        if w >= 0 and w != s:
            _begin(c, i, w, month, p, firms, counts)
            won[place[x]] = True
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


@part
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


@part
def _purchase(c, lo, who, m, month, p, contact, firms, levels, won, u, v, ledger, counts):
    """Customers who[:m] buy from their suppliers: money, record, cross- and up-selling, permission.

    ``u`` holds the uniforms of spend, ``v`` those of cross-selling, up-selling and saying yes.
    """
    supplier, basket, products, tier, discounts = c.supplier, c.basket, c.products, c.tier, c.discount
    bought, purchases, level, relevance = c.bought, c.purchases, c.level, c.relevance
    offer, offer_read, won_by = c.offer, c.offer_read, c.won_by
    month_spent, month_profit = c.month_spent_cents, c.month_profit_cents
    handling = cents(p.order_cost)
    for x in range(m):
        i = lo + who[x]
        f = supplier[i]
        noise = gamma4(u[0, x], u[1, x], u[2, x], u[3, x])
        value = list_value(float(basket[i]), float(products[i]), tier[i], noise, p)
        discount = firms.trial_discount[f] if won[x] else float(discounts[i])
        memo = _TRIAL if won[x] else _DISCOUNTS
        if bought[i] == 0 and offer_read[f, i] != 0 and offer[f, i] > discount:
            discount = float(offer[f, i])
            memo = _WIN_BACK_DISCOUNT
        full = value * firms.price[f]
        paid = cents(full * (1.0 - discount))
        goods = cents(value * (1.0 - firms.unit_margin[f]))
        ledger[f, _REVENUE] += paid
        ledger[f, _GOODS] += goods
        ledger[f, _HANDLING] += handling
        ledger[f, memo] += cents(full * max(0.0, discount))
        counts[f, _ORDERS] += 1
        month_spent[i] += paid
        month_profit[i] += paid - goods - handling
        purchases[i] = min(purchases[i] + 1, 65535)
        bought[i] += 1
        if won[x]:
            _pay_for_winning(c, i, f, won_by[i], paid, firms, ledger, counts)
        else:
            lift = chance_cross_sell(levels.cross_sell[level[i]], float(relevance[f, i]), p)
            if v[0, x] < lift and products[i] < 5:
                products[i] += 1
            if v[1, x] < p.up_sell_share * lift and tier[i] < 2:
                tier[i] += 1
    for x in range(m):
        i = lo + who[x]
        if firms.ask[supplier[i]] != 0:
            _ask(c, i, supplier[i], month, contact, firms, v[2, x], ledger, counts)
    _record(c, lo, who, m, month)


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


@part
def _visit(c, lo, n, month, key0, key1, p, firms, season, u, v, ledger, counts):
    """Service visits, always at the supplier."""
    supplier, service_need, visited = c.supplier, c.service_need, c.visited
    who = np.empty(BLOCK, dtype=np.int64)
    most = np.int64(0)
    some = False
    for j in range(n):
        some = some or service_need[lo + j] > 0.0
    if not some:
        return
    draw_block(lo, n, 0, month, _VISITS, key0, key1, v)
    for j in range(n):
        if service_need[lo + j] > 0.0 and supplier[lo + j] >= 0:
            k = np.int64(poisson(float(service_need[lo + j]) * season, v[0, j], MOST_VISITS))
            visited[lo + j] = k
            most = max(most, k)
    for r in range(most):
        m = 0
        for j in range(n):
            who[m] = j
            m += 1 if visited[lo + j] > r else 0
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
