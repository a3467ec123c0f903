"""The stage `contact`: firms write to people, with or without their permission.

Messages meet scarce attention; what is read makes aware, adds salience to this month's choice and,
with consent, builds the brand; what is not wanted wears out, annoys, and ends in opt-outs,
complaints and reports to the mailbox provider, which hold back all later mail of the firm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.frame import cents, consents, parameter_tuple, parameters
from sim.columns import column_tuple
from sim.compiled import equation, loop, part, step
from sim.draws import BLOCK, CODES, draw, draw_block, philox, uniform
from sim.ledger import A, C
from sim.maths import exp, log
from sim.scenario.parameters import ContactTable
from sim.scenario.words import AWARE_BY, PERMISSIONS, STRATEGIES, TAILORINGS

if TYPE_CHECKING:
    from sim.market import Market

READS = (
    "supplier",
    "generation",
    "taste",
    "attention",
    "contact_tolerance",
    "privacy_concern",
    "identified",
    "barred",
    "messages",
    "fired_by",
)
CHANGES = (
    "brand", "fatigue", "permission", "asked", "trust", "annoyed", "aware", "aware_month", "aware_by", "reads",
    "complaints", "relevance", "mood", "mood_firm", "month_profit_cents", "offer", "offer_read", "offered",
)  # fmt: skip
DRAWS = ("reads", "opts_out", "complains_of_mail", "reports", "listed", "keen", "reads_offer")

ContactColumns = column_tuple("ContactColumns", READS + CHANGES, __name__)
ContactParameters = parameter_tuple("ContactParameters", ContactTable, __name__)

_MAIL, _LISTED, _KEEN, _READS_OFFER = CODES["reads"], CODES["listed"], CODES["keen"], CODES["reads_offer"]
_BY_MESSAGE, _BY_OFFER = AWARE_BY.index("message"), AWARE_BY.index("offer")
_OPTED_IN, _CONFIRMED, _OPTED_OUT = (PERMISSIONS.index(w) for w in ("opted_in", "confirmed", "opted_out"))
_SILENT, _INTERRUPTION, _OPT_IN, _DOUBLE = (
    STRATEGIES.index(w) for w in ("silent", "interruption", "opt_in", "double_opt_in")
)
_TARGETING, _CUSTOMIZATION = TAILORINGS.index("targeting"), TAILORINGS.index("customization")
_OWN, _OTHERS, _LISTS = A["messages_to_customers"], A["messages_to_others"], A["lists"]
_COMPLAINTS_OWN, _COMPLAINTS_OTHERS, _WIN_BACK = (
    A["mail_complaints_of_customers"],
    A["mail_complaints_of_others"],
    A["win_back"],
)
_RECIPIENTS, _MESSAGES, _UNINVITED, _READ = C["recipients"], C["messages"], C["uninvited"], C["read"]
_N_OPTED_OUT, _N_COMPLAINTS, _REPORTS = C["opted_out"], C["mail_complaints"], C["reports"]
_OFFERS, _OFFERS_READ = C["offers"], C["offers_read"]


@equation
def may_mail(strategy, permission, in_database, listed):
    """Whether a strategy writes to somebody. Source: Godin 1999 for the ladder; rules ours.

    strategy, permission : codes; in_database, listed : 0 or 1. Returns 0 or 1.
    """
    consent = consents(permission)
    by_default = (in_database != 0) & (permission != 3)
    anybody = (in_database != 0) | (permission != 0) | (listed != 0)
    yes = (
        ((strategy == 1) & by_default)
        | ((strategy == 2) & anybody)
        | ((strategy == 3) & consent)
        | ((strategy == 4) & (permission == 2))
    )
    return 1 if yes else 0


@equation
def profile(identified, consent, p):
    """How complete a customer's profile is (0 to 1), from purchases on record; halved without consent. Source: ours."""
    complete = 1.0 - exp(-identified / p.profile_scale)
    return complete if consent else 0.5 * complete


@equation
def fit(taste, tailoring, p):
    """How well a message's subject fits (0 to 1): one for all, the nearest module, or made for one. Source: ours."""
    module = (min(np.floor(taste * p.modules), p.modules - 1.0) + 0.5) / p.modules
    subject = 0.5 if tailoring == 0 else (module if tailoring == 1 else taste)
    return max(0.0, 1.0 - 2.0 * p.taste_spread * abs(taste - subject))


