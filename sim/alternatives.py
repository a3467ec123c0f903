"""What a comparison is given: names, and for each what is different in its world."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.carried_out import asked_by_policy, ruled
from sim.given import each_policy_once, is_policy
from sim.policies import POLICIES, Policy, make_policy
from sim.scenario.faults import nearest
from sim.scenario.finding import split

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Run

AS_IT_IS = "as it is"
"""The name of the unchanged world where it is not given one."""

WORDS = ("change", "policies", "swap")


class Alternative(NamedTuple):
    """What one world has of its own, in `run`'s words; `is_base` if nothing."""

    change: dict[str, Any]
    policies: dict[str, Any]
    swap: dict[str, Any]
    is_base: bool

    def words(self) -> dict[str, Any]:
        """The arguments for `run`."""
        return {"change": self.change, "policies": self.policies, "swap": self.swap}


def read_alternatives(given: Any, firm: str, swap: dict[str, Any]) -> dict[str, Alternative]:
    """Alternatives by name, the world as it is among them.

    Parameters
    ----------
    given : mapping or list
        Name -> a policy for `firm`, or a dict of `run`'s words; or policies' names.
    firm : str
    swap : dict
        What is swapped in all worlds.

    Raises
    ------
    ValueError, TypeError
        What is no alternative, with the nearest right word.
    """
    named = _named(given)
    worlds = {name: _read(name, one, firm, swap) for name, one in named.items()}
    unchanged = [name for name, world in worlds.items() if world.is_base]
    if len(unchanged) > 1:
        raise ValueError(
            f"alternatives: {', '.join(unchanged)} are the same world, as it is; leave out all but one"
        )
    if not unchanged:
        if AS_IT_IS in worlds:
            raise ValueError(
                f'alternatives: "{AS_IT_IS}" is the name of the world without changes; take another name'
            )
        worlds = {AS_IT_IS: Alternative({}, {}, dict(swap), True), **worlds}
    if len(worlds) < 2:
        raise ValueError(
            "alternatives: there is nothing to compare with the world as it is; name a policy or a change"
        )
    return worlds


def _named(given: Any) -> dict[str, Any]:
    """Alternatives by name, from a mapping, a list of policies, or one policy."""
    if isinstance(given, Mapping):
        if "name" in given and isinstance(given["name"], str) and given["name"] in POLICIES:
            given = [given]
        else:
            for name in given:
                if not isinstance(name, str) or not name.strip():
                    raise TypeError(f"alternatives: a name is a text (got {name!r})")
            return dict(given)
    if isinstance(given, str) or hasattr(given, "decide"):
        given = [given]
    if not isinstance(given, (list, tuple)):
        raise TypeError(
            f"alternatives: a dict of names, or a list of policies' names, is needed (got {given!r})"
        )
    named: dict[str, Any] = {}
    for one in given:
        name = one if isinstance(one, str) else one["name"] if isinstance(one, Mapping) else _kind(one)
        if name in named:
            raise ValueError(
                f'alternatives: "{name}" is there twice; give them names: {{"one": …, "other": …}}'
            )
        named[name] = one
    return named


def _kind(policy: Any) -> str:
    return policy.__name__ if isinstance(policy, type) else type(policy).__name__


def _read(name: str, one: Any, firm: str, swap: dict[str, Any]) -> Alternative:
    """One alternative: a policy for the firm, or a dict of `run`'s words."""
    if isinstance(one, Mapping) and "name" not in one:
        for word in one:
            if word not in WORDS:
                near = nearest(str(word), WORDS)
                hint = (
                    f'did you mean "{near}"?'
                    if near
                    else f"words are {', '.join(WORDS)}, or the name of a policy"
                )
                raise ValueError(f'alternatives."{name}": unknown word (got "{word}"); {hint}')
            if not isinstance(one[word], Mapping):
                raise TypeError(f'alternatives."{name}".{word}: must be a dict (got {one[word]!r})')
        own = {word: dict(one.get(word, {})) for word in WORDS}
        own["swap"] = {**swap, **own["swap"]}
        own["policies"], own["change"] = each_policy_once(own["policies"], own["change"])
        return Alternative(**own, is_base=not any(one.get(word) for word in WORDS))
    make_policy(
        dict(one) if isinstance(one, Mapping) else one, f'alternatives."{name}"'
    )  # refuses what is no policy
    return Alternative({}, {firm: dict(one) if isinstance(one, Mapping) else one}, dict(swap), False)


