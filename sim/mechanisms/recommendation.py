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
    draw,
    enter,
    loop,
    number,
    word,
)

ITEMS = 32
"""Items beside the main purchase: one bit each."""

HAS = -(1 << 60)
"""What having an item adds to its score: all else together is less."""

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


def similarity(both: Any, one: Any, other: Any) -> Any:
    """How often two items go together: cosine between their columns of the purchase matrix, in whole thousandths.

    ``both``: customers who have the two; ``one``, ``other``: who have each. Source: Linden, Smith & York 2003.
    """
    return np.rint(1000.0 * both / np.sqrt(np.maximum(one, 1.0) * np.maximum(other, 1.0)))


# ---------------------------------------------------------------- steps


def ones(word: Any) -> Any:
    """How many of 64 bits are set: of two, of four, of eight, and in all. Source: Warren 2013, Hacker's Delight."""
    word = word - (word >> 1 & 0x5555555555555555)
    word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333)
    return (word + (word >> 4) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56


@loop
def pair_rows(supplier, items, f, together):
    """Customers of firm f who have both of two items, in whole numbers.

    Of each 64 customers, the bits of an item make a word; the words of two items have in common who has both. That takes a quarter
    of the time of counting customer by customer.
    """
    n, who, some = 0, np.empty(len(items), dtype=np.int64), np.empty(64, dtype=np.int64)
    for i in range(len(items)):
        who[n] = i
        n += (supplier[i] == f) & (items[i] != 0)
    words = np.empty((ITEMS, (n + 63) // 64), dtype=np.int64)
    for at in range(words.shape[1]):
        for x in range(64):
            some[x] = np.int64(items[who[64 * at + x]]) if 64 * at + x < n else 0
        for k in range(ITEMS):
            word = 0
            for x in range(64):
                word |= (some[x] >> k & 1) << x
            words[k, at] = word
    for a in range(ITEMS):
        for b in range(a, ITEMS):
            both = 0
            for at in range(words.shape[1]):
                both += ones(words[a, at] & words[b, at])
            together[a, b] = together[b, a] = both


def bought_together(supplier: np.ndarray, items: np.ndarray, f: int) -> np.ndarray:
    """Customers of firm f who have both of two items, int64 (ITEMS, ITEMS), from everybody's bits; on the diagonal, who have one."""
    together = np.empty((ITEMS, ITEMS), dtype=np.int64)
    pair_rows(supplier, items, f, together)
    return together


@loop
def choose_rows(ids, items, together, alike, out):
    """The item shown to each buyer, -1 where none: of the highest score above 0, and of equal ones the first.

    A score is how many have the item, and with ``alike`` first how far it goes with each that the buyer has. Every four
    bits of a buyer look up what they add to all scores, in `scores`: no branch a buyer.
    A score is counted in steps of ITEMS, and the item's place from the end is added: the highest tells the item.
    """
    one, scores, most = np.empty(ITEMS, dtype=np.int64), np.empty((ITEMS // 4, 16, ITEMS), dtype=np.int64), 1
    for k in range(ITEMS):
        most = max(most, together[k, k] + 1)
    for a in range(ITEMS):
        place, bit = a // 4, 1 << a % 4
        for k in range(ITEMS):
            goes = similarity(together[a, k], together[a, a], together[k, k]) if alike else 0.0
            one[k] = HAS if a == k else np.int64(goes) * most * ITEMS
            if bit == 1:
                scores[place, 0, k] = (together[k, k] + 2) * ITEMS - 1 - k if place == 0 else 0
        for value in range(bit, 2 * bit):
            for k in range(ITEMS):
                scores[place, value, k] = scores[place, value - bit, k] + one[k]
    for x in range(len(ids)):
        bits, best = int(items[ids[x]]), 0
        for k in range(ITEMS):
            score = 0
            for place in range(ITEMS // 4):
                score += scores[place, bits >> 4 * place & 15, k]
            best = max(best, score)
        out[x] = ITEMS - 1 - best % ITEMS if best else -1


@loop
def chance_rows(ids, items, month, code, key0, key1, out):
    """The same by chance: of the items that the buyer has not."""
    for x in range(len(ids)):
        u, best, out[x] = draw(ids[x], 0, month, code, key0, key1), 0.0, -1
        for k in range(ITEMS):
            score = (u * ITEMS + k) % ITEMS + 1.0
            if (int(items[ids[x]]) >> k & 1 == 0) & (score > best):
                best, out[x] = score, k


def choose(
    method: str, ids: np.ndarray, items: np.ndarray, together: np.ndarray, luck: tuple[int, ...]
) -> np.ndarray:
    """The item shown to each buyer, int64 (n,), -1 where none; never one that the buyer has.

    Parameters
    ----------
    ids : int64 (n,), the buyers. items : uint32 (N,), everybody's bits. together : of the firm's customers. luck : month, code and key
    of the draw by chance.
    """
    out = np.full(len(ids), -1, dtype=np.int64)
    if method == "random":
        chance_rows(ids, items, *luck, out)
    elif method != "none":
        choose_rows(ids, items, together, method == "collaborative", out)
    return out


ItemColumns = columns(
    "ItemColumns", "supplier", "tenure", "bought", "items", "taste", "trust", "basket", "month_profit_cents"
)


@loop
def buyer_rows(c, buyers):
    """Buyers; gives how many. Who came to a supplier now has none of its items yet."""
    n = 0
    for i in range(len(c.supplier)):
        c.items[i] = 0 if (c.supplier[i] < 0) | (c.tenure[i] == 0) else c.items[i]
    for i in range(len(c.supplier)):
        buyers[n] = i
        n += (c.supplier[i] >= 0) & (c.bought[i] > 0)
    return n


def sell(
    c: Any, p: Any, i: Any, item: Any, price: Any, margin: Any, lines: Any, ledger: Any, signs: Any
) -> None:
    """Revenue and goods of an item that customer i buys of the supplier, and its bit in the matrix."""
    f, value = c.supplier[i], p.item_price * np.float64(c.basket[i])
    enter(ledger, signs, c.month_profit_cents, f, i, lines[0], value * price[f])
    enter(ledger, signs, c.month_profit_cents, f, i, lines[1], value * (1.0 - margin[f]))
    c.items[i] |= np.uint32(1 << item)


@loop
def find_rows(c, p, ids, month, finds, key0, key1, which, price, margin, lines, ledger, signs):
    """Each of the buyers may find an item, one of all by chance, that they like and have not."""
    luck, one, likely = np.empty(len(ids)), np.empty(len(ids)), np.empty(len(ids))
    for x in range(len(ids)):
        luck[x] = draw(ids[x], 0, month, finds, key0, key1)
    for x in range(len(ids)):
        one[x] = min(draw(ids[x], 0, month, which, key0, key1) * ITEMS, ITEMS - 1.0)
    for x in range(len(ids)):
        likely[x] = c.taste[ids[x]]
    for x in range(len(ids)):
        likely[x] = clip(ITEMS / 4.0 * p.finds * liking(likely[x], int(one[x]), p))
    for x in range(len(ids)):
        i, item = ids[x], int(one[x])
        if (luck[x] < likely[x]) & (int(c.items[i]) >> item & 1 == 0):
            sell(c, p, i, item, price, margin, lines, ledger, signs)


@loop
def list_buyers(supplier, buyers, f, ids):
    """Buyers of firm f, into ``ids``; gives how many."""
    n = 0
    for x in range(len(buyers)):
        ids[n] = buyers[x]
        n += supplier[buyers[x]] == f
    return n


@loop
def show_rows(c, p, f, ids, items, month, code, key0, key1, price, margin, lines, ledger, signs, counts):
    """Buyers of firm f are shown an item, which costs it, and take it or not; gives how many are shown one, and take it. ``counts``: how often each item is shown."""
    shown, hits, luck = 0, 0, np.empty(len(ids))
    ledger[f, lines[3]] += np.int64(np.rint(p.tool_cost * 100.0))
    for x in range(len(ids)):
        luck[x] = draw(ids[x], 0, month, code, key0, key1)
    for x in range(len(ids)):
        i, item = ids[x], items[x]
        if item < 0:
            continue
        shown += 1
        counts[item] += 1
        enter(ledger, signs, c.month_profit_cents, f, i, lines[2], p.shown_cost)
        like = liking(np.float64(c.taste[i]), item, p)
        if luck[x] < acceptance(np.float64(c.trust[i]), like, p):
            hits += 1
            sell(c, p, i, item, price, margin, lines, ledger, signs)
    return shown, hits


def recommend(market: Any, own: Own) -> None:
    """Buyers find items by themselves, and are shown one by their firm."""
    c, firms, book = market.customers, len(market.firms), market.ledger
    methods = own.follows("methods", lambda: own.words("method"))
    lines = own.follows(
        "lines",
        lambda: np.array(own.place(market, "item_sales", "item_goods", "recommending", "recommending_tool")),
    )
    here, month = c.bundle(ItemColumns), market.month_of_firms
    to_sell = month.price, month.unit_margin, lines, book.current, book.signs
    who = np.empty(len(c), dtype=np.int64)
    buyers = who[: buyer_rows(here, who)]
    finds, which = own.claim(market, "finds"), own.claim(market, "which")[1]
    find_rows(here, own.numbers, buyers, *finds, which, *to_sell)
    by_chance, accepts = own.claim(market, "shown"), own.claim(market, "accepts")
    shown, hits, kinds = np.zeros(firms), np.zeros(firms), np.full(firms, np.nan)
    for f in range(firms):
        if methods[f] == "none":
            continue
        together = bought_together(c.supplier, c.items, f)
        ids = np.empty_like(buyers)
        ids = ids[: list_buyers(c.supplier, buyers, f, ids)]
        item, counts = choose(methods[f], ids, c.items, together, by_chance), np.zeros(ITEMS)
        shown[f], hits[f] = show_rows(here, own.numbers, f, ids, item, *accepts, *to_sell, counts)
        kinds[f] = _diversity(counts / shown[f]) if shown[f] else np.nan
    own.state.update(shown=shown, hits=hits, diversity=kinds)


def _diversity(share: np.ndarray) -> float:
    """How many different items are shown, as if all were shown equally often: 1 over the sum of squared shares."""
    return float(1.0 / np.square(share).sum())


def hit_rate(market: Any, own: Own) -> np.ndarray:
    """Share of the items shown that were bought. Unit: share. Source: Linden, Smith & York 2003."""
    shown, hits = own.state["shown"], own.state["hits"]
    return hits / np.where(shown > 0, shown, np.nan)  # type: ignore[no-any-return]


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