@equation
def message_relevance(personalization, profile, fit, p):
    """Relevance of a message (0 to 1). Source: ours."""
    return p.base_relevance + (1.0 - p.base_relevance) * personalization * profile * fit


@equation
def chance_opened(base, relevance, fatigue, deliverability, crowding, p):
    """Chance that one message is opened; crowding is attention over all firms' messages, at most 1.

    At fatigue 0 and relevance 0.3 to 0.4 consent gives 0.20 to 0.22 (public e-mail benchmarks 2018-2019).
    """
    return base * (0.5 + 0.5 * relevance) * (1.0 - fatigue) * deliverability * min(1.0, crowding)


@equation
def chance_read(opened, messages):
    """Chance that at least one of the month's messages is read."""
    return 1.0 - exp(messages * log(1.0 - min(opened, 0.999999)))


@equation
def pressure(messages, relevance, unwelcome, tolerance, p):
    """How much a month's messages weigh on somebody: 1 is what the person just bears. Source: ours."""
    return messages * (1.0 - p.relevance_relief * relevance) * unwelcome / tolerance


@equation
def next_fatigue(fatigue, pressure, p):
    """Wear-out of a firm's messages (0 to 1). Source: ours."""
    return (1.0 - p.fatigue_gain) * fatigue + p.fatigue_gain * (1.0 - exp(-pressure))


@equation
def chance_opt_out(pressure, p):
    """Chance a month to opt out."""
    return 1.0 - exp(-p.opt_out * pressure)


@equation
def chance_complaint(pressure, uninvited, p):
    """Chance a month to complain to the firm about its mail."""
    return 1.0 - exp(-p.complaint * (1.0 if uninvited else p.invited_share) * pressure)


@equation
def chance_report(pressure, uninvited, p):
    """Chance a month to report the mail to the mailbox provider: one click, tells nobody."""
    return 1.0 - exp(-p.report * (1.0 if uninvited else p.invited_share) * pressure)


@equation
def most_opt_out(pressure, p):
    """At least `chance_opt_out`, without its exponential: 1 - exp(-x) is at most x, and 1e-15 for its rounding."""
    return p.opt_out * pressure + 1e-15


@equation
def most_complaint(pressure, p):
    """At least `chance_complaint`."""
    return p.complaint * pressure + 1e-15


@equation
def most_report(pressure, p):
    """At least `chance_report`."""
    return p.report * pressure + 1e-15


BOUNDS = {
    "chance_opt_out": "most_opt_out",
    "chance_complaint": "most_complaint",
    "chance_report": "most_report",
}
"""Chances that are looked at only below a bound. Where a chance is replaced, its bound falls away."""


@equation
def brand_after_reading(brand, relevance, p):
    """Brand attitude after a read message with consent. Source: ours."""
    return brand + p.brand_gain * relevance * (1.0 - brand)


@equation
def brand_after_intrusion(brand, pressure, privacy_concern, p):
    """Brand attitude after messages without consent. Source: ours."""
    return brand - (1.0 - exp(-p.brand_loss * pressure * (0.5 + privacy_concern))) * (brand + 1.0)


@equation
def trust_after_intrusion(trust, pressure, p):
    """Trust of an own customer after uninvited mail. Source: ours."""
    return trust - p.trust_loss * trust * min(1.0, pressure)


@equation
def next_report_rate(rate, reports, messages, p):
    """The report rate that mailbox providers remember."""
    return p.report_memory * rate + (1.0 - p.report_memory) * reports / max(1.0, messages)


@equation
def next_deliverability(deliverability, rate, p):
    """Share of a firm's mail that reaches the inbox next month.

    Ceiling 0.3 %: bulk-sender rules of large mailbox providers, 2024; speeds ours.
    """
    allowed = min(1.0, p.report_ceiling / max(rate, 1e-12))
    speed = p.deliverability_fall if allowed < deliverability else p.deliverability_rise
    return deliverability + speed * (allowed - deliverability)


