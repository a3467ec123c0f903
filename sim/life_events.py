"""Events of a life: what happened to a followed customer, worked out from what the diary saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.failures import ANSWERS, Failure, failures_of
from sim.mechanisms.failing import KINDS
from sim.scenario.words import AWARE_BY, LEVELS, PENDING_BY, PERMISSIONS, REASONS, WON_BY

if TYPE_CHECKING:
    from sim.diary import Diary, Month
    from sim.market import Market

_MOODS = {-1: "unhappy", 1: "happy"}
_NEED_ENDED = REASONS.index("need ended")
_CONSENT, _OPTED_OUT = (1, 2), PERMISSIONS.index("opted_out")


def events_of(diary: Diary, market: Market, asked: dict[tuple[int, int], int]) -> Iterator[tuple[Any, ...]]:
    """Rows of the table, firms and hearers still as numbers; ``asked``: (month, customer) -> the survey's answer."""
    spent = diary.months[0].before["spent"] if diary.months else np.empty(0)
    for month in diary.months:
        seen = month._replace(before={**month.before, "spent": spent})
        spent = _spent_at_the_end(seen)
        for place, customer in enumerate(diary.ids):
            life = int(seen.after["generation"][place]) + 1
            failures = (
                failures_of(market, int(customer), seen.month, seen.served[place], _added(seen, place))
                if place in seen.served
                else []
            )
            answer = asked.get((seen.month, int(customer)))
            for event in _of_month(seen, place, answer, failures, knows="serve" not in market.swaps.stages):
                yield (seen.month + 1, int(customer), life, *event)


def _added(seen: Month, i: int) -> dict[str, int]:
    """What came of the failures that mechanisms added, by kind."""
    kept = {kind: seen.after.get(f"{kind}_answer") for kind in KINDS}
    return {kind: int(answers[i]) for kind, answers in kept.items() if answers is not None}


def _spent_at_the_end(seen: Month) -> np.ndarray:
    """The records of spend, as `account` leaves them: with the month's; nothing for who is gone. float64 (F, n)."""
    spent = seen.after["spent"].astype(np.float64)
    has = np.flatnonzero(seen.after["supplier"] >= 0)
    spent[seen.after["supplier"][has], has] += seen.after["month_spent_cents"][has] * 0.01
    spent[:, seen.gone] = 0.0
    return spent


def _row(event: str, firm: int, *, to: int = -1, times: Any = None, amount: Any = None, share: Any = None,
         severity: Any = None, cause: str | None = None, hearers: Any = None) -> tuple[Any, ...]:  # fmt: skip
    return (event, firm, to, times, amount, share, severity, cause, hearers)


def _of_month(
    seen: Month, i: int, answer: int | None, failures: list[Failure], knows: bool
) -> Iterator[tuple[Any, ...]]:
    """What one customer went through in one month; ``knows``: whether all failures are known."""
    now, before = seen.after, seen.before
    s = int(now["supplier"][i])
    yield from _decided(now, before, i, is_first=seen.month == 0)
    yield from _known(now, before, i, seen.month)
    voiced = sum(failure.answer != ANSWERS[0] for failure in failures)
    yield from _written_to(now, before, i, voiced if knows else None)
    yield from _moved(now, before, i, seen.month)
    if answer is not None:
        yield _row("survey", _left_firm(seen, i), cause=REASONS[answer])
    yield from _bought(now, before, i)
    for failure in failures:
        severity = None if failure.severity is None else round(failure.severity, 3)
        yield _row(failure.event, s, severity=severity, cause=failure.answer)
    if now["mood"][i]:
        yield _row(_MOODS[int(now["mood"][i])], int(now["mood_firm"][i]))
    if s == _supplier(now, before, i) and now["pending_by"][i] > before["pending_by"][i]:
        yield _row("thought", s, cause=PENDING_BY[now["pending_by"][i]])
    yield from _talked(seen, i)
    if seen.gone[i]:
        tenure = int(now["tenure"][i]) + 1 if s >= 0 else None
        yield _row("gone", s, times=tenure, cause=REASONS[_NEED_ENDED] if s >= 0 else None)


def _left_firm(seen: Month, i: int) -> int:
    """Which firm a leaver of this month left."""
    if seen.after["fired_by"][i] >= 0:
        return int(seen.after["fired_by"][i])
    return int(seen.after["supplier" if seen.gone[i] else "left_from"][i])


def _supplier(now: Any, before: Any, i: int) -> int:
    """The supplier when the month began, but for who was fired."""
    return -1 if now["fired_by"][i] >= 0 else int(before["supplier"][i])


