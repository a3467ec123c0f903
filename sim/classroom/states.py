"""A market's state as a file, so that a round begins where the last one ended.

It is a cache and nothing more: a file carries the key of what it is the state of, and a digest. One that is
missing, damaged or about something else is not read, and the rounds are played again from the first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.policies.plan import MonthPlan
from sim.scenario.writing import write_whole
from sim.snapshots import AGENT, LISTS, Snapshot

if TYPE_CHECKING:
    from sim.market import Market

_FIELDS = (
    "columns", "mechanisms", "firms", "values", "lists", "metrics", "lines", "books", "sums", "census", "group", "counted",
)  # fmt: skip
_REMADE = ("table", "rules", "policy")
"""What a firm has from the scenario and from its team: it is not in the file."""


def write_state(market: Market, file: Path, key: str) -> None:
    """Write the state of a market between two months; one that cannot be written is not, and is replayed."""
    snapshot = Snapshot(market)
    said = {name: getattr(snapshot, name) for name in _FIELDS}
    said["firms"] = [{k: v for k, v in firm.items() if k not in _REMADE} for firm in snapshot.firms]
    said["memories"] = [_memory(firm["policy"]) for firm in snapshot.firms]
    arrays: list[np.ndarray] = []
    try:
        tree = _packed(said, arrays)
    except TypeError:
        return
    shapes = [[a.dtype.str, list(a.shape)] for a in arrays]
    head = json.dumps({"key": key, "arrays": shapes, "tree": tree}).encode()
    body = b"\n".join([head, b"".join(a.tobytes() for a in arrays)])
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, hashlib.sha256(body).hexdigest().encode() + b"\n" + body, force=True)


def read_state(market: Market, file: Path, key: str) -> bool:
    """Set a market that has just been made to the state of a file; whether there was one, whole and with this key."""
    try:
        digest, _, body = file.read_bytes().partition(b"\n")
    except OSError:
        return False
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return False
    head, _, data = body.partition(b"\n")
    said = json.loads(head)
    if said["key"] != key:
        return False
    arrays, at = [], 0
    for kind, shape in said["arrays"]:
        n = int(np.prod(shape, dtype=np.int64))
        dtype = np.dtype(kind)
        arrays.append(np.frombuffer(data, dtype, n, at).reshape(shape).copy())
        at += n * dtype.itemsize
    told = _unpacked(said["tree"], arrays)
    if told["lists"].keys() != set(LISTS) or any(
        values.keys() != vars(firm).keys() - {*AGENT, *_REMADE}
        for firm, values in zip(market.firms, told["firms"], strict=True)
    ):
        return False  # of another build of the program
    snapshot = Snapshot.__new__(Snapshot)
    snapshot.market, snapshot.draws = market, market.draws  # a month begins with new draws of the same key
    for name in _FIELDS:
        setattr(snapshot, name, told[name])
    for firm, values, memory in zip(market.firms, snapshot.firms, told["memories"], strict=True):
        firm.policy.__dict__.update(memory)
        values.update({name: getattr(firm, name) for name in _REMADE})
    snapshot.restore()
    return True


def _memory(policy: Any) -> dict[str, Any]:
    """What a policy remembers; a team's remembers nothing from one round to the next."""
    return {} if hasattr(policy, "decisions") else dict(vars(policy))


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """Plain data as JSON has it, arrays apart; the kind of each container is kept."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value if not isinstance(value, np.generic) else {"n": [value.dtype.str, value.item()]}
    if isinstance(value, np.generic):
        return {"n": [value.dtype.str, value.item()]}
    if isinstance(value, np.ndarray):
        arrays.append(np.ascontiguousarray(value).reshape(value.shape))
        return {"a": len(arrays) - 1}
    if isinstance(value, MonthPlan):
        return {"p": _packed(vars(value), arrays)}
    if isinstance(value, dict):
        return {"d": [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"l" if isinstance(value, list) else "t": [_packed(one, arrays) for one in value]}
    if isinstance(value, set):
        return {"s": [_packed(one, arrays) for one in sorted(value)]}
    raise TypeError(f"no plain data: {type(value).__name__}")


def _unpacked(tree: Any, arrays: list[np.ndarray]) -> Any:
    if not isinstance(tree, dict):
        return tree
    ((kind, inside),) = tree.items()
    if kind == "n":
        return np.dtype(inside[0]).type(inside[1])
    if kind == "a":
        return arrays[inside]
    if kind == "p":
        return MonthPlan(**_unpacked(inside, arrays))
    if kind == "d":
        return {_unpacked(k, arrays): _unpacked(v, arrays) for k, v in inside}
    values = [_unpacked(one, arrays) for one in inside]
    return {"l": list, "t": tuple, "s": set}[kind](values)
