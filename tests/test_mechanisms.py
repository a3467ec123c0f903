"""Optional mechanisms: free when absent, exact when there, explained like everything else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import compiled
from sim.columns import BY_NAME
from sim.draws import PURPOSES
from sim.ledger import ACTIVITIES
from sim.market import Market
from sim.mechanisms import EQUATIONS, MECHANISMS, frame
from sim.mechanisms.channels import ROWS as CHANNELS
from sim.mechanisms.cost_to_serve import DRIVERS
from sim.mechanisms.failing import KINDS
from sim.mechanisms.frame import FIRST_CODE, enter
from sim.mechanisms.loops import Loop
from sim.mechanisms.profiling import ROWS as SOURCES
from sim.mechanisms.single import SINGLE
from sim.metrics import METRICS
from sim.policies.view import View
from sim.scenario import ScenarioError, addresses, load
from sim.scenario.writing import file_text
from sim.snapshots import Snapshot, advance, begin_future

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from mechanisms import active

SMALL = {"market.customers": 300}
ALL_ON = {f"mechanisms.{name}.on": True for name in MECHANISMS}
ALL_DECIDED = {key: value for name in MECHANISMS for key, value in active(name).items()}


def played(months: int = 6, seed: int = 4, **change: object) -> Market:
    market = Market("plain", seed=seed, months=months, change={**SMALL, **change})
    market.run_model()
    return market


@pytest.mark.parametrize("name", MECHANISMS)
def test_off_it_is_as_if_it_were_not_there(name):
    plain, off = load("plain"), load("plain").with_changes({f"mechanisms.{name}.on": False})
    assert plain.hash == off.hash
    assert not [a for a in addresses(off.tables) if a.startswith("mechanisms.")]
    market = Market(off, months=1, change=SMALL)
    assert len(market.stages) == 9 and len(market.customers.columns) == len(BY_NAME)
    assert (
        market.ledger.lines == ACTIVITIES and not market.mechanisms and list(market.metrics) == list(METRICS)
    )


@pytest.mark.parametrize("name", MECHANISMS)
def test_on_it_runs_and_the_books_are_exact(name):
    market = played(14, **{f"mechanisms.{name}.on": True})
    assert set(market.mechanisms) == {name}
    for column in market.customers.columns:
        values = getattr(market.customers, column.name)
        assert values.dtype.kind != "f" or np.isfinite(values).all(), column.name
    again = played(14, **{f"mechanisms.{name}.on": True})
    assert market.state_hash == again.state_hash


def test_all_together_run_and_the_books_are_exact():
    market = played(14, **ALL_ON)
    assert list(market.mechanisms) == list(MECHANISMS)
    assert {name.split()[0] for name in market.stages} >= set(MECHANISMS)


def test_a_plain_market_runs_their_loops_as_plain_python_to_the_same_bits(monkeypatch):
    few = {
        "market.customers": 40,
        **ALL_DECIDED,
        "mechanisms.recommendation.firms.North.method": "collaborative",
    }
    fast = advance(Market("plain", seed=4, months=2, change=few), 2)
    monkeypatch.setattr(Loop, "made", property(lambda loop: pytest.fail(f"{loop.__name__} is compiled")))
    plain = Market("plain", seed=4, months=2, change=few, plain=True)
    assert advance(plain, 2).state_hash == fast.state_hash
    for name, months in fast.metrics.items():
        assert np.array_equal(months, plain.metrics[name], equal_nan=True), name


@pytest.mark.skipif(compiled.numba is None, reason="without Numba nothing is compiled")
def test_a_loop_is_read_from_the_cache_once(monkeypatch):
    called = {}
    once = Loop.__call__
    monkeypatch.setattr(Loop, "__call__", lambda loop, *args: once(called.setdefault(id(loop), loop), *args))
    played(3, **ALL_DECIDED)
    assert len(called) > 50
    for loop in called.values():
        assert not [kind for kind, times in loop.made.stats.cache_hits.items() if times > 1], loop.__name__


def test_a_snapshot_keeps_what_mechanisms_remember():
    market = Market("plain", seed=9, months=12, change={**SMALL, **ALL_ON})
    advance(market, 4)
    state = Snapshot(market)
    first = advance(market, 4).state_hash
    assert advance(state.restore(), 4).state_hash == first
    twin = Market("plain", seed=9, months=12, change={**SMALL, **ALL_ON})
    assert advance(state.restore(twin), 4).state_hash == first


def test_a_snapshot_without_them_begins_a_market_with_them():
    market = Market("plain", seed=9, months=12, change=SMALL)
    state = Snapshot(advance(market, 4))
    twin = advance(state.restore(Market("plain", seed=9, months=12, change={**SMALL, **ALL_ON})), 2)
    assert len(twin.ledger.months) == 6 and twin.ledger.months[0].shape == twin.ledger.current.shape


def test_a_mechanism_that_begins_in_a_running_market_fits_who_is_there_now():
    """Sizes, and what a representative knows, are those of the present person, not of who had the slot in the first month."""
    before = {**SMALL, "segments.everyone.exit_rate.mean": 0.1}
    sized = {"mechanisms.cost_to_serve.with_size": 1.0, "mechanisms.cost_to_serve.spread": 0.0}
    change = {**before, **sized, "mechanisms.sales_force.firms.North.representatives": 3}
    state = Snapshot(advance(Market("plain", seed=2, months=12, change=before), 12))
    later = Market("plain", seed=2, months=12, change=change)
    for _ in range(2):
        c = state.restore(later).customers
        new = c.generation > 0
        assert 0.2 < new.mean() < 0.9
        per_money = c.uses_custom_products / c.basket
        assert per_money == pytest.approx(per_money.mean(), rel=1e-5)
        assert c.private_knowledge[~new].any() and not c.private_knowledge[new].any()
        advance(later, 1)


def test_a_refilled_slot_gets_fresh_columns():
    change = {"segments.everyone.exit_rate.mean": 0.2, "mechanisms.cost_to_serve.on": True}
    market = Market("plain", seed=2, months=3, change={**SMALL, **change})
    before = market.customers.uses_slow_payment.copy()
    market.run_model()
    renewed = market.customers.generation > 0
    assert renewed.any() and not renewed.all()
    same = before == market.customers.uses_slow_payment
    assert same[~renewed].all() and not same[renewed].any()


def test_in_a_future_newcomers_have_the_traits_that_they_have_in_the_scenario():
    market = Market("plain", seed=9, months=2, change={**SMALL, "mechanisms.sales_force.on": True})
    own, ids = market.mechanisms["sales_force"], np.arange(300)
    before = own.trait(market, "territory", ids)
    begin_future(market, 0)
    assert (own.trait(market, "territory", ids) == before).all()
    assert not (own.trait(market, "territory", ids, 1) == before).any()


def test_their_columns_are_read_in_an_agentsets_words():
    c = Market("plain", months=1, change={**SMALL, **ALL_ON}).customers
    names = [column.name for one in MECHANISMS.values() for column in one.columns]
    few = c.select(np.arange(len(c)) < 50)
    for name in names:
        values = getattr(c, name)
        assert np.array_equal(c.get(name), values) and np.array_equal(few.get(name), values[..., :50]), name
        assert few.agg(name, np.max) == values[..., :50].max()
    assert len(c.get(names)) == len(names) and sum(map(len, c.groupby("agent").values())) == len(c)
    with pytest.raises(AttributeError, match='did you mean "territory"'):
        c.get("teritory")


def test_what_they_add_has_names_of_its_own():
    columns = [column.name for one in MECHANISMS.values() for column in one.columns]
    lines = [line.name for one in MECHANISMS.values() for line in one.lines]
    metrics = [name for one in MECHANISMS.values() for name in one.metrics]
    codes = [draw.code for one in MECHANISMS.values() for draw in one.draws]
    for names, known in (
        (columns, {*BY_NAME, *dir(Market("plain", months=1, change=SMALL).customers)}),
        (lines, {a.name for a in ACTIVITIES}),
        (metrics, METRICS),
    ):
        assert len(set(names)) == len(names) and not set(names) & set(known)
    assert len(set(codes)) == len(codes) and min(codes) >= FIRST_CODE > max(p.code for p in PURPOSES)


def test_everything_that_they_add_is_explained():
    for one in MECHANISMS.values():
        names = [one.name, *(c.name for c in one.columns), *(line.name for line in one.lines), *one.metrics]
        for name in names:
            assert "None" not in repr(sim.explain(name))
        for address in addresses(load("plain").with_changes({f"mechanisms.{one.name}.on": True}).tables):
            if address.startswith("mechanisms."):
                assert sim.explain(address).meanings
        for metric in one.metrics.values():
            assert "Unit:" in (metric.__doc__ or "") and "Source:" in (metric.__doc__ or "")
    for address, equation in EQUATIONS.items():
        assert "Source:" in (equation.__doc__ or ""), address
        assert repr(sim.explain(address)).startswith(f"{address}(")


def test_a_change_of_a_parameter_turns_it_on_and_a_file_remembers(tmp_path):
    address = "mechanisms.cost_to_serve.firms.North.process"
    made = load("plain").with_changes({address: 0.5})
    assert made.mechanisms.cost_to_serve.on and made.parameter(address) == 0.5
    assert load(made.save(tmp_path / "made.toml")).hash == made.hash
    off = made.with_changes({"mechanisms.cost_to_serve.on": False})
    assert off.hash == load("plain").hash and "mechanisms" not in file_text(off.tables)
    assert "mechanisms: cost_to_serve" in repr(made) and "mechanisms: " not in repr(off)


def test_mistakes_are_told_with_a_cure(tmp_path):
    with pytest.raises(ScenarioError, match=r"mechanisms\.cost_to_serve\.spread"):
        load("plain").with_changes({"mechanisms.cost_to_serve.spraed": 1.0})
    with pytest.raises(ScenarioError, match=r"firms\.North\.process"):
        load("plain").with_changes({"mechanisms.cost_to_serve.firms.Norht.process": 1.0})
    file = tmp_path / "wrong.toml"
    file.write_text("tenfold = 1\n[mechanisms.cost_to_sreve]\non = true\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="cost_to_serve"):
        load(file)
    with pytest.raises(ValueError, match='did you mean "menu"'):
        sim.Plan(mechanisms={"cost_to_serve": {"menus": 1.0}})
    with pytest.raises(ValueError, match=r"must be 0 to 1 \(got 3"):
        sim.Plan(mechanisms={"cost_to_serve": {"menu": 3.0}})
    with pytest.raises(ValueError, match='did you mean "cost_to_serve"'):
        sim.Plan(mechanisms={"cost_to_sreve": {}})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (5, r"must be a dict, mechanism -> dict .* \(got 5\)"),
        ("cost_to_serve", r"must be a dict, mechanism -> dict"),
        ([], r"must be a dict, mechanism -> dict .* \(got \[\]\)"),
        ({"cost_to_serve": 5}, r'cost_to_serve: must be a dict of its decisions, .*"process".* \(got 5\)'),
        ({1: {}}, r'unknown \(got "1"\); firms decide about .*cost_to_serve'),
        ({"cost_to_serve": {2: 0.5}}, r'cost_to_serve: unknown decision \(got "2"\); decisions are process'),
    ],
)
def test_a_plan_that_is_no_plan_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        sim.Plan(mechanisms=given)


def test_a_view_knows_which_mechanisms_there_are():
    market = Market("plain", months=1, change=SMALL)
    view = View(market, market.firms[0])
    assert view.seen("profiling", "risk") is None
    with pytest.raises(ValueError, match=r'got "profling".*did you mean "profiling"'):
        view.seen("profling", "risk")
    with pytest.raises(ValueError, match=r"mechanisms are .*privacy"):
        view.seen("zzz", "risk")


def test_money_enters_a_loop_with_the_sign_of_its_line():
    ledger, profits = np.zeros((1, 2), dtype=np.int64), np.zeros(1, dtype=np.int64)
    for line in (0, 1):
        enter(ledger, np.array([1, -1]), profits, 0, 0, line, 2.25 + line)
    assert ledger.tolist() == [[225, 325]] and profits.tolist() == [-100]


def test_the_page_of_mechanisms_names_what_a_file_may_call():
    page = (Path(__file__).resolve().parents[1] / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    for name in (*SINGLE, "enter", "poisson_totals"):
        assert f"`{name}`" in page and hasattr(frame, name)
    for name in ("claim", "room", "everybody", "charge", "trait", "of_traits", "follows"):
        assert f"own.{name}(" in page and hasattr(frame.Own, name)
    assert "`poisson`" not in page


def test_a_policy_decides_about_mechanisms():
    class Prices(sim.Policy):
        def decide(self, view):
            return sim.Plan(mechanisms={"cost_to_serve": {"menu": 1.0}})

    change = {**SMALL, "mechanisms.cost_to_serve.on": True}
    market = Market("plain", months=2, change=change, policies={"East": Prices()})
    market.run_model()
    assert market.mechanisms["cost_to_serve"].decided("menu").tolist() == [0.0, 1.0, 0.0, 0.0]
    assert Market("plain", months=1, change=SMALL, policies={"East": Prices()}).run_model() is None


COSTS = {
    "item_sales": "recommendation.item_price",
    "item_goods": "recommendation.item_price",
    "recommending": "recommendation.shown_cost",
    "recommending_tool": "recommendation.tool_cost",
    **{driver: f"cost_to_serve.{driver}" for driver in DRIVERS},
    "serving_overhead": "cost_to_serve.overhead",
    "process_improvement": "cost_to_serve.process_cost",
    "breach_costs": "privacy.breach_cost",
    "privacy_programme": "privacy.statement_cost privacy.security_cost",
    "data_sales": "privacy.data_price",
    "questions": " ".join(f"channels.{name}.cost" for name in CHANNELS) + " channels.machine_cost",
    "community": "community.hosting_cost",
    "membership": "community.member_cost",
    "profiles": " ".join(f"profiling.{name}.cost" for name in SOURCES),
    "data_mining": "profiling.mining_cost profiling.real_time_cost",
    "sales_force": "sales_force.representative_cost sales_force.hiring_cost",
    "sales_systems": "sales_force.automation_cost sales_force.database_cost",
    "exchange_service": "exchange.closeness_cost exchange.account_cost exchange.augment_cost exchange.strip_saving exchange.assessment_cost",
    "extranet": "exchange.extranet_cost",
    "account_help": "exchange.jobs_cost",
    "pushed_sales": "capability.sales_push",
    "pushed_goods": "capability.sales_push",
    "dialogue": "capability.firms.North.dialogue",
    "relating_capability": "capability.effort_cost capability.learning_cost capability.reward_cost",
    "technology": "capability.firms.North.technology",
    "staff_replaced": "capability.replacing_cost",
    "retail_margin": "intermediary.retail_margin",
    "direct_orders": "intermediary.direct_cost",
    "own_shop": "intermediary.shop_cost",
    "partner_fees": "partners.partner_fee",
    "journey": "partners.journey_cost partners.partner_price",
    "costs_shared": "partners.shared_costs",
    "rush_orders": "supply.rush_cost",
    "holding": "supply.holding_cost",
    "supply_link": "supply.link_cost",
}
"""What each line is paid by: its parameters, or the decision where that is the money itself."""

TOO = {"item_sales": {"item_goods"}, "item_goods": {"item_sales"}}
TOO |= {"pushed_sales": {"pushed_goods"}, "pushed_goods": {"pushed_sales"}}
TOO |= {driver: {"serving_overhead"} for driver in DRIVERS}
"""Lines that move with a line, because they are shares of it or have the same parameter."""

PAID = {"market.customers": 1000} | {f"mechanisms.channels.{name}.reach": 1.0 for name in CHANNELS} | {
    f"mechanisms.{name}": value
    for name, value in {
        "recommendation.firms.North.method": "collaborative", "recommendation.accepts": 1.0, "recommendation.shown_cost": 1.0,
        "cost_to_serve.firms.North.menu": 0.0, "cost_to_serve.process_cost": 1.0,
        "privacy.firms.North.breach_month": 1, "privacy.data_price": 1.0,
        "channels.questions": 10.0, "channels.firms.North.automatic": 0.5, "community.joins": 1.0, "community.member_cost": 1.0,
        "exchange.firms.North.exchange": "collaborative", "exchange.firms.East.exchange": "transactional",
        "exchange.firms.East.unbundling": 1.0, "exchange.firms.South.exchange": "matched", "exchange.account_cost": 5.0,
        "exchange.extranet_cost": 1.0,
        "sales_force.representative_turnover": 0.5,
        "capability.disruption": 0.0, "capability.firms.North.technology": 1.0, "capability.firms.North.dialogue": 1.0,
        "capability.firms.North.rewarded_for": "value", "capability.firms.East.rewarded_for": "sales",
        "intermediary.firms.East.direct": 1.0,
        "partners.joint_reach": 1.0, "partners.firms.North.own_journey": 0.5, "partners.shared_costs": 1.0,
        "supply.link_cost": 1.0, "supply.holding_cost": 3.0, "supply.firms.East.safety": 5.0,
    }.items()
}  # fmt: skip
"""Everything that costs something is done in the first month, and nothing of it answers to what it costs."""


def first_month_of_lines(**more: object) -> dict[str, int]:
    market = Market("plain", seed=4, months=1, change={**ALL_DECIDED, **PAID, **more})
    market.run_model()
    return dict(zip(market.ledger.places, market.ledger.months[0].sum(axis=0).tolist(), strict=True))


@pytest.fixture(scope="module")
def paid_once() -> dict[str, int]:
    return first_month_of_lines()


def test_every_line_has_what_it_is_paid_by():
    lines = {line.name for one in MECHANISMS.values() for line in one.lines}
    assert lines - set(COSTS) == {f"{kind}_amends" for kind in KINDS}, (
        "these cost what the core's complaints cost"
    )


@pytest.mark.parametrize("line", COSTS)
def test_a_line_is_the_sum_of_what_each_of_its_costs_adds_and_no_other_line_moves(line, paid_once):
    """A cost that is doubled adds its own part once more; cents are rounded."""
    table, once, added = load("plain").with_changes({**ALL_DECIDED, **PAID}), paid_once, []
    for name in COSTS[line].split():
        more = first_month_of_lines(**{f"mechanisms.{name}": 2 * table.parameter(f"mechanisms.{name}")})
        assert {one for one in more if more[one] != once[one]} == {line} | TOO.get(line, set()), name
        added.append(more[line] - once[line])
    assert once[line] > 1000 and sum(added) == pytest.approx(once[line], rel=0.005)


def test_a_run_has_their_lines_and_metrics():
    run = sim.run("plain", months=3, change={**SMALL, "mechanisms.cost_to_serve.on": True})
    assert (run.months["driver_cost"] > 0).all() and (run.ledger["serving_overhead"] > 0).all()
    signed = sum(line.sign * run.ledger[line.name] for line in run.market.ledger.lines)
    assert np.allclose(signed, run.ledger["profit"])
    assert "uses_slow_payment" in run.customers


def test_a_snapshot_in_a_market_with_more_mechanisms_keeps_their_start_and_one_with_fewer_leaves_them_out():
    one, two = {"mechanisms.supply.on": True}, {"mechanisms.exchange.on": True}
    market, other = (Market("plain", seed=9, months=8, change={**SMALL, **on}) for on in (one, two))
    linkage, judged = other.customers.linkage.copy(), other.mechanisms["exchange"].state["judged"].copy()
    advance(Snapshot(advance(market, 3)).restore(other), 0)
    assert other.month == 3 and (other.customers.belief == market.customers.belief).all()
    assert (other.customers.linkage == linkage).all()
    assert (other.mechanisms["exchange"].state["judged"] == judged).all()
    assert np.isnan(other.metrics["mean_position"]).all() and len(other.metrics["mean_position"]) == 3
    assert other.ledger.months[0][:, other.ledger.places["extranet"]].tolist() == [0] * 4
    assert "bullwhip" not in other.metrics
    assert advance(other, 2).ledger.months[-1][:, other.ledger.places["exchange_service"]].any()


def test_every_snapshot_in_a_market_with_more_mechanisms_begins_them_anew():
    change = {**SMALL, "mechanisms.exchange.on": True, "mechanisms.exchange.firms.North.extranet": 1.0}
    market, other, later = (Market("plain", seed=9, months=8, change=c) for c in (SMALL, change, change))
    state, linkage = Snapshot(advance(market, 2)), other.customers.linkage.copy()
    first = advance(state.restore(other), 2).state_hash
    assert not (other.customers.linkage == linkage).all()
    assert advance(state.restore(other), 2).state_hash == first
    assert advance(state.restore(advance(later, 1)), 2).state_hash == first


def test_a_snapshot_sets_back_the_luck_of_mechanisms_too():
    market = Market("plain", seed=9, months=4, change={**SMALL, **ALL_ON})
    state = Snapshot(market)
    first = advance(market, 1).state_hash
    begin_future(state.restore(), 0)
    assert advance(market, 1).state_hash != first
    assert advance(state.restore(), 1).state_hash == first
