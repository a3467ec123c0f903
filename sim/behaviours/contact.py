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
from sim.compiled import equation, loop, part
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
    c, start, stop, month, key0, key1, p, firms, contact_cost, offer_gap, offer_read, ledger, counts
):
    """The stage over customers start to stop."""
    n_firms = c.brand.shape[0]
    sent = np.empty((n_firms, BLOCK))
    total = np.empty(BLOCK)
    who = np.empty(BLOCK, dtype=np.int64)
    u = np.empty((4, BLOCK))
    on_list = np.zeros(BLOCK)
    fatigue = np.empty(BLOCK)
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        for j in range(n):
            total[j] = 0.0
        for f in range(n_firms):
            _recipients(c, lo, n, f, p, firms, on_list, sent)
            row = sent[f]
            for j in range(n):
                total[j] += row[j]
        for f in range(n_firms):
            row = sent[f]
            column = c.fatigue[f, lo : lo + n]
            for j in range(n):
                fatigue[j] = column[j]
            for j in range(n):
                column[j] = next_fatigue(fatigue[j], 0.0, p)
            m = 0
            for j in range(n):
                who[m] = j
                m += 1 if row[j] > 0.0 else 0
            if m > 0:
                draw(lo, who, m, f, month, _MAIL, key0, key1, u)
                _write(c, lo, who, m, f, month, p, firms, row, total, fatigue, u, ledger, counts)
            if firms.offers[f] != 0:
                _offer(
                    c,
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
                    row,
                    u,
                    ledger,
                    counts,
                )


@part
def _recipients(c, lo, n, f, p, firms, on_list, sent):
    """Messages of firm f to each customer of a block, by its strategy and plan."""
    strategy = firms.strategy[f]
    row = sent[f]
    if strategy == _SILENT:
        for j in range(n):
            row[j] = 0.0
        return
    permission = c.permission[f, lo : lo + n]
    if strategy == _DOUBLE:
        for j in range(n):
            if permission[j] == _OPTED_IN and is_keen(lo + j, f, c.generation[lo + j], firms.traits_key, p):
                permission[j] = _CONFIRMED
    if strategy == _INTERRUPTION:
        for j in range(n):
            on_list[j] = 1.0 if is_listed(lo + j, f, c.generation[lo + j], firms.traits_key, p) else 0.0
    else:
        for j in range(n):
            on_list[j] = 0.0
    identified = c.identified[f, lo : lo + n]
    barred = c.barred[f, lo : lo + n]
    messages = c.messages[f, lo : lo + n]
    for j in range(n):
        mailed = may_mail(strategy, permission[j], 1 if identified[j] > 0 else 0, on_list[j])
        row[j] = float(messages[j]) * mailed * (1.0 - barred[j])


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


@part
def _write(c, lo, who, m, f, month, p, firms, row, total, fatigue, u, ledger, counts):
    """Firm f writes to who[:m] of a block: reads, wear-out, opt-outs, complaints, reports."""
    permissions, records, tastes, attention, tolerance = (
        c.permission,
        c.identified,
        c.taste,
        c.attention,
        c.contact_tolerance,
    )
    supplier, brands, fatigues, privacy = c.supplier, c.brand, c.fatigue, c.privacy_concern
    month_profit = c.month_profit_cents
    personal = firms.personalization[f]
    tailoring = firms.tailoring[f]
    for x in range(m):
        j = who[x]
        i = lo + j
        permission = permissions[f, i]
        consent = consents(permission)
        identified = records[f, i]
        uninvited = permission == _OPTED_OUT or (identified == 0 and not consent)
        base = p.read_uninvited if uninvited else p.read_database
        unwelcome = p.pressure_uninvited if uninvited else p.pressure_database
        if consent:
            keen = permission == _CONFIRMED or is_keen(i, f, c.generation[i], firms.traits_key, p)
            base = p.read_keen if keen else p.read_consenting
            unwelcome = p.pressure_consent
        about = p.base_relevance
        if personal > 0.0:
            about = message_relevance(
                personal, profile(float(identified), consent, p), fit(float(tastes[i]), tailoring, p), p
            )
        sent = row[j]
        opened = chance_opened(
            base, about, fatigue[j], firms.deliverability[f], float(attention[i]) / total[j], p
        )
        felt = pressure(sent, about, unwelcome, float(tolerance[i]), p)
        own = supplier[i] == f
        attitude = float(brands[f, i])
        if u[0, x] < chance_read(opened, sent):
            counts[f, _READ] += 1
            _read(c, i, f, about, month)
            if consent:
                attitude = brand_after_reading(attitude, about, p)
        fatigues[f, i] = next_fatigue(fatigue[j], felt, p)
        if not consent:
            left = brand_after_intrusion(attitude, felt, float(privacy[i]), p)
            if own:
                c.annoyed[i] = float(c.annoyed[i]) + (attitude - left)
            attitude = left
        brands[f, i] = attitude
        if uninvited and own:
            c.trust[i] = trust_after_intrusion(float(c.trust[i]), felt, p)
        # 1 - exp(-h) is at most h: who is not below h needs no exponential
        if u[1, x] < p.opt_out * felt and u[1, x] < chance_opt_out(felt, p):
            permissions[f, i] = _OPTED_OUT
            c.asked[f, i] = month + 1  # who says no again will not be asked again soon
            counts[f, _N_OPTED_OUT] += 1 if permission != _OPTED_OUT else 0
        if u[3, x] < p.report * felt and u[3, x] < chance_report(felt, uninvited, p):
            counts[f, _REPORTS] += 1
        price = p.personal_message_cost if personal > 0.0 and identified > 0 else p.message_cost
        if tailoring == _CUSTOMIZATION and personal > 0.0 and own:
            price += p.bespoke_cost
        entry = cents(sent * price)
        ledger[f, _OWN if own else _OTHERS] += entry
        if u[2, x] < p.complaint * felt and u[2, x] < chance_complaint(felt, uninvited, p):
            entry += _complain(c, i, f, own, p, ledger, counts)
        if own:
            month_profit[i] -= entry
        if identified == 0 and permission == 0:
            ledger[f, _LISTS] += cents(p.list_cost)
        counts[f, _UNINVITED] += 1 if uninvited else 0
        counts[f, _MESSAGES] += np.int64(sent)
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


@part
def _offer(c, lo, n, f, month, key0, key1, firms, contact_cost, gap, chance, row, u, ledger, counts):
    """Win-back offers of firm f to a block: who may be mailed, was not asked lately, and reads."""
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
