"""Recommendation: what a shop shows next, from what people bought before.

A shop sells some tens of items beside the main purchase. Who buys has some already; the matrix of customers and items is what the shop knows of
tastes that it cannot see. It shows each buyer one more item: by chance, the one that sells best, or by collaborative filtering, the one that goes
with those that the person has. A good fit is bought, the more of it by who trusts the firm: loyal customers buy other lines. The best seller for everybody sells, and makes all baskets alike.

Source: Linden, Smith & York 2003 (item-to-item collaborative filtering); Ansari, Essegaier & Kohli 2000; Fleder & Hosanagar 2009 (diversity).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from sim.mechanisms.frame import (
    Activity,
    Column,
    Decisions,
    Draw,
    Mechanism,
    MechanismTable,
    Own,
    Step,
    clip,
    columns,
    enter,
    loop,
    number,
    word,
)
from sim.plain import bits_of

ITEMS = 32
"""Items beside the main purchase: one bit each."""

HAS = -(1 << 60)
"""Score of an item that the buyer has: below what all others can add to it."""

METHODS = ("none", "random", "best_seller", "collaborative")


class RecommendationDecisions(Decisions):
    """How a firm recommends."""

    method: Literal["none", "random", "best_seller", "collaborative"] = word(
        "none", "by which rule an item is shown to a buyer"
    )


class RecommendationTable(MechanismTable):
    """Items, tastes, and what is shown to whom."""

    finds: float = number(0.05, "chance that a buyer finds an item without help", "chance a month", 0.0, 1.0)
    accepts: float = number(
        0.25,
        "chance that an item of perfect fit is bought when it is shown, by who trusts the firm fully",
        "chance",
        0.0,
        1.0,
    )
    trust_counts: float = number(0.8, "part of that chance that full distrust takes away", "share", 0.0, 1.0)
    narrow: float = number(
        4.0, "how fast liking falls with the distance between taste and item", "1/place", 0.1, 100.0
    )
    bestsellers: float = number(
        0.5, "liking of the most popular item beyond taste, falling to 0", "share", 0.0, 1.0
    )
    item_price: float = number(0.3, "price of an item, in baskets", "baskets", 0.0, 10.0)
    shown_cost: float = number(0.01, "cost of showing an item", "money", 0.0, 1e4)
    tool_cost: float = number(
        100.0, "cost of the tool, where items are recommended at all", "money a month", 0.0, 1e9
    )
    firms: dict[str, RecommendationDecisions] = Field(
        default_factory=dict, description="what firms decide, by name", max_length=30
    )


# ---------------------------------------------------------------- equations


def liking(taste: Any, item: Any, p: Any) -> Any:
    """How much somebody would like an item, 0 to 1: its place is near the taste, or it is one that all like.

    Items stand at even places of the line of tastes, in an order that mixes popular ones with others. Source: ours.
    """
    place = ((item * 13) % ITEMS + 0.5) / ITEMS
    near = clip(1.0 - p.narrow * np.abs(taste - place))
    popular = p.bestsellers * clip(1.0 - item / 6.0)
    return near + (1.0 - near) * popular


def acceptance(trust: Any, like: Any, p: Any) -> Any:
    """Chance that an item that is shown is bought: by how much it is liked, and by trust in the firm that shows it.

    Source: Peppers & Rogers 1993 (who trusts a firm buys its other lines); form and size ours.
    """
    return p.accepts * like * (1.0 - p.trust_counts * (1.0 - trust))


def similarity(together: np.ndarray) -> np.ndarray:
    """How often items go together: cosine between their columns of the purchase matrix, in whole thousandths.

    Parameters
    ----------
    together : float64 (ITEMS, ITEMS), customers who have both items; on the diagonal, who have one.

    Source: Linden, Smith & York 2003.
    """
    count = np.maximum(np.diag(together), 1.0)
    cosine = np.rint(1000.0 * together / np.sqrt(np.outer(count, count)))
    np.fill_diagonal(cosine, 0.0)
    return cosine


# ---------------------------------------------------------------- steps


def list_bits(items: Any, out: Any) -> Any:
    """The numbers of a customer's items, into ``out``; gives how many. Source: ours."""
    n, rest = 0, int(items)
    while rest:
        lowest = rest & -rest
        out[n] = (bits_of(float(lowest)) >> 52) - 1023  # the exponent of a power of two
        n += 1
        rest ^= lowest
    return n


@loop
def pair_rows(supplier, items, f, who, mine, together):
    """Customers of firm f who have both of two items, the first with the lower number, in whole numbers; ``who``, ``mine``: room for them and one's items."""
    found = 0
    for i in range(len(items)):
        who[found] = i
        found += (supplier[i] == f) & (items[i] != 0)
    for x in range(found):
        n = list_bits(items[who[x]], mine)
        for a in range(n):
            for b in range(a, n):
                together[mine[a], mine[b]] += 1