@loop
def contact_rows(
    c, room, start, stop, month, key0, key1, p, firms, contact_cost, offer_gap, offer_read, ledger, counts
):
    """The stage over customers start to stop."""
    n_firms = c.brand.shape[0]
    total = room.numbers[_TOTAL]
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        for j in range(n):
            total[j] = 0.0
        for f in range(n_firms):
            count_messages(c, room, lo, n, f, p, firms)
            row = room.pairs[f]
            for j in range(n):
                total[j] += row[j]
        for f in range(n_firms):
            m = tire_of(c, room, lo, n, f, p)
            if m > 0:
                draw(lo, room.lists[_WHO], m, f, month, _MAIL, key0, key1, room.words[0])
                collect_recipients(c, room, lo, n, m, f, p, firms)
                receive(room, m, f, p, firms)
                respond(c, room, lo, m, f, month, p, firms, ledger, counts)
            if firms.offers[f] != 0:
                offer_to(
                    c,
                    room,
                    lo,
                    n,
                    f,
                    month,
                    key0,
                    key1,
                    firms,
                    contact_cost,
                    offer_gap,
                    offer_read,
                    ledger,
                    counts,
                )


# Rows of the scratch: recipients and those among them whose keenness is asked; numbers in the order of use.
_WHO, _ASKED_KEEN = range(2)
(_TOTAL, _FATIGUE, _SENT, _BASE, _UNWELCOME, _TOLERANCE, _CROWDING, _BRAND, _PRIVACY, _ABOUT, _OPENED, _CHANCE,
 _FELT, _TIRED, _ATTITUDE, _IDENTIFIED, _TASTE) = range(17)  # fmt: skip
_CONSENT, _UNINVITED_FLAG, _ON_LIST, _FROM_LIST, _KIND, _KIND_OF = range(6)
_MAILED = _KIND  # until the messages are counted
_CONSENTING, _UNASKED, _FROM_A_LIST, _MAY_BE_KEEN = np.uint8(1), np.uint8(2), np.uint8(4), np.uint8(8)


@step
def count_messages(c, room, lo, n, f, p, firms):
    """Messages of firm f to each customer of a block, by its strategy and plan."""
    strategy = firms.strategy[f]
    row = room.pairs[f]
    if strategy == _SILENT:
        for j in range(n):
            row[j] = 0.0
        return
    permission, on_list = c.permission[f, lo : lo + n], room.flags[_ON_LIST]
    if strategy == _DOUBLE:
        for j in range(n):
            if permission[j] == _OPTED_IN and is_keen(lo + j, f, c.generation[lo + j], firms.traits_key, p):
                permission[j] = _CONFIRMED
    for j in range(n):
        on_list[j] = 0
    if strategy == _INTERRUPTION:
        for j in range(n):
            on_list[j] = 1 if is_listed(lo + j, f, c.generation[lo + j], firms.traits_key, p) else 0
    identified, barred = c.identified[f, lo : lo + n], c.barred[f, lo : lo + n]
    messages, mailed = c.messages[f, lo : lo + n], room.flags[_MAILED]
    for j in range(n):
        mailed[j] = may_mail(strategy, permission[j], 1 if identified[j] > 0 else 0, on_list[j])
    for j in range(n):
        many = messages[j]
        mailed[j] = many if (mailed[j] != 0) & (barred[j] == 0) else np.uint8(0)
    for j in range(n):
        row[j] = mailed[j]


@step
def tire_of(c, room, lo, n, f, p):
    """Fatigue of firm f's messages wears off; lists its recipients and returns how many they are."""
    row, fatigue, who = room.pairs[f], room.numbers[_FATIGUE], room.lists[_WHO]
    column = c.fatigue[f, lo : lo + n]
    for j in range(n):
        fatigue[j] = column[j]
    for j in range(n):
        column[j] = next_fatigue(fatigue[j], 0.0, p)
    m = 0
    for j in range(n):
        who[m] = j
        m += 1 if row[j] > 0.0 else 0
    return m


@part
def _word(w0, w1, w2, w3, j):
    return w0 if j == 0 else (w1 if j == 1 else (w2 if j == 2 else w3))


