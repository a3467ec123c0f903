"""Talk, leave and account: word of mouth, newcomers for those whose need ends, and the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plain.decide import FIRED
from plain.person import NOBODY, Person, single
from sim.behaviours.frame import cents
from sim.behaviours.talk import MOST_TOLD
from sim.draws import negative_binomial, normal
from sim.scenario.words import AWARE_BY

if TYPE_CHECKING:
    from plain_market import PlainMarket

    from plain.firm import PlainFirm

BY_REFERRAL = AWARE_BY.index("referral")


# ---------------------------------------------------------------- talk


def talk(market: PlainMarket) -> None:
    """The unhappy tell ten people, some of the happy tell three; when all have spoken, hearers believe."""
    for person in market.people:
        if person.mood != 0 and person.mood_firm != NOBODY:
            tell(person, market)
    for person in market.people:
        hear(person, market)


def tell(person: Person, market: PlainMarket) -> None:
    """A person tells others about the firm that the mood is about."""
    p, eq, f = market.p.talk, market.eq, person.mood_firm
    firm, bad = market.firms[f], person.mood < 0
    talks, start, how_many, _ = person.draw("talks")
    if talks >= eq.chance_talks(person.mood, firm.plan.referral_reward, person.basket, p):
        return
    told = eq.people_told(person.mood, p)
    if market.tables.talk.tells_spread == "negative_binomial":
        told = negative_binomial(float(told), p.tells_size, how_many, MOST_TOLD)
    told = min(int(told), len(market.people) - 1)
    if told <= 0:
        return
    hearers = find_hearers(person, told, start, market)
    for number in hearers:
        relation = market.people[number].relations[f]
        if bad:
            relation.told_bad += 1
        else:
            relation.told_good += 1
            relation.tellers.append(person.number)
    firm.count["tellers_bad" if bad else "tellers_good"] += 1
    firm.count["told_bad" if bad else "told_good"] += len(hearers)


def find_hearers(person: Person, want: int, luck: float, market: PlainMarket) -> list[int]:
    """Whom a person tells: try by try a neighbour on the network, or somebody anywhere in the market.

    Neighbours come in ring order from a random start; who was told already, or is oneself, is skipped.
    """
    n = len(market.people)
    if want == n - 1:
        return [number for number in range(n) if number != person.number]
    neighbours = market.network.neighbours(person.number)
    first, used = int(luck * len(neighbours)), 0
    told: list[int] = []
    for k in range(int(market.p.talk.tries)):
        if len(told) == want:
            break
        anywhere, who, _, _ = person.draw("told_online", k)
        if anywhere < market.p.talk.online or used >= len(neighbours):
            number = min(int(who * n), n - 1)
        else:
            number = int(neighbours[(first + used) % len(neighbours)])
            used += 1
        if number != person.number and number not in told:
            told.append(number)
    return told


def hear(person: Person, market: PlainMarket) -> None:
    """Beliefs about firms that one does not use fade; then news, bad and good, move them."""
    p, eq = market.p.talk, market.eq
    for f, firm in enumerate(market.firms):
        relation, own = person.relations[f], person.supplier == f
        if not own:
            relation.belief = single(eq.faded_belief(relation.belief, p))
            relation.heard = single(eq.faded_belief(relation.heard, p))
        bad, good = relation.told_bad, relation.told_good
        if bad + good == 0:
            continue
        belief = eq.hearsay(relation.belief, bad, good, p.own_weight if own else 1.0, p)
        relation.heard = single(relation.heard + (belief - relation.belief))
        relation.belief = single(belief)
        firm.count["reached_bad"] += 1 if bad else 0
        firm.count["reached_good"] += 1 if good else 0
        if not good or relation.aware:
            continue
        if person.draw_for_firm("hears_of", f) < eq.chance_made_aware(good, p):
            relation.become_aware(market.month, BY_REFERRAL)
            person.teller, person.teller_firm = min(relation.tellers), f


# ---------------------------------------------------------------- leave


def leave(market: PlainMarket) -> None:
    """A month passes; some needs end, and newcomers take the empty places."""
    replaced: set[int] = set()
    for person in market.people:
        person.tenure = min(person.tenure + 1, 65535) if person.supplier != NOBODY else 0
        hazard = market.eq.chance_exit(person.exit_rate, person.need_rate, market.p.leave)
        if person.draw("exits")[0] < hazard:
            person.leave_the_market()
            replaced.add(person.number)
    for person in market.people:
        if person.teller in replaced:  # who takes the teller's place has no claim to a reward
            person.teller, person.teller_firm = NOBODY, NOBODY


# ---------------------------------------------------------------- account


def account(market: PlainMarket) -> None:
    """The month's money goes to accounts and records; surveys are paid; the books are closed."""
    accounts = [0 for _ in market.firms]
    for person in market.people:
        settle_account(person, market)
        if person.supplier != NOBODY:
            accounts[person.supplier] += person.profit_cents
    for firm in market.firms:
        firm.book["crm_system"] += cents(firm.table.crm_system)
        exit_survey(firm, market)
    for firm in market.firms:
        survey(firm, market)
    for firm in market.firms:
        firm.close_month()
    market.ledger.close()
    market.ledger.check(accounts)


def settle_account(person: Person, market: PlainMarket) -> None:
    """A customer's account and the supplier's record take up the month."""
    person.supplier_history[market.month % 12] = person.supplier
    spent, profit = person.month_spent_cents, person.month_profit_cents
    person.spent_cents += spent
    person.year_spent_cents += spent
    person.profit_cents += profit
    person.year_profit_cents += profit
    if spent != 0 or profit != 0:
        person.relations[person.supplier].note_money(spent, profit)
        person.month_spent_cents = person.month_profit_cents = 0


def survey(firm: PlainFirm, market: PlainMarket) -> None:
    """A share of own customers is asked how likely they are to recommend, 0 to 10; some answer."""
    p, scores, asked = market.p.decide, [], 0
    for person in market.people:
        if person.supplier != firm.place:
            continue
        is_asked, answers, luck, _ = person.draw("surveyed")
        if is_asked < firm.plan.survey:
            asked += 1
            if answers < market.tables.decide.survey_answers:
                feels = 7.5 + 5.0 * person.satisfaction + 3.0 * (person.loyalty - 0.3) + 1.5 * normal(luck)
                scores.append(min(max(round(feels), 0), 10))
    firm.survey = {"asked": asked, "answers": len(scores), "net_promoter": None}
    if scores:
        promoters = sum(score >= 9 for score in scores) / len(scores)
        detractors = sum(score <= 6 for score in scores) / len(scores)
        firm.survey["net_promoter"] = 100.0 * (promoters - detractors)
    firm.book["surveys"] += asked * cents(p.survey_cost * p.contact_cost)
    firm.count["surveyed"] += asked
    firm.count["answered"] += len(scores)


def exit_survey(firm: PlainFirm, market: PlainMarket) -> None:
    """A share of this month's leavers is asked why; some answers are not true."""
    p, asked = market.p.decide, 0
    for departure in market.departures_now:
        if departure.firm != firm.place:
            continue
        is_asked, is_true, which, _ = market.uniforms("exit_asked", departure.customer, 0, market.month)
        if is_asked < firm.plan.exit_survey:
            asked += 1
            other = int(which * (FIRED if departure.reason == FIRED else FIRED - 1))  # only the fired say so
            other += 1 if other >= departure.reason else 0
            departure.reported = departure.reason if is_true < p.exit_survey_true else other
    firm.book["surveys"] += asked * cents(p.survey_cost * p.contact_cost)