def bought_together(supplier: np.ndarray, items: np.ndarray, f: int) -> np.ndarray:
    """Customers of firm f who have both of two items, float64 (ITEMS, ITEMS), from everybody's bits; whole numbers."""
    together = np.zeros((ITEMS, ITEMS), dtype=np.int64)
    who, mine = np.empty(len(items), dtype=np.int64), np.empty(ITEMS + 1, dtype=np.int64)
    pair_rows(supplier, items, f, who, mine, together)
    return (together + np.triu(together, 1).T).astype(np.float64)


@loop
def choose_rows(items, alike, sold, mine, score, out):
    """The item shown to each buyer, -1 where none: of the highest score above 0, and of equal ones the first.

    ``sold`` int64 (ITEMS,), the score of an item for somebody who has none; ``alike`` int64 (ITEMS, ITEMS), what each item that the
    buyer has adds to it.
    """
    for x in range(len(items)):
        n = list_bits(items[x], mine)
        for k in range(ITEMS):
            score[k] = sold[k]
        for a in range(n):
            for k in range(ITEMS):
                score[k] += alike[mine[a], k]
        best, out[x] = 0, -1
        for k in range(ITEMS):
            if score[k] > best:
                best, out[x] = score[k], k


@loop
def chance_rows(items, u, mine, score, out):
    """The same by chance: of the items that the buyer has not."""
    for x in range(len(items)):
        n = list_bits(items[x], mine)
        for k in range(ITEMS):
            score[k] = (u[x] * ITEMS + k) % ITEMS + 1.0
        for a in range(n):
            score[mine[a]] = 0.0
        best, out[x] = 0.0, -1
        for k in range(ITEMS):
            if score[k] > best:
                best, out[x] = score[k], k


