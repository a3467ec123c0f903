"""What the pages of worlds with mechanisms, and of the mobile operator, tell a reader to see is seen."""

import pytest

import sim
from sim.scenario import check_text, load, new_file_text


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agent_marketplace_users_leave_the_dear_shop_and_the_one_that_recommends_earns_beside(seed):
    run = sim.run("agent_marketplace", seed=seed)
    users = run.months.query("month > 24").groupby("firm").agents_share.mean()
    assert users.idxmin() == "Bazaar" and abs(users.Sage - users.Cutter) < 0.03
    people = run.market.customers
    bargain = {f.name: (people.agent[people.supplier == f.place] == 2).mean() for f in run.market.firms}
    assert max(bargain, key=bargain.get) == "Bazaar"
    beside = run.ledger.groupby("firm").item_sales.sum()
    assert beside.Sage > 1.3 * beside.drop("Sage").max()


def of_offers(rule):
    """Meridian's offers over five years by a rule: their cost, the discounts taken up, and win_back_rate of the last four."""
    text = new_file_text(load("mobile_operator"))
    mine = "status == lost and months_since_purchase == 13"
    assert text.count(mine) == 1
    run = sim.run(check_text(text.replace(mine, rule)), change={"market.customers": 10_000})
    months = run.months.query("firm == 'Meridian'").set_index("month")
    books = run.ledger.query("firm == 'Meridian'")
    return books.win_back.sum(), books.win_back_discounts.sum(), months.win_back_rate[[24, 36, 48, 60]].mean()


def test_mobile_operator_offers_are_taken_up_where_the_rivals_contract_ends():
    sent, used, rate = of_offers("status == lost and months_since_purchase == 13")
    assert 1 / 13 < rate < 1 / 9
    early = of_offers("status == lost and months_since_purchase == 12")
    late = of_offers("status == lost and months_since_purchase == 14")
    assert early[1] < 0.1 * used and late[1] < 0.2 * used
    assert early[2] > 0.5 * rate > late[2]
    many = of_offers("status == lost")
    assert 11 < many[0] / sent < 13
    assert 0.7 < many[1] / used < 1.5