def _decided(now: Any, before: Any, i: int, is_first: bool) -> Iterator[tuple[Any, ...]]:
    """The plan of the month reaches the customer; the first one is no change."""
    s = int(now["supplier"][i])
    if now["fired_by"][i] >= 0:
        yield _row("fired", int(now["fired_by"][i]), times=int(now["left_tenure"][i]))
    if s < 0 or s != before["supplier"][i] or is_first:
        return
    if now["level"][i] != before["level"][i]:
        yield _row("level", s, cause=LEVELS[now["level"][i]])
    if now["discount"][i] != before["discount"][i]:
        yield _row("discount", s, share=round(float(now["discount"][i]), 4))


def _known(now: Any, before: Any, i: int, month: int) -> Iterator[tuple[Any, ...]]:
    """Firms heard of and forgotten."""
    for f in range(len(now["aware"])):
        is_known = bool(now["aware"][f, i])
        if before["aware"][f, i] and not is_known and now["fired_by"][i] != f:
            yield _row("forgot", f)
        if is_known and now["aware_month"][f, i] == month:
            by, teller = AWARE_BY[now["aware_by"][f, i]], int(now["teller"][i])
            referred = by == "referral" and teller >= 0 and now["teller_firm"][i] == f
            yield _row(
                "heard of",
                f,
                cause=f"referral by {_whom(teller, int(now['teller_life'][i]))}" if referred else by,
            )


def _whom(customer: int, generation: int) -> str:
    """A customer's number, and which life, where somebody new has taken the place: 7, 7 (life 2)."""
    return f"{customer} (life {generation + 1})" if generation else f"{customer}"


def _written_to(now: Any, before: Any, i: int, voiced: int | None) -> Iterator[tuple[Any, ...]]:
    """Messages and offers, and what the customer said to them; ``voiced``: failures complained about, if known."""
    for f in range(len(now["relevance"])):
        if now["relevance"][f, i] > 0:
            yield _row("read", f)
        if "offer" in now and now["offer"][f, i] > 0:
            yield _row("offered", f, share=round(float(now["offer"][f, i]), 4))
        more = int(now["complaints"][f, i]) - int(before["complaints"][f, i])
        if f == now["supplier"][i]:
            more -= more if voiced is None else voiced
        if more > 0:
            yield _row("complained", f, cause="messages")
        if now["permission"][f, i] == _OPTED_OUT and before["permission"][f, i] != _OPTED_OUT:
            yield _row("opted out", f)
        if now["permission"][f, i] in _CONSENT and before["permission"][f, i] not in _CONSENT:
            yield _row("said yes", f)


def _moved(now: Any, before: Any, i: int, month: int) -> Iterator[tuple[Any, ...]]:
    """Suppliers left and found in `buy`."""
    s, was = int(now["supplier"][i]), _supplier(now, before, i)
    left = now["left_month"][i] == month and REASONS[now["left_because"][i]] != "fired"
    if left:
        first, to = int(now["left_from"][i]), int(now["left_for"][i])
        if first != was and was >= 0:  # two moves in one month: the market keeps the reason of the last
            yield _row("left", was, to=first)
        tenure, reason = int(now["left_tenure"][i]), REASONS[now["left_because"][i]]
        yield _row("left", first, to=to, times=tenure, cause=reason)
    if s >= 0 and (s != was or left):
        yield _row("joined", s, cause=WON_BY[now["won_by"][i]])


def _bought(now: Any, before: Any, i: int) -> Iterator[tuple[Any, ...]]:
    """Purchases and visits, firm by firm; what the customer took more of."""
    s = int(now["supplier"][i])
    for f in range(len(now["identified"])):
        times = int(now["identified"][f, i]) - int(before["identified"][f, i])
        visits = int(now["visited"][i]) if f == s else 0
        amount = float(now["spent"][f, i]) - float(
            before["spent"][f, i]
        )  # of who moved: closed within the month
        amount = round(amount + (now["month_spent_cents"][i] / 100.0 if f == s else 0.0), 2)
        if times > visits:
            yield _row("bought", f, times=times - visits, amount=amount)
        if visits:
            yield _row("visited", f, times=visits, amount=None if times > visits else amount)
    if s >= 0 and s == _supplier(now, before, i):
        if now["products"][i] > before["products"][i]:
            yield _row("product", s, times=int(now["products"][i]))
        if now["tier"][i] > before["tier"][i]:
            yield _row("tier", s, times=int(now["tier"][i]))


def _talked(seen: Month, i: int) -> Iterator[tuple[Any, ...]]:
    """What was heard and told."""
    for f in range(len(seen.after["told_bad"])):
        for column, news in (("told_bad", "bad"), ("told_good", "good")):
            if seen.after[column][f, i]:
                yield _row("heard", f, times=int(seen.after[column][f, i]), cause=news)
    for telling in seen.tellings.get(i, []):
        yield _row("told", telling.firm, times=len(telling.hearers), cause="bad" if telling.bad else "good",
                   hearers=telling.suppliers)  # fmt: skip
