"""The market: firms that are agents, customers that are columns, months that are nine stages."""

from __future__ import annotations

import contextlib
import hashlib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import network as networks
from sim.behaviours import STAGES
from sim.behaviours.buy import bills_bound
from sim.behaviours.decide import Choices
from sim.behaviours.frame import FirmMonth, Levels, parameters, room_of_thread
from sim.behaviours.serve import ServeParameters
from sim.behaviours.talk import spread_news
from sim.carried_out import ASKED, count, no_counts
from sim.columns import Customers
from sim.compiled import bundle, mind_plain
from sim.diary import LOOKS, Diary, followed
from sim.draws import BLOCK, Draws
from sim.given import customers_meant, whole, whole_numbers
from sim.lean_mesa import import_mesa
from sim.ledger import SUM_ROWS, Ledger, LedgerError
from sim.maths import log
from sim.mechanisms import present
from sim.mechanisms.frame import Own, Step
from sim.mechanisms.loops import as_written, strike_tellers
from sim.memory import refuse_if_too_large
from sim.metrics import METRICS, SHIPPED
from sim.metrics.census import Census
from sim.model_version import MODEL_VERSION as MODEL_VERSION
from sim.policies import Policy, View, make_policy
from sim.policies.plan import Plan, check_choice, coded, month_plan
from sim.policies.view import ACTIVE, LAPSED, LOST
from sim.rules import RuleError, compile_rule
from sim.saved_runs import opened
from sim.scenario import Scenario, load
from sim.scenario.database import vocabulary
from sim.scenario.parameters import BY_CUSTOMER
from sim.scenario.words import LEVELS
from sim.surveys import ask_customers, ask_leavers
from sim.swaps import Swaps
from sim.traits import populate
from sim.user_errors import UserError, described, plain_value

if TYPE_CHECKING:
    import mesa

    from sim.columns import CustomerGroup
else:
    mesa = import_mesa()

CHUNK = 65_536
"""Customers that one thread takes at a time; a power of two."""

THREADS_FROM = 200_000
"""Customers from which threads are used."""