@part
def is_keen(customer, firm, generation, key, p):
    """Whether a person, once saying yes to a firm, is keen (and would confirm): fixed by generation and firm."""
    w0, w1, w2, w3 = philox(customer, firm // 4, generation, _KEEN, key[0], key[1])
    return uniform(_word(w0, w1, w2, w3, firm % 4)) < p.keen_share


@part
def is_listed(customer, firm, generation, key, p):
    """Whether a person stands on the list that a firm can buy: fixed by generation and firm."""
    w0, w1, w2, w3 = philox(customer, firm // 4, generation, _LISTED, key[0], key[1])
    return uniform(_word(w0, w1, w2, w3, firm % 4)) < p.list_coverage


@step
def receive(room, m, f, p, firms):
    """What messages of firm f are to its m recipients: relevance, chance to be read, pressure, fatigue, attitude."""
    numbers, consent = room.numbers, room.flags[_CONSENT]
    fatigue, sent, about, opened, chance = (
        numbers[_TIRED],
        numbers[_SENT],
        numbers[_ABOUT],
        numbers[_OPENED],
        numbers[_CHANCE],
    )
    base, crowding, unwelcome, tolerance = (
        numbers[_BASE],
        numbers[_CROWDING],
        numbers[_UNWELCOME],
        numbers[_TOLERANCE],
    )
    weight, brand, privacy, attitude = numbers[_FELT], numbers[_BRAND], numbers[_PRIVACY], numbers[_ATTITUDE]
    personal, tailoring, deliverability = (
        firms.personalization[f],
        firms.tailoring[f],
        firms.deliverability[f],
    )
    for x in range(m):
        about[x] = p.base_relevance
    if personal > 0.0:
        identified, taste = numbers[_IDENTIFIED], numbers[_TASTE]
        for x in range(m):
            known = profile(identified[x], consent[x] != 0, p)
            about[x] = message_relevance(personal, known, fit(taste[x], tailoring, p), p)
    for x in range(m):
        opened[x] = chance_opened(base[x], about[x], fatigue[x], deliverability, crowding[x], p)
    for x in range(m):
        chance[x] = chance_read(opened[x], sent[x])
    for x in range(m):
        weight[x] = pressure(sent[x], about[x], unwelcome[x], tolerance[x], p)
    for x in range(m):
        attitude[x] = brand_after_intrusion(brand[x], weight[x], privacy[x], p)
    for x in range(m):
        attitude[x] = brand[x] if consent[x] != 0 else attitude[x]
    for x in range(m):
        fatigue[x] = next_fatigue(fatigue[x], weight[x], p)


@part
def _tell_kinds(c, room, lo, n, f):
    """What firm f knows of each customer of a block: consent, uninvited, address from a list, and who may not be keen."""
    permission, identified = c.permission[f, lo : lo + n], c.identified[f, lo : lo + n]
    kind = room.flags[_KIND]
    for j in range(n):
        kind[j] = np.uint8(identified[j] == 0)
    for j in range(n):
        said = permission[j]
        yes = np.uint8(consents(said))
        unasked = np.uint8(said == _OPTED_OUT) | (kind[j] & (yes ^ np.uint8(1)))
        keen = np.uint8(said == _CONFIRMED)
        kind[j] = (
            yes * _CONSENTING
            | unasked * _UNASKED
            | (kind[j] & np.uint8(said == 0)) * _FROM_A_LIST
            | (yes & (keen ^ np.uint8(1))) * _MAY_BE_KEEN
        )


@step
def collect_recipients(c, room, lo, n, m, f, p, firms):
    """Collect what is known of the m recipients of firm f: consent, interest, tolerance."""
    _tell_kinds(c, room, lo, n, f)
    numbers, who, asked = room.numbers, room.lists[_WHO], room.lists[_ASKED_KEEN]
    kinds, kind = room.flags[_KIND], room.flags[_KIND_OF]
    row, total, fatigue = room.pairs[f], numbers[_TOTAL], numbers[_FATIGUE]
    sent, tired, crowding, tolerance = (
        numbers[_SENT],
        numbers[_TIRED],
        numbers[_CROWDING],
        numbers[_TOLERANCE],
    )
    brand, privacy, records, taste = (
        numbers[_BRAND],
        numbers[_PRIVACY],
        numbers[_IDENTIFIED],
        numbers[_TASTE],
    )
    brands, concern = c.brand[f, lo : lo + n], c.privacy_concern[lo : lo + n]
    attention, tolerances = c.attention[lo : lo + n], c.contact_tolerance[lo : lo + n]
    k = 0
    for x in range(m):
        j = who[x]
        kind[x] = kinds[j]
        asked[k] = x
        k += 1 if kinds[j] >= _MAY_BE_KEEN else 0
        sent[x] = row[j]
        tired[x] = fatigue[j]
        crowding[x] = float(attention[j]) / total[j]
        tolerance[x] = tolerances[j]
        brand[x] = brands[j]
        privacy[x] = concern[j]
    if firms.personalization[f] > 0.0:
        identified, tastes = c.identified[f, lo : lo + n], c.taste[lo : lo + n]
        for x in range(m):
            records[x] = identified[who[x]]
            taste[x] = tastes[who[x]]
    _expect(room, m, p)
    base = numbers[_BASE]
    for y in range(k):
        x = asked[y]
        i = lo + who[x]
        if not is_keen(i, f, c.generation[i], firms.traits_key, p):
            base[x] = p.read_consenting


@part
def _expect(room, m, p):
    """How each of the m recipients takes mail: chance to read it, and how unwelcome it is."""
    kind, base, unwelcome = room.flags[_KIND_OF], room.numbers[_BASE], room.numbers[_UNWELCOME]
    consent, uninvited, from_list = room.flags[_CONSENT], room.flags[_UNINVITED_FLAG], room.flags[_FROM_LIST]
    for x in range(m):
        consent[x] = np.uint8((kind[x] & _CONSENTING) != 0)
        uninvited[x] = np.uint8((kind[x] & _UNASKED) != 0)
        from_list[x] = np.uint8((kind[x] & _FROM_A_LIST) != 0)
    for x in range(m):
        else_read = p.read_uninvited if uninvited[x] != 0 else p.read_database
        base[x] = p.read_keen if consent[x] != 0 else else_read
    for x in range(m):
        else_pressure = p.pressure_uninvited if uninvited[x] != 0 else p.pressure_database
        unwelcome[x] = p.pressure_consent if consent[x] != 0 else else_pressure


@step
def respond(c, room, lo, m, f, month, p, firms, ledger, counts):
    """What the m recipients of firm f do: read, lose patience or not, opt out, report, complain; what it costs."""
    numbers, who, u = room.numbers, room.lists[_WHO], room.words[0]
    consent, uninvited = room.flags[_CONSENT], room.flags[_UNINVITED_FLAG]
    about, chance, felt, tired = numbers[_ABOUT], numbers[_CHANCE], numbers[_FELT], numbers[_TIRED]
    brand, attitude, sent = numbers[_BRAND], numbers[_ATTITUDE], numbers[_SENT]
    supplier, fatigue, brands, annoyed = c.supplier, c.fatigue[f], c.brand[f], c.annoyed
    read = np.int64(0)
    for x in range(m):
        i = lo + who[x]
        after = attitude[x]
        if u[0, x] < chance[x]:
            read += 1
            _read(c, i, f, about[x], month)
            if consent[x] != 0:
                after = brand_after_reading(after, about[x], p)
        fatigue[i] = tired[x]
        if (consent[x] == 0) & (supplier[i] == f):
            annoyed[i] = float(annoyed[i]) + (brand[x] - after)
        brands[i] = after
        if (uninvited[x] != 0) & (supplier[i] == f):
            c.trust[i] = trust_after_intrusion(float(c.trust[i]), felt[x], p)
    counts[f, _READ] += read
    listed = room.lists[_ASKED_KEEN]
    k = 0
    for x in range(m):  # a chance is at most its bound: who is not below the bound needs no exponential
        listed[k] = x
        below = (
            (u[1, x] < most_opt_out(felt[x], p))
            | (u[3, x] < most_report(felt[x], p))
            | (u[2, x] < most_complaint(felt[x], p))
        )
        k += 1 if below else 0
    for y in range(k):
        _object(c, lo, who, listed[y], f, month, p, u, felt, uninvited, ledger, counts)
    _pay_for_messages(c, room, lo, m, f, p, firms, sent, ledger, counts)


@part
def _object(c, lo, who, x, f, month, p, u, felt, uninvited, ledger, counts):
    """A recipient may opt out, report the mail, or complain."""
    i = lo + who[x]
    if u[1, x] < chance_opt_out(felt[x], p):
        counts[f, _N_OPTED_OUT] += 1 if c.permission[f, i] != _OPTED_OUT else 0
        c.permission[f, i] = _OPTED_OUT
        c.asked[f, i] = month + 1  # who says no again will not be asked again soon
    if u[3, x] < chance_report(felt[x], uninvited[x] != 0, p):
        counts[f, _REPORTS] += 1
    if u[2, x] < chance_complaint(felt[x], uninvited[x] != 0, p):
        own = c.supplier[i] == f
        cost = _complain(c, i, f, own, p, ledger, counts)
        if own:
            c.month_profit_cents[i] -= cost


@part
def _pay_for_messages(c, room, lo, m, f, p, firms, sent, ledger, counts):
    """What firm f's messages to the m recipients cost, to the cent, and how many they were."""
    who, uninvited, from_list = room.lists[_WHO], room.flags[_UNINVITED_FLAG], room.flags[_FROM_LIST]
    identified, supplier, month_profit = room.numbers[_IDENTIFIED], c.supplier, c.month_profit_cents
    personal = firms.personalization[f] > 0.0
    bespoke = p.bespoke_cost if personal & (firms.tailoring[f] == _CUSTOMIZATION) else 0.0
    list_cost = cents(p.list_cost)
    mine, others, lists, messages, unasked = np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for x in range(m):
        i = lo + who[x]
        own = supplier[i] == f
        price = p.personal_message_cost if personal & (identified[x] > 0.0) else p.message_cost
        entry = cents(sent[x] * (price + (bespoke if own else 0.0)))
        mine += entry if own else 0
        others += 0 if own else entry
        month_profit[i] -= entry if own else 0
        # who is in no database and never said a word stands on a bought list
        lists += list_cost if from_list[x] != 0 else 0
        unasked += uninvited[x]
        messages += np.int64(sent[x])
    ledger[f, _OWN] += mine
    ledger[f, _OTHERS] += others
    ledger[f, _LISTS] += lists
    counts[f, _UNINVITED] += unasked
    counts[f, _MESSAGES] += messages
    counts[f, _RECIPIENTS] += m


@part
def _read(c, i, f, relevance, month):
    """Customer i reads a message of firm f: it is on the mind this month, and the firm is known."""
    c.relevance[f, i] = relevance
    c.reads[f, i] = min(c.reads[f, i] + 1, 65535)
    if c.aware[f, i] == 0:
        c.aware[f, i] = 1
        c.aware_month[f, i] = month
        c.aware_by[f, i] = _BY_MESSAGE


@part
def _complain(c, i, f, own, p, ledger, counts):
    """Customer i complains to firm f about its mail, and is unhappy with it; returns the cost in cents."""
    handling = cents(p.complaint_cost)
    ledger[f, _COMPLAINTS_OWN if own else _COMPLAINTS_OTHERS] += handling
    counts[f, _N_COMPLAINTS] += 1
    c.complaints[f, i] = min(c.complaints[f, i] + 1, 255)
    if c.fired_by[i] < 0:
        c.mood[i] = -1
        c.mood_firm[i] = f
    return handling


@step
def offer_to(c, room, lo, n, f, month, key0, key1, firms, contact_cost, gap, chance, ledger, counts):
    """Win-back offers of firm f to a block: who may be mailed, was not asked lately, and reads."""
    u = room.words[0]
    draw_block(lo, n, f // 4, month, _READS_OFFER, key0, key1, u)
    strategy = firms.strategy[f]
    for j in range(n):
        i = lo + j
        if c.offer[f, i] <= 0.0:
            continue
        permission = c.permission[f, i]
        reachable = permission == 0 or may_mail(strategy, permission, 1, 0) == 1
        waited = c.offered[f, i] == 0 or month + 1 - c.offered[f, i] >= gap
        if not (reachable and waited) or c.barred[f, i] != 0:
            c.offer[f, i] = 0.0
            continue
        c.offered[f, i] = month + 1
        ledger[f, _WIN_BACK] += cents(contact_cost)
        counts[f, _OFFERS] += 1
        if u[f % 4, j] < chance * firms.deliverability[f]:
            c.offer_read[f, i] = 1
            counts[f, _OFFERS_READ] += 1
            if c.aware[f, i] == 0:
                c.aware[f, i] = 1
                c.aware_month[f, i] = month
                c.aware_by[f, i] = _BY_OFFER
        else:
            c.offer[f, i] = 0.0


def contact(market: Market) -> None:
    """Firms write; people read, tire, opt out, complain, report; deliverability follows."""
    p = parameters(ContactParameters, market.tables.contact)
    buy = market.tables.buy
    market.rows(
        "contact", ContactColumns, p, market.month_of_firms,
        float(buy.offer_cost * market.tables.decide.contact_cost), int(buy.offer_gap), float(buy.offer_read),
        ledger=True, counts=True,
    )  # fmt: skip
    counts = market.ledger.current_counts
    for firm in market.firms:
        reports, messages = float(counts[firm.place, _REPORTS]), float(counts[firm.place, _MESSAGES])
        firm.report_rate = market.call("contact.next_report_rate", firm.report_rate, reports, messages, p)
        firm.deliverability = market.call(
            "contact.next_deliverability", firm.deliverability, firm.report_rate, p
        )
