"""Small faults of the engine, the mechanisms and the class game: a file, a text in it, and what stands there instead.

Texts are short and stable: equations, entries of the ledger, moves of people. Blanks and line breaks do not matter.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """An edit: what it spoils, the file from the top of the tree, the text (there once), what replaces it; which test file must fail.

    Without a test file it is for the quick checks of the engine.
    """

    about: str
    file: str
    text: str
    instead: str
    tests: str = ""


_B = "sim/behaviours/"
_M = "sim/mechanisms/"

MUTANTS = (
    # money: entries, accounts, the books
    Mutant("paid amounts are cut, not rounded", _B + "frame.py", "np.int64((money * 100.0 + 6755399441055744.0) - 6755399441055744.0)", "np.int64(money * 100.0)"),
    Mutant("closed accounts forget the open month", _B + "frame.py", "departed[f, 0] += c.profit_cents[i] + c.month_profit_cents[i]", "departed[f, 0] += c.profit_cents[i]"),
    Mutant("the month's spend survives its account", _B + "frame.py", "c.month_spent_cents[i] = 0", "pass"),
    Mutant("the year's profit of leavers is lost", _B + "frame.py", "departed[f, 2] += c.year_profit_cents[i] + c.month_profit_cents[i]", "departed[f, 2] += c.month_profit_cents[i]"),
    Mutant("labour is booked twice, charged once", _B + "serve.py", "ledger[f, _LABOUR] += labour", "ledger[f, _LABOUR] += 2 * labour"),
    Mutant("recovery is charged, not booked", _B + "serve.py", "ledger[f, _RECOVERY] += cost", "pass"),
    Mutant("bonds are free for the customer's account", _B + "relate.py", "contacts + bonds + fitting", "contacts + fitting"),
    Mutant("fitting messages costs by effort, not its square", _B + "relate.py", "rate * share * share", "rate * share"),
    Mutant("commissions are a hundred times too small", _B + "buy.py", "cents(firms.commission[f] * paid * 0.01)", "cents(firms.commission[f] * paid * 0.0001)"),
    Mutant("tellers of other firms are rewarded", _B + "buy.py", "c.supplier_before[c.teller[i]] == f", "c.supplier_before[c.teller[i]] != f"),
    Mutant("the price is left out of a visit's bill", _B + "buy.py", "value = float(c.service_basket[i]) * gamma4", "value = 2.0 * gamma4"),
    Mutant("wrong sign of a mail complaint's cost", _B + "contact.py", "c.month_profit_cents[i] -= cost", "c.month_profit_cents[i] += cost"),
    Mutant("win-back offers cost nothing", _B + "contact.py", "ledger[f, _WIN_BACK] += cents(contact_cost)", "ledger[f, _WIN_BACK] += 0"),
    Mutant("the pay bill leaves out labour of levels", _B + "serve.py", "market.ledger.current[f, [_LABOUR, _LEVEL_LABOUR]]", "market.ledger.current[f, [_LABOUR, _LABOUR]]"),
    Mutant("recovery counts as what customers bring", "sim/ledger.py", 'Activity("recovery", -1, True,', 'Activity("recovery", 1, True,'),
    Mutant("profit of the departed is looked for in their spend", "sim/ledger.py", "self.departed[:, 0] - self.attributed", "self.departed[:, 1] - self.attributed"),
    Mutant("surveys are paid by half of those asked", "sim/surveys.py", '"surveys", asked * market.cents', '"surveys", asked // 2 * market.cents'),
    # people: who comes and goes, who is counted
    Mutant("the departed keep their tenure", _B + "frame.py", "c.tenure[i] = 0", "pass"),
    Mutant("who is fired is not counted as lost", _B + "decide.py", "counts[f, _LOST] += 1", "counts[f, _LOST] += 0"),
    Mutant("who was fired may come back", _B + "decide.py", "c.barred[f, i] = 1", "c.barred[f, i] = 0"),
    Mutant("a need that ends is not counted as lost", _B + "leave.py", "counts[f, _LOST] += 1", "counts[f, _LOST] += 0"),
    Mutant("newcomers inherit the database's record", _B + "leave.py", "identified[f, i] = 0", "pass"),
    Mutant("winning is counted before it happens", _B + "buy.py", "counts[w, _WON] += 1", "counts[w, _WON] += 2"),
    Mutant("told and heard differ by one", _B + "talk.py", "counts[f, _BAD if bad else _GOOD] += count", "counts[f, _BAD if bad else _GOOD] += count - 1"),
    Mutant("people tell themselves", _B + "talk.py", "new = j != i", "new = True"),
    # equations
    Mutant("loyalty no longer lowers the chance to think again", _B + "buy.py", "p.base_chance * (1.0 - loyalty)", "p.base_chance * (1.0 + loyalty)"),
    Mutant("utility adds the price", _B + "buy.py", "belief - price_term + brand", "belief + price_term + brand"),
    Mutant("the tie is forgotten in the bond", _B + "buy.py", "+ p.tie_weight * tie", "+ p.tie_weight * loyalty"),
    Mutant("satisfaction wanders off", _B + "serve.py", "(1.0 - p.satisfaction_weight) * satisfaction", "satisfaction"),
    Mutant("gains weigh more than losses", _B + "serve.py", "disconfirmation if disconfirmation >= 0.0", "disconfirmation if disconfirmation <= 0.0"),
    Mutant("skill makes recovery worse", _B + "serve.py", "1.0 - p.recovery_skill + p.recovery_skill * skill", "1.0 - p.recovery_skill * skill"),
    Mutant("fatigue grows without end", _B + "contact.py", "(1.0 - p.fatigue_gain) * fatigue", "fatigue"),
    Mutant("tired people read more", _B + "contact.py", "(1.0 - fatigue) * deliverability", "(1.0 + fatigue) * deliverability"),
    Mutant("bad news is good news", _B + "talk.py", "p.bad_news * p.bad_weight * bad", "-p.bad_news * p.bad_weight * bad"),
    Mutant("trust grows beyond one", _B + "relate.py", "(1.0 - p.self_service_trust * self_service) * (1.0 - trust)", "(1.0 - p.self_service_trust * self_service)"),
    Mutant("a dear rival is the reason to leave", _B + "leave.py", "if price > most:", "if price < most:"),
    # draws, order, thresholds, off by one
    Mutant("a random word is read from the wrong place", "sim/draws.py", 'Purpose("recovered", 31, 0, "encounter"', 'Purpose("recovered", 30, 0, "encounter"'),
    Mutant("uniform numbers reach one", "sim/draws.py", "(word + 0.5) * 2.3283064365386963e-10", "(word + 1.0) * 2.3283064365386963e-10"),
    Mutant("Philox stops after seven rounds", "sim/draws.py", "for _ in range(10):", "for _ in range(7):"),
    Mutant("the first firm is never the start's supplier", "sim/traits.py", "f = 0 u = uniform(w1)".replace(" u", "\nu"), "f = 1\nu = uniform(w1)"),
    Mutant("the floor of the need is lost", "sim/traits.py", '"need_rate": 0.005,', '"need_rate": 0.0,'),
    Mutant("history is a month late", _B + "account.py", "c.supplier_history[(month - 1) % 12], c.supplier_history[month % 12]", "c.supplier_history[(month - 2) % 12], c.supplier_history[month % 12]"),
    Mutant("asked again a month too early", _B + "buy.py", "month + 1 - asked < contact.ask_again", "month + 2 - asked < contact.ask_again"),
    Mutant("offers come a month too early", _B + "contact.py", "month + 1 - c.offered[f, i] >= gap", "month + 2 - c.offered[f, i] >= gap"),
    Mutant("the first product counts as a further one", _B + "buy.py", "p.product_value * (products - 1.0)", "p.product_value * products"),
    Mutant("everybody online is a neighbour", _B + "talk.py", "anywhere[k - since] < online or used >= degree", "anywhere[k - since] > online or used >= degree"),
    # mechanisms: an entry and a rule each, where their own tests know one
    Mutant("tastes do not matter to who takes an item", _M + "recommendation.py", "p.accepts * like * (1.0", "(p.accepts + 0.0 * like) * (1.0", "test_agents_and_profiles.py"),
    Mutant("every item sold is noted as the first", _M + "recommendation.py", "c.items[i] |= np.uint32(1 << item)", "c.items[i] |= np.uint32(1)", "test_agents_and_profiles.py"),
    Mutant("overhead of serving is free", _M + "cost_to_serve.py", "np.int64(np.rint(overhead[f] * 100.0))", "np.int64(0)", "test_cost_to_serve.py"),
    Mutant("overhead rises slowly and falls at once", _M + "cost_to_serve.py", "p.overhead_rise * np.maximum(more, 0.0) + p.overhead_fall * np.minimum(more, 0.0)", "p.overhead_fall * np.maximum(more, 0.0) + p.overhead_rise * np.minimum(more, 0.0)", "test_cost_to_serve.py"),
    Mutant("a breach costs nothing", _M + "privacy.py", 'own.book(market, "breach_costs", money)', 'own.book(market, "breach_costs", 0.0 * money)', "test_privacy.py"),
    Mutant("exposure makes trust grow", _M + "privacy.py", "trust * (1.0 - p.trust_wear * exposure * concern)", "trust * (1.0 + p.trust_wear * exposure * concern)", "test_privacy.py"),
    Mutant("questions cost alike through every channel", _M + "channels.py", "enter(ledger, signs, c.month_profit_cents, f, i, line, cost[way])", "enter(ledger, signs, c.month_profit_cents, f, i, line, cost[0])", "test_channels_and_community.py"),
    Mutant("posts stay for ever", _M + "channels.py", "posts * (1.0 - p.fades) + new", "posts + new", "test_channels_and_community.py"),
    Mutant("people join where nobody is host", _M + "community.py", "clip(p.joins * hosting * (0.5 + orientation))", "clip(p.joins * (0.5 + orientation))", "test_channels_and_community.py"),
    Mutant("members are easier to win away", _M + "community.py", "tie + p.belonging * (1.0 - tie)", "tie - p.belonging * tie", "test_channels_and_community.py"),
    Mutant("sources of profiles are free", _M + "profiling.py", "enter(ledger, signs, c.month_profit_cents, f, i, line, money[place])", "pass", "test_agents_and_profiles.py"),
    Mutant("a profile is fuller than full", _M + "profiling.py", "kept + clip(added) * (1.0 - kept)", "kept + clip(added)", "test_agents_and_profiles.py"),
    Mutant("agents bargain for more than the firm gives", _M + "shopping_agents.py", "np.minimum(gives_way, clip(1.0 - lowest / price))", "np.maximum(gives_way, clip(1.0 - lowest / price))", "test_agents_and_profiles.py"),
    Mutant("agents make prices felt less", _M + "shopping_agents.py", "sensitivity * (1.0 + p.sharper)", "sensitivity * (1.0 - p.sharper)", "test_agents_and_profiles.py"),
    Mutant("who leaves takes nothing along", _M + "sales_force.py", "go_away(market, own, n, gone, 0)", "pass", "test_sales_force.py"),
    Mutant("knowledge of accounts is not used", _M + "sales_force.py", "known = max(np.float64(c.private_knowledge[i]), database[f] * np.float64(c.shared_knowledge[i]))", "known = 0.0 * database[f]", "test_sales_force.py"),
    Mutant("help with their jobs is free", _M + "exchange.py", "p.extranet_cost * link, p.jobs_cost * help_jobs[f]", "p.extranet_cost * link, 0.0", "test_exchange.py"),
    Mutant("the closest accounts ask for bids", _M + "exchange.py", "p.bidding * (1.0 - situation) * (1.0 - position)", "p.bidding * situation * (1.0 - position)", "test_exchange.py"),
    Mutant("campaigns cost less than what goes on", _M + "capability.py", "campaign = float(p.burst_months) * float(", "campaign = float(", "test_capability.py"),
    Mutant("capability makes service worse", _M + "capability.py", "firms.quality[f] += p.capability_quality * over[f]", "firms.quality[f] -= p.capability_quality * over[f]", "test_capability.py"),
    Mutant("the retailer keeps half of its margin", _M + "intermediary.py", "p.retail_margin * 0.01 * spent", "p.retail_margin * 0.005 * spent", "test_intermediary.py"),
    Mutant("firms go direct in one month", _M + "intermediary.py", "direct + p.direct_speed * (decided - direct)", "decided", "test_intermediary.py"),
    Mutant("partners carry the journey for nothing", _M + "partners.py", "p.journey_cost * own_journey + p.partner_price * (1.0 - own_journey)", "p.journey_cost * own_journey + p.partner_price * own_journey", "test_partners_and_supply.py"),
    Mutant("whom a partner sent is told wrongly", _M + "partners.py", "c.won_by[i] == _BY_OTHER", "c.won_by[i] != _BY_OTHER", "test_partners_and_supply.py"),
    Mutant("rush freight is paid once a buyer", _M + "supply.py", "p.rush_cost * late[x]", "p.rush_cost * min(late[x], 1.0)", "test_partners_and_supply.py"),
    Mutant("safety stock is short by a fifth", _M + "supply.py", "p.error_smoothing * (SPREAD * abs(missed) - error)", "p.error_smoothing * (abs(missed) - error)", "test_partners_and_supply.py"),
    # the class game: points of teams and students
    Mutant("every forecast of a team is perfect", "sim/classroom/scores.py", "100.0 - 50.0 * abs(said[name] - seen[name]) / errors[name]", "100.0", "test_class_game.py"),
    Mutant("a student's range may miss", "sim/classroom/scores.py", "100.0 * max(0.0, 1.0 - score)", "100.0", "test_class_game.py"),
    Mutant("promises beyond the norm are honest", "sim/classroom/scores.py", '1.0 - min(1.0, max(0.0, seen["promise"]))', 'min(1.0, max(0.0, seen["promise"]))', "test_class_game.py"),
    Mutant("firing customers is a merit", "sim/classroom/scores.py", '1.0 - min(1.0, counts["fired"]', 'min(1.0, counts["fired"]', "test_class_game.py"),
    Mutant("spam reports are not held against the ceiling", "sim/classroom/scores.py", 'counts["reports"] / sent / ceiling', 'counts["reports"] / sent', "test_class_game.py"),
)  # fmt: skip
"""The faults."""