class Firm(mesa.Agent):
    """A firm: its table of the scenario, its policy and rules, and its state.

    Attributes
    ----------
    name : str. place : int, its number among the firms.
    skill, morale : 0 to 1. staff : agents, None before the first month with `auto`.
    deliverability : 0 to 1. report_rate : share of messages, as providers remember it.
    load : agent-months of last month. utilization : load over capacity.
    plan : the firm-wide decisions of this month. planned : what its policy decided about mechanisms.
    always : (mechanism or "", decision) that its policy took in every month, None before the first.
    rule_counts : what became of each rule (`sim.carried_out`).
    plan_read : whether its policy ever looked at the firm's default decisions.
    told_of_lost : whether it was said that its policy did not return what `Plan.where` gave.
    """

    def __init__(self, market: Market, place: int, name: str, policy: Policy, rules: Sequence[Any]) -> None:
        super().__init__(market)
        table = market.tables.firms[name]
        self.name = name
        self.place = place
        self.table = table
        self.policy = policy
        self.rules = list(rules)
        self.rule_counts = no_counts(len(self.rules))
        self.skill = float(table.skill)
        self.morale = float(table.morale)
        self.staff: float | None = None if table.plan.staff == "auto" else float(table.plan.staff)
        self.deliverability = 1.0
        self.report_rate = 0.0
        self.load = 0.0
        self.utilization = float("nan")
        self.planned: dict[str, dict[str, Any]] = {}
        self.always: set[tuple[str, str]] | None = None
        self.plan_read = self.told_of_lost = False
        self.survey: dict[str, Any] = {"asked": 0, "answers": 0, "net_promoter": None}
        self.plan = month_plan(table.plan, Plan(), len(market.customers))
        self._active: dict[int, np.ndarray] = {}

    @property
    def rule_fired(self) -> np.ndarray:
        """Customer-months for which each rule's condition held, int64."""
        return self.rule_counts[:-2, ASKED, 0]

    def make_plan(self) -> Choices:
        """Ask the policy, then the rules; keep the firm-wide plan, return the decisions by customer."""
        market: Market = self.model  # type: ignore[assignment]
        view = View(market, self)
        plan = market.swaps.guard(self.policy.decide, f"the policy of {self.name}", market.month)(view)
        if not isinstance(plan, Plan):
            raise UserError(
                f"the policy of {self.name}, month {market.month + 1}: decide must return a sim.Plan (got {plan!r})"
            )
        if (lost := plan.lost_where()) and not self.told_of_lost:
            warnings.warn(f"the policy of {self.name}, month {market.month + 1}: {lost}", stacklevel=2)
            self.told_of_lost = True
        self.plan = month_plan(self.table.plan, plan, len(market.customers))
        self.planned = plan.mechanisms
        taken = {(where, name) for where, own in {"": plan.decisions, **self.planned}.items() for name in own}
        self.always = taken if self.always is None else self.always & taken
        if self.plan.staff != "auto":
            self.staff = float(self.plan.staff)
        try:
            choices = self._choices(view, plan)
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                f"the plan of {self.name} failed in month {market.month + 1}: {described(error)}"
            ) from error
        if self._active:  # it has asked for its retention before: it goes on counting
            self.database_retention(view.customers)
        return choices

    def _choices(self, view: View, plan: Plan) -> Choices:
        """Decisions that differ by customer, over the rows of the database."""
        steps = [(np.asarray(self._mask(c, view), dtype=bool), d) for c, d in plan.choices]
        for rule in self.rules:
            mask = rule.condition(view.customers)
            steps.append((mask, {name: check_choice(name, value) for name, value in rule.then.items()}))
        if not steps and not self.plan.offer and not self.plan.fire:
            return Choices(np.empty(0, dtype=np.int64), {}, np.empty(0, dtype=bool))
        values: dict[str, np.ndarray] = {}
        n = len(view.customers)
        if self.plan.offer:
            values["offer"] = np.full(n, self.plan.offer)
        if self.plan.fire:
            values["fire"] = np.ones(n, dtype=np.uint8)
        for mask, decisions in steps:
            for name, value in decisions.items():
                if name not in values:
                    default = coded(name, getattr(self.plan, name))
                    values[name] = np.full(
                        n, default, dtype=np.float64 if name in ("discount", "offer") else np.uint8
                    )
                new = coded(name, value)
                if np.ndim(new) and new.shape != (n,):
                    raise UserError(
                        f"the policy of {self.name}: {name} needs one value, or one for each of the {n} rows of "
                        f"view.customers (got {new.shape[0]})"
                    )
                values[name][mask] = new[mask] if np.ndim(new) else new
        status = view.customers.status.codes if "offer" in values else np.full(n, ACTIVE)
        lapsed = (status == LAPSED) | (status == LOST)
        if steps:
            own = self.model.customers.supplier[view.customers.ids] == self.place  # type: ignore[attr-defined]
            sends = np.full(n, self.plan.strategy != "silent")
            reach = dict.fromkeys(BY_CUSTOMER, own) | {"offer": lapsed, "messages": sends}
            count(self.rule_counts, steps, values, reach)
        return Choices(view.customers.ids, values, lapsed)

    def _mask(self, condition: Any, view: View) -> Any:
        if isinstance(condition, str):
            try:
                rule = self.model.compile_rule(condition)  # type: ignore[attr-defined]
            except RuleError as error:
                raise UserError(
                    f'the policy of {self.name}, month {view.month + 1}: Plan.where("{condition[:80]}"): {error}'
                ) from error
            return rule(view.customers)
        mask = np.asarray(condition)
        if mask.shape != (len(view.customers),) or mask.dtype != bool:
            raise UserError(
                f"the policy of {self.name}: Plan.where needs one True or False for each of the "
                f"{len(view.customers)} rows of view.customers (got {mask.dtype} of shape {mask.shape})"
            )
        return mask

    def database_retention(self, database: Any) -> float:
        """Of those active 12 months ago, the share active now.

        The firm keeps count from the month in which it first asks; until it has done so for 12 months it
        takes the scenario's `decide.first_year_retention`.
        """
        month = self.model.month  # type: ignore[attr-defined]
        active = np.zeros(len(self.model.customers), dtype=bool)  # type: ignore[attr-defined]
        active[database.ids[database["status"] == ACTIVE]] = True
        self._active[month] = np.packbits(active)
        for old in [m for m in self._active if m < month - 12]:
            del self._active[old]
        if month - 12 not in self._active:
            return float(self.model.tables.decide.first_year_retention)  # type: ignore[attr-defined]
        before = np.unpackbits(self._active[month - 12], count=len(active)).astype(bool)
        same = np.zeros_like(before)
        same[database.ids[database.tenure >= 12]] = True
        return float((before & active & same).sum() / before.sum()) if before.any() else 0.0