def choose(method: str, items: np.ndarray, together: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The item shown to each buyer, int64 (n,), -1 where none; never one that the buyer has.

    Parameters
    ----------
    items : uint32 (n,), the buyers' bits. together : of the firm's customers. u : (n,) uniform numbers.
    """
    out, mine = np.full(len(items), -1, dtype=np.int64), np.empty(ITEMS + 1, dtype=np.int64)
    if method == "random":
        chance_rows(items, u, mine, np.empty(ITEMS), out)
    elif method != "none" and len(items):
        sold = np.diag(together).astype(np.int64) + 1
        alike = np.zeros(together.shape, dtype=np.int64)
        if method == "collaborative":  # of equal ones the better seller
            alike += similarity(together).astype(np.int64) * sold.max()
        np.fill_diagonal(alike, HAS)
        choose_rows(items, alike, sold, mine, np.empty_like(sold), out)
    return out


BuyerColumns = columns("BuyerColumns", "supplier", "tenure", "bought", "items")


@loop
def buyer_rows(c, recommends, buyers, ids):
    """Buyers, and those of them whose firm recommends; gives how many. Who came to a supplier now has none of its items yet."""
    n, asked = 0, 0
    for i in range(len(c.supplier)):
        if (c.items[i] != 0) & ((c.supplier[i] < 0) | (c.tenure[i] == 0)):
            c.items[i] = 0
        buyers[n], ids[asked] = i, i
        buys = (c.supplier[i] >= 0) & (c.bought[i] > 0)
        n += buys
        asked += buys & recommends[max(c.supplier[i], 0)]
    return n, asked


def recommend(market: Any, own: Own) -> None:
    """Buyers find items by themselves, and are shown one by their firm."""
    c, p, firms = market.customers, own.p, len(market.firms)
    methods = own.words("method")
    recommends = np.array([method != "none" for method in methods])
    buyers, ids = np.empty((2, len(c)), dtype=np.int64)
    bought, asked = buyer_rows(c.bundle(BuyerColumns), recommends, buyers, ids)
    _sell(market, own, *_find(market, own, buyers[:bought]))
    ids = ids[:asked]
    luck = {name: own.uniform(market, name, ids) for name in ("shown", "accepts")}
    shown, hits, kinds = np.zeros(firms), np.zeros(firms), np.full(firms, np.nan)
    for f in range(firms):
        if methods[f] == "none":
            continue
        together = bought_together(c.supplier, c.items, f)
        mine = c.supplier[ids] == f
        buyers, u = ids[mine], luck["accepts"][mine]
        item = choose(methods[f], c.items[buyers], together, luck["shown"][mine])
        seen = item >= 0
        buyers, item, u = buyers[seen], item[seen], u[seen]
        takes = np.empty(len(item), dtype=np.bool_)
        take_rows(c.bundle(FindColumns), own.numbers, buyers, item, u, takes)
        _sell(market, own, buyers[takes], item[takes])
        own.charge(market, "recommending", buyers, p.shown_cost)
        shown[f], hits[f], kinds[f] = len(item), np.count_nonzero(takes), _diversity(item)
    own.book(market, "recommending_tool", p.tool_cost * recommends)
    own.state.update(shown=shown, hits=hits, diversity=kinds)


FindColumns = columns("FindColumns", "items", "taste", "trust")
SellColumns = columns("SellColumns", "supplier", "basket", "items", "month_profit_cents")


@loop
def find_rows(c, p, ids, finds, which, who, item):
    """Who of the buyers finds an item, one of all by chance that they like and have not, and which; gives how many."""
    n = 0
    for x in range(len(ids)):
        i = ids[x]
        one = min(int(which[x] * ITEMS), ITEMS - 1)
        has = int(c.items[i]) >> int(one) & 1
        like = liking(np.float64(c.taste[i]), one, p)
        who[n], item[n] = i, one
        n += (has == 0) & (finds[x] < clip(ITEMS / 4.0 * p.finds * like))
    return n


@loop
def take_rows(c, p, ids, item, u, takes):
    """Whether each takes the item that is shown."""
    for x in range(len(ids)):
        like = liking(np.float64(c.taste[ids[x]]), item[x], p)
        takes[x] = u[x] < acceptance(np.float64(c.trust[ids[x]]), like, p)


def _find(market: Any, own: Own, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Buyers who find an item, and which."""
    finds, which = (own.uniform(market, name, ids) for name in ("finds", "which"))
    who, item = np.empty((2, len(ids)), dtype=np.int64)
    here = market.customers.bundle(FindColumns)
    n = find_rows(here, own.numbers, ids, finds, which, who, item)
    return who[:n], item[:n]


@loop
def sell_rows(c, p, ids, item, price, unit_cost, lines, ledger, signs):
    """Revenue and goods of an item each, and its bit in the matrix."""
    for x in range(len(ids)):
        i = ids[x]
        f, value = c.supplier[i], p.item_price * np.float64(c.basket[i])
        enter(ledger, signs, c.month_profit_cents, f, i, lines[0], value * price[f])
        enter(ledger, signs, c.month_profit_cents, f, i, lines[1], value * unit_cost[f])
        c.items[i] |= np.uint32(1 << item[x])


def _sell(market: Any, own: Own, ids: np.ndarray, item: np.ndarray) -> None:
    """Each of the customers buys an item."""
    book, month = market.ledger, market.month_of_firms
    here, lines = (
        market.customers.bundle(SellColumns),
        np.array(own.place(market, "item_sales", "item_goods")),
    )
    sell_rows(
        here, own.numbers, ids, item, month.price, 1.0 - month.unit_margin, lines, book.current, book.signs
    )


def _diversity(items: np.ndarray) -> float:
    """How many different items are shown, as if all were shown equally often: 1 over the sum of squared shares."""
    share = np.bincount(items, minlength=ITEMS) / max(1, len(items))
    return float(1.0 / np.square(share).sum()) if len(items) else float("nan")


def hit_rate(market: Any, own: Own) -> np.ndarray:
    """Share of the items shown that were bought. Unit: share. Source: Linden, Smith & York 2003."""
    shown = own.state["shown"]
    return np.divide(own.state["hits"], shown, out=np.full(len(shown), np.nan), where=shown > 0)


def diversity(market: Any, own: Own) -> np.ndarray:
    """Items shown, as if all were shown equally often. Unit: items. Source: Fleder & Hosanagar 2009 for the question; measure ours."""
    return own.state["diversity"].copy()


def begin(market: Any, own: Own) -> None:
    """Nothing was shown yet."""
    firms = len(market.firms)
    own.state.update(shown=np.zeros(firms), hits=np.zeros(firms), diversity=np.full(firms, np.nan))


MECHANISM = Mechanism(
    name="recommendation",
    about=__doc__,
    table=RecommendationTable,
    decisions=RecommendationDecisions,
    columns=(Column("items", "uint32", "customer", "bits", "items bought from the supplier, one bit each"),),
    lines=(
        Activity("item_sales", 1, True, "other", "sales of items beside the main purchase"),
        Activity("item_goods", -1, True, "other", "cost of those items"),
        Activity("recommending", -1, True, "retention", "showing items to buyers"),
        Activity("recommending_tool", -1, False, "other", "the tool that recommends"),
    ),
    draws=(
        Draw("finds", 2050, "0", "whether a buyer finds an item"),
        Draw("which", 2051, "0", "which one"),
        Draw("shown", 2052, "0", "which is shown, by chance"),
        Draw("accepts", 2053, "0", "whether a shown item is bought"),
    ),
    equations=(liking, acceptance, similarity),
    steps=(Step("after", "buy", recommend),),
    begin=begin,
    metrics={"hit_rate": hit_rate, "diversity": diversity},
)