def overruled(name: str, run: Run, base: Run) -> Iterator[str]:
    """A sentence for each firm that has another policy than in the base, and rules that decided after it."""
    for firm, policy in run.policies.items():
        if run.given.get(firm) is base.given.get(firm) and policy == base.policies[firm]:
            continue
        rules = run.rules[(run.rules["firm"] == firm) & (run.rules["fired"] > 0)]
        said = [
            f"rule {place} ({then}) in {fired:,} customer-month{'s' if fired > 1 else ''}"
            for place, then, fired in zip(rules["rule"], rules["then"], rules["fired"], strict=True)
        ]
        if said:
            yield (
                f'"{name}": rules of {firm} come after its policy, and the later one wins. With seed {run.seed} '
                f"decided {', '.join(said)}."
            )


def overridden(run: Run, changes: Iterable[str]) -> Iterator[str]:
    """A sentence for each changed decision of a firm that rules decided wholly, or its policy in every month, and otherwise in the last.

    Nothing is said of a policy that looked at the firm's own plan: what it decides may come of the change.
    """
    market = run.market
    firms = {firm.name: firm for firm in market.firms}
    for address in changes:
        match split(address):
            case ["firms", name, "plan", decision]:
                firm = firms[name]
                asked, done, where = getattr(firm.table.plan, decision), getattr(firm.plan, decision), ""
            case ["mechanisms", mechanism, "firms", name, decision]:
                firm = firms[name]
                asked = getattr(getattr(market.tables.mechanisms, mechanism).firms[name], decision)
                done, where = firm.planned.get(mechanism, {}).get(decision, asked), mechanism
            case _:
                continue
        by = "" if where else dict(ruled(firm)).get(decision, "")
        if by:
            yield (
                f"{address} = {asked} does not hold: {by} of {name} decided it for everybody on record in every month, "
                "for rules come after the plan and its policy; change the rule in the scenario's file"
            )
        elif asked != done and (where, decision) in (firm.always or ()) and not firm.plan_read:
            own = name not in run.given and decision in getattr(firm.policy, "parameters", {})
            cure = f"change firms.{name}.policy.{decision}, or take" if own else "take"
            yield (
                f"{address} = {asked} does not hold: the policy {run.policies[name]} of {name} decides it itself "
                f"({done} in month {market.month}); {cure} the policy status_quo"
            )


def outruled(run: Run, changes: Iterable[str]) -> Iterator[str]:
    """A sentence for each firm whose policy was given or changed, and what it decides was wholly decided by rules after it."""
    changed = {path[1] for path in map(split, changes) if is_policy(path)}
    for firm in run.market.firms:
        if firm.name not in run.given and firm.name not in changed:
            continue
        decided = {name for where, name in firm.always or () if not where} | asked_by_policy(firm)
        said = [f"{name} by {by}" for name, by in ruled(firm) if name in decided]
        if said:
            yield (
                f"rules of {firm.name} come after its policy {run.policies[firm.name]}, and decided for everybody on record in "
                f"every month: {', '.join(said)}; change the rules in the scenario's file where the policy should decide"
            )


# ---------------------------------------------------------------- policies as they are given


def policy_name(policy: Any) -> str:
    """A shipped policy's name, or the name of the class."""
    return next((name for name, kind in POLICIES.items() if type(policy) is kind), type(policy).__name__)


def swapped(market: Market) -> list[str]:
    """The stages and equations that a function of the user's stands for."""
    return list(market.swaps.given)


def fresh(policies: Mapping[str, Any]) -> dict[str, Any]:
    """The policies with each object copied: what one remembers of a run must not reach the next."""
    copies = {}
    for firm, given in policies.items():
        try:
            copies[firm] = (
                copy.deepcopy(given)
                if isinstance(given, (Policy, dict)) or hasattr(given, "__dict__")
                else given
            )
        except TypeError as error:
            raise TypeError(
                f"policies.{firm}: {type(given).__name__} cannot be copied, and each run must begin with a fresh one "
                f"({error}); give the class instead of the object"
            ) from None
    return copies