class BlockSums:
    """Float sums that do not depend on threads: a row for each so many customers, added in order."""

    def __init__(self, customers: int, width: int, rows: int) -> None:
        self.rows = rows
        self.parts = np.zeros((-(-customers // rows), width))

    def sum_in_order(self) -> np.ndarray:
        """The sums, adding one block after the other."""
        return np.cumsum(self.parts, axis=0)[-1]


class Market(mesa.Model):
    """A market of customers and firms, month by month.

    Parameters
    ----------
    scenario : a shipped name, a file, or a Scenario; or the folder of a saved run, with the policies that it had.
    months : length of the run; the scenario's unless given (a saved run's own).
    seed : int, 0 to 2**64 - 1; 1 unless given (a saved run's own). `rng` is the same, in Mesa's word.
    change : dict, address -> value, for example ``{"talk.unhappy_tells": 0}``.
    policies : dict, firm -> a policy's name, a table with its name, or a `Policy`.
    swap : dict, a stage (``"talk"``) or an equation (``"talk.people_told"``) -> a function of yours.
    threads : number of threads from 200,000 customers up; all cores unless given. Never changes a number.
    plain : run the loops as plain Python: slow, for reading and for finding errors.

    Attributes
    ----------
    month : int, months done. customers : `Customers`. firms : list of `Firm`.
    draws : `Draws`. ledger : `Ledger`. stages : the names of the stages and of the mechanisms between them, in order.
    mechanisms : dict, the optional mechanisms that are on -> their parameters and state here.
    shared : counts that the steps of mechanisms at one place of the month share.
    closed : what firms had on record of those who left the market (`sim.behaviours.leave.close_records`).
    running : False when the scenario's months are done.

    Raises
    ------
    ValueError : a scenario, an address, a value or a name that is not right, all faults at once.
    UserError : a function or policy of yours failed; the message says where.
    NotEnoughMemory : it would not fit into the free memory.

    Examples
    --------
    >>> import sim
    >>> market = sim.Market("two_cafes", seed=7)
    >>> market.step()
    >>> market.month, len(market.customers), [firm.name for firm in market.firms]
    (1, 500, ['Corner', 'Express'])
    """

    def __init__(
        self,
        scenario: Any = "plain",
        *,
        months: int | None = None,
        seed: int | None = None,
        change: Mapping[str, Any] | None = None,
        policies: Mapping[str, Any] | None = None,
        swap: Mapping[str, Callable[..., Any]] | None = None,
        threads: int | None = None,
        plain: bool = False,
        rng: int | None = None,
    ) -> None:
        if seed is not None and rng is not None and seed != rng:
            raise ValueError("give seed or rng, not both: they are one number")
        whole("months", months, 1)
        what = opened(scenario, months, rng if seed is None else seed, policies, change, swap)
        months, number = what.months, 1 if what.seed is None else what.seed
        whole("seed", number, 0)
        super().__init__(rng=int(number) % 2**63)
        self._scenario: Any = load(what.scenario).with_changes(what.change)
        self.tables = self.scenario.tables
        self.seed = int(number)
        mind_plain(self.tables.market.customers)
        self.months = int(months if months is not None else self.tables.market.months)
        self.month = 0
        self.draws = Draws(self.seed)
        self.luck = self.draws.key
        self.threads = threads or min(os.cpu_count() or 1, 32)
        self.swaps = Swaps(swap or {}, plain=plain)
        self._plain = plain
        self._bundles: dict[type, tuple[Any, Any]] = {}
        refuse_if_too_large(self.tables, self.months, edges_file=self.scenario.edges_file)
        on = tuple(present(self.tables))
        self.customers = Customers(
            self.tables.market.customers,
            len(self.tables.firms),
            [column for one in on for column in one.columns],
            {name: value for one in on for name, value in one.blank.items()},
        )
        self.customers._model = self
        self.population = populate(self.customers, self.tables, self.draws.key)
        talk = self.tables.talk
        self.network = networks.build(
            talk.network,
            len(self.customers),
            talk.degree,
            talk.rewiring,
            self.seed,
            file=self.scenario.edges_file,
        )
        self.norm = 0.0
        self.levels = _levels(self.tables)
        self.ledger = Ledger(len(self.tables.firms), [line for one in on for line in one.lines])
        self.firms = self._make_firms(what.policies)
        self.month_of_firms = self._firm_arrays()
        nobody = np.zeros(len(self.firms), dtype=np.int64)
        self.public = self._public_prices(nobody, nobody)
        self.referrals: list[np.ndarray] = []
        self.departures: list[dict[str, Any]] = []
        self.closed: list[np.ndarray] = []
        self.shared: dict[str, np.ndarray] = {}
        self.mechanisms = {one.name: Own(one, self) for one in on}
        self.metrics: dict[str, list[np.ndarray]] = {
            name: [] for name in (*METRICS, *(metric for one in on for metric in one.metrics))
        }
        self.heads: list[np.ndarray] = []
        self.kept_month = self.kept_year = self.aware = self.permitted = np.zeros(
            len(self.firms), dtype=np.int64
        )
        self.means: dict[str, np.ndarray] = {}
        self.census = Census(
            len(self.customers), len(self.firms), len(self.tables.segments), len(self.ledger.lines)
        )
        self._steps = self._steps_in_order()
        self.stages = [name for stage in STAGES for name in self._around(stage.name)]
        self.datacollector: Any = mesa.DataCollector()
        self.diaries: list[Diary] = []
        with self._loops_of_mechanisms():
            for own in self.mechanisms.values():
                if own.mechanism.begin:
                    own.mechanism.begin(self, own)

    # ------------------------------------------------ assembly

    def _make_firms(self, given: Mapping[str, Any]) -> list[Firm]:
        names = list(self.tables.firms)
        for name in given:
            if name not in names:
                raise ValueError(f'policies: no firm "{name}" here; firms are {", ".join(names)}')
        firms = []
        for place, (name, table) in enumerate(self.tables.firms.items()):
            policy = make_policy(given.get(name, table.policy), f"firms.{name}.policy")
            rules = [_Rule(self.compile_rule(r.condition), r.condition, r.then) for r in table.rules]
            firms.append(Firm(self, place, name, policy, rules))
        getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa would keep every market for good
        return firms

    def compile_rule(self, text: str) -> Any:
        """A rule's condition over the database columns of this scenario, compiled."""
        return compile_rule(text, vocabulary(self.tables.segments))

    def _firm_arrays(self) -> FirmMonth:
        n = len(self.firms)
        words = ("strategy", "tailoring", "ask", "level", "offers", "traits_key")
        arrays = {f: np.zeros(n, dtype=np.int64 if f in words else np.float64) for f in FirmMonth._fields}
        arrays["traits_key"] = np.array(self.draws.key, dtype=np.int64)
        return FirmMonth(**arrays)

    def _public_prices(self, heads: np.ndarray, discounts: np.ndarray) -> dict[str, dict[str, float]]:
        """What everybody sees of each firm; ``discounts`` is the sum over its ``heads`` customers."""
        return {
            f.name: {
                "price": float(f.plan.price),
                "trial_discount": float(f.plan.trial_discount),
                "mean_discount": float(discounts[f.place] / heads[f.place]) if heads[f.place] else 0.0,
            }
            for f in self.firms
        }

    def open_month(self) -> None:
        """Turn the firms' plans and state into the arrays that the loops read."""
        p = parameters(
            ServeParameters, self.tables.serve, contact_cost=self.tables.decide.contact_cost,
            contact_time=self.tables.decide.contact_time,
        )  # fmt: skip
        bills = bills_bound(self.tables)
        arrays = self.month_of_firms
        for firm in self.firms:
            f, plan, table = firm.place, firm.plan, firm.table
            recovery = getattr(self.tables.serve.recoveries, plan.recovery)
            values = {
                "price": plan.price, "log_price": log(float(plan.price)), "trial_discount": plan.trial_discount,
                "log_trial_price": log(plan.price * (1.0 - plan.trial_discount / bills)), "referral_reward": plan.referral_reward,
                "commission": plan.affiliate_commission, "reply_days": plan.reply_days, "reply_wait": 0.0, "promise": plan.promise,
                "strategy": plan.code("strategy"), "tailoring": plan.code("tailoring"), "ask": int(plan.ask),
                "incentive": plan.incentive, "personalization": plan.personalization, "self_service": plan.self_service,
                "level": plan.code("level"), "offers": 0, "recovery_chance": recovery.chance, "recovery_cost": recovery.cost,
                "recovery_share": recovery.cost_share, "quality": table.quality, "switching_cost": table.switching_cost,
                "brand_bonus": table.brand_bonus, "reliability": table.reliability, "unit_margin": table.unit_margin,
                "service_margin": table.service_margin, "skill": firm.skill, "morale": firm.morale,
                "capacity": self.call("serve.agent_capacity", firm.skill, p), "deliverability": firm.deliverability,
                "overload": 0.0,
            }  # fmt: skip
            for name, value in values.items():
                getattr(arrays, name)[f] = value

    # ------------------------------------------------ what stages use

    def code(self, stage: str, name: str) -> Any:
        """A function of a behaviour file: the shipped one, or rebuilt with the swapped equations."""
        function = self.swaps.names(stage)[name]
        if name == "spread_rows":
            spread = function
            for diary in self.diaries:
                function = diary.listening(function, spread)
        return function

    def call(self, equation: str, *args: Any) -> Any:
        """An equation by its address, with the swap in force."""
        stage, name = equation.split(".")
        function = self.code(stage, name)
        return getattr(function, "py_func", function)(*args)

    @staticmethod
    def cents(money: float) -> int:
        """An amount in whole cents, rounded half to even."""
        return round(float(money) * 100.0)

    def block_sums(self, width: int, rows: int = SUM_ROWS) -> BlockSums:
        """Room for float sums over all customers, by so many rows (a power of two)."""
        return BlockSums(len(self.customers), width, rows)

    def rows(
        self,
        stage: str,
        columns: Any,
        *args: Any,
        loop: str | None = None,
        ledger: bool = False,
        counts: bool = False,
        departed: bool = False,
        extra: np.ndarray | None = None,
        sums: BlockSums | None = None,
    ) -> None:
        """Run a stage's loop over all customers, in chunks on threads where there are many."""
        function: Callable[..., Any] = self.code(stage, loop or f"{stage}_rows")
        plain = self.swaps.is_plain(stage)
        c = self.customers.pick(columns) if plain else self.customers.bundle(columns)
        given = [arg if plain else self.bundled(arg) for arg in args]
        n = len(self.customers)
        head = (self.month, *self.luck)
        books = [
            (ledger, self.ledger.current),
            (counts, self.ledger.current_counts),
            (departed, self.ledger.departed),
        ]
        wanted = [book for asked, book in books if asked] + ([] if extra is None else [extra])
        tail: list[Any] = [] if sums is None else [sums.parts]
        if self.threads < 2 or n < THREADS_FROM or plain:
            function(c, room_of_thread(plain=plain), 0, n, *head, *given, *wanted, *tail)
            return

        def work(start: int, part: list[np.ndarray]) -> None:
            function(c, room_of_thread(), start, min(start + chunk, n), *head, *given, *part, *tail)

        rounds = -(-n // (self.threads * CHUNK))  # each thread gets as many chunks, of one size
        step = sums.rows if sums else BLOCK  # two threads never add to one sum
        chunk = -(-n // (self.threads * rounds * step)) * step
        starts = range(0, n, chunk)
        parts = [[np.zeros_like(book) for book in wanted] for _ in starts]
        self.each(work, starts, parts)
        for place, book in enumerate(wanted):
            for part in parts:
                book += part[place]

    def each(self, work: Callable[..., Any], *items: Any) -> list[Any]:
        """What `work` gives for each item, in their order; on threads where customers are many."""
        todo = list(zip(*items, strict=True))
        if self.threads < 2 or len(self.customers) < THREADS_FROM:
            return [work(*each) for each in todo]
        done: list[Any] = [None] * len(todo)
        left = iter(range(len(todo)))

        def take() -> None:
            for place in left:
                done[place] = work(*todo[place])

        helpers = [_pool(self.threads - 1).submit(take) for _ in range(self.threads - 1)]
        try:
            take()
        finally:
            wait(helpers)
        for helper in helpers:
            helper.result()
        return done

    def bundled(self, values: Any) -> Any:
        """An argument as compiled loops take it: a namedtuple as a bundle, made once while it stays."""
        if not hasattr(values, "_fields"):
            return values
        kept = self._bundles.get(type(values))
        if kept is None or kept[0] is not values:
            kept = self._bundles[type(values)] = (values, bundle(values))
        return kept[1]

    def measure(self, columns: Any) -> None:
        """Count what the month's metrics need, before the month is closed."""
        n = len(self.firms)
        heads = np.zeros((n, 5), dtype=np.int64)
        sums = self.block_sums(4 * n)
        self.rows("account", columns, loop="measure_rows", extra=heads, sums=sums)
        self.census.before_closing(self)
        self.heads.append(heads[:, 0])
        self.kept_month, self.kept_year, self.aware, self.permitted = heads[:, 1:].T.copy()
        self.means = dict(
            zip(
                ("satisfaction", "loyalty", "trust", "discount"),
                sums.sum_in_order().reshape(4, n),
                strict=True,
            )
        )

    def tell(
        self, who: Any, people: Any, news: str, *, about: Any = None, online: float | None = None
    ) -> None:
        """Spread news in the stage `talk`; beliefs move when the stage ends.

        Parameters
        ----------
        who : bool (N,) or customers' numbers: the tellers.
        people : how many each tells, one number or (N,).
        news : "bad" or "good".
        about : firm's name or number, or (N,); each teller's `mood_firm` unless given.
        online : share of tellings that go to anybody, 0 to 1; the scenario's `talk.online` unless given.
        """
        if news not in ("bad", "good"):
            raise ValueError(f'news: must be "bad" or "good" (got {news!r})')
        n = len(self.customers)
        ids = customers_meant(who, n)
        counts = np.minimum(whole_numbers("people", people, n, 0, None)[ids], n - 1)
        if isinstance(about, str):
            about = self.firm(about).place
        given = self.customers.mood_firm if about is None else about
        firms = whole_numbers("about", given, n, -1, len(self.firms) - 1)
        share = float(self.tables.talk.online if online is None else online)
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"online: must be 0 to 1 (got {online})")
        told, about = counts.astype(np.int32), firms[ids].astype(np.int8)
        self.referrals.append(spread_news(self, ids.astype(np.int32), told, news == "bad", about, share))

    def firm(self, name: str) -> Firm:
        """A firm by its name."""
        for firm in self.firms:
            if firm.name == name:
                return firm
        raise ValueError(f'no firm "{name}" here; firms are {", ".join(f.name for f in self.firms)}')

    def listed(self, place: int, ids: np.ndarray | None = None) -> np.ndarray:
        """Who stands on the list that a firm can buy, bool (N,), or of the customers ``ids`` only."""
        from sim.draws import PURPOSES

        purpose = next(p for p in PURPOSES if p.name == "listed")
        who = np.arange(len(self.customers)) if ids is None else ids
        u = Draws(self.seed)._uniform(purpose, who, place, self.customers.generation[who].astype(np.int64))
        return u < self.tables.contact.list_coverage

    def follow(self, customers: Any) -> Diary:
        """Record what some customers go through from now on; it changes no number.

        Parameters
        ----------
        customers : int or list of int
            Their numbers, 0 to N - 1; at most 1,000 of them.

        Returns
        -------
        Diary
            Shows itself as sentences; `table`, `states` and `sentences` tell what happened so far.

        Raises
        ------
        ValueError
            A customer that there is not: the message has the range.

        Examples
        --------
        >>> import sim
        >>> market = sim.Market("two_cafes", months=3)
        >>> diary = market.follow([42, 99])
        >>> market.run_model()
        >>> sorted(diary.table["customer"].unique().tolist())
        [42, 99]
        """
        self.diaries.append(Diary(self, followed(customers, len(self.customers))))
        return self.diaries[-1]

    def note_departures(self) -> None:
        """Record who left in the stage that runs now: true reason, and later what a survey reports."""
        c = self.customers
        ids = np.flatnonzero(c.left_now != 0)
        if len(ids) == 0:
            return
        gone = self._stage == "leave"
        self.departures.append(
            {
                "month": np.full(len(ids), self.month, dtype=np.uint16),
                "customer": ids.astype(np.int32),
                "generation": c.generation[ids] - np.uint16(gone),
                "firm": c.left_from[ids],
                "to": c.left_for[ids],
                "reason": c.left_now[ids] - np.uint8(1),
                "tenure": c.left_tenure[ids],
                "exit": np.full(len(ids), gone),
            }
        )
        c.left_now[ids] = 0
        if gone:
            c.left_from[ids] = -1
            c.left_for[ids] = -1
            c.left_because[ids] = 0
            c.left_month[ids] = -1

    def ask_surveys(self) -> None:
        """Customers and leavers are asked, where a firm pays for it."""
        ask_customers(self)
        ask_leavers(self)

    # ------------------------------------------------ a month

    def step(self) -> None:
        """One month: the nine stages, then the metrics."""
        for _ in self.pass_stages():
            pass
        with self._blaming_swaps("the month's end"):
            self.public = self._public_prices(self.heads[-1], self.means["discount"])
            self.census.take(self)
        for name, metric in METRICS.items():
            found = metric(self) if name in SHIPPED else self._own_metric(name, metric)
            if name not in self.metrics:  # listed since the market was made: missing in the months before
                self.metrics[name] = [np.full(len(self.firms), np.nan)] * self.month
            self.metrics[name].append(found)
        with self._loops_of_mechanisms():
            for own in self.mechanisms.values():
                for name, measured in own.mechanism.metrics.items():
                    self.metrics[name].append(measured(self, own))
        self.month += 1
        if self.month >= self.months:
            self.running = False

    def pass_stages(self) -> Iterator[str]:
        """The nine stages of a month; gives each one's name when it is done."""
        self.draws.begin(self.month)
        self.customers.clear_scratch()
        self.referrals.clear()
        for stage in STAGES:
            if self.mechanisms:
                with self._loops_of_mechanisms():
                    self._mechanisms_act("before", stage.name)
            self._stage = stage.name
            with self._blaming_swaps(f"stage {stage.name}"):
                self.swaps.run(stage, self)
            if self.mechanisms:
                with self._loops_of_mechanisms():
                    self._mechanisms_act("after", stage.name)
            if self.diaries and stage.name in LOOKS:
                for diary in self.diaries:
                    diary.see(stage.name)
            yield stage.name

    @contextlib.contextmanager
    def _blaming_swaps(self, what: str) -> Iterator[None]:
        """Inside, what fails where functions of the user's stand for stages or equations is told as what follows them."""
        try:
            yield
        except (UserError, LedgerError, MemoryError):
            raise
        except Exception as error:
            if not self.swaps.given:
                raise
            cure = (
                "a stage of yours does all that the shipped one does for those that follow (sim.explain tells what)"
                if self.swaps.stages
                else "its numbers are none that the market can go on with"
            )
            raise UserError(
                f"{what} failed in month {self.month + 1} after {', '.join(self.swaps.given)}, swapped by you: "
                f"{described(error)}; {cure}"
            ) from error

    def _own_metric(self, name: str, metric: Callable[[Any], Any]) -> np.ndarray:
        """A metric that is not shipped, held to what a metric is: one number a firm."""
        found = self.swaps.guard(metric, f"the metric {name}", self.month)(self)
        values = np.asarray(found)
        if values.shape != (len(self.firms),) or values.dtype.kind not in "biuf":
            raise UserError(
                f"the metric {name}, month {self.month + 1}: must give one number for each of the {len(self.firms)} firms, "
                f"in their order (got {plain_value(found)!r:.80})"
            )
        return values

    def _loops_of_mechanisms(self) -> contextlib.AbstractContextManager[None]:
        """Inside, their loops run as plain Python where the market does."""
        return as_written() if self._plain else contextlib.nullcontext()

    def _mechanisms_act(self, when: str, stage: str) -> None:
        """The steps of mechanisms before or after a stage; slots that were refilled get fresh columns."""
        c, place = self.customers, (when, stage)
        self.shared.clear()
        if place == ("before", "leave"):
            self._generation = c.generation.copy()
        if place == ("after", "leave"):
            newcomers = np.flatnonzero(c.generation != self._generation)
            for own in self.mechanisms.values():
                own.empty(self, newcomers)
        if place == ("after", "decide"):
            for own in self.mechanisms.values():
                own.take_plans(self)
        if place == ("after", "talk"):
            strike_tellers(c.teller, c.teller_firm)
        for own, step in self._steps.get(place, ()):
            step.function(self, own)

    def _steps_in_order(self) -> dict[tuple[str, str], list[tuple[Own, Step]]]:
        """The steps before and after each stage; after it backwards: who set a column first puts it back last."""
        found: dict[tuple[str, str], list[tuple[Own, Step]]] = {}
        owns = list(self.mechanisms.values())
        for when, in_turn in (("before", owns), ("after", owns[::-1])):
            for own in in_turn:
                for step in own.mechanism.steps:
                    if step.when == when:
                        found.setdefault((when, step.stage), []).append((own, step))
        return found

    def _around(self, stage: str) -> Iterator[str]:
        """A stage's name, and the mechanisms that act before and after it."""
        for when in ("before", "", "after"):
            if not when:
                yield stage
            for own, _ in self._steps.get((when, stage), ()):
                yield f"{own.mechanism.name} {when} {stage}"

    def pass_unmeasured(self) -> Iterator[str]:
        """A month without its metrics, stage by stage; it is done when the last stage was taken."""
        yield from self.pass_stages()
        with self._blaming_swaps("the month's end"):
            self.public = self._public_prices(self.heads[-1], self.means["discount"])
        self.month += 1

    def run_model(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Run to the end; `progress` is called with months done and months in all."""
        while self.month < self.months:
            self.step()
            if progress:
                progress(self.month, self.months)

    # ------------------------------------------------ reading

    @property
    def scenario(self) -> Scenario:
        """The scenario, with its changes."""
        return self._scenario  # type: ignore[no-any-return]

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        """Newer versions of Mesa give every model a scenario of their own kind: ours stays."""

    @property
    def agents(self) -> Any:
        """The customers, in an AgentSet's words: Mesa's collectors read them as agents."""
        return self.customers

    @property
    def state_hash(self) -> str:
        """SHA-256 over all columns and ledgers, as hex: equal hashes mean equal worlds, to the bit."""
        digest = hashlib.sha256()
        for name in self.customers.state:
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(getattr(self.customers, name)).tobytes())
        for mechanism in self.mechanisms.values():
            for name, array in mechanism.state.items():
                digest.update(name.encode())
                digest.update(np.ascontiguousarray(array).tobytes())
        for book in (*self.ledger.months, *self.ledger.counts):
            digest.update(book.tobytes())
        digest.update(self.ledger.departed.tobytes())
        own = [[f.skill, f.morale, f.staff or 0.0, f.deliverability, f.report_rate] for f in self.firms]
        digest.update(np.array([self.norm, *np.ravel(own)], dtype=np.float64).tobytes())
        return digest.hexdigest()

    def select(self, condition: Any = None) -> CustomerGroup:
        """The customers for whom a condition holds."""
        return self.customers.select(condition)


class _Rule:
    """A compiled decision rule."""

    __slots__ = ("condition", "text", "then")

    def __init__(self, condition: Any, text: str, then: Mapping[str, Any]) -> None:
        self.condition = condition
        self.text = text
        self.then = dict(then)


def _levels(tables: Any) -> Levels:
    """The table of levels as arrays, costs in money."""
    rows = [getattr(tables.decide.levels, name) for name in LEVELS]
    return Levels(*[np.array([float(getattr(row, field)) for row in rows]) for field in Levels._fields])


_pools: dict[int, ThreadPoolExecutor] = {}


def _pool(threads: int) -> ThreadPoolExecutor:
    if threads not in _pools:
        _pools[threads] = ThreadPoolExecutor(threads, thread_name_prefix="tenfold")
    return _pools[threads]
