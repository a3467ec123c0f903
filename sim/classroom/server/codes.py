"""Join codes, keys and numbers: drawn from the system's secret source, compared in constant time, tried at a limited rate."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable

_LIST = """
acorn amber anchor apple april arrow aspen atlas autumn badge bakery balcony bamboo banjo barley basil
basket beacon beaver berry birch bison blossom bonnet bottle boulder bramble brass bread breeze brick
bridge bronze brook bucket butter button cabin cable cactus camel canal candle canoe canyon carbon cargo
carrot castle cedar cello chalk cherry chess cider circle citrus clay cliff clover cobalt cocoa comet
copper coral cotton cradle crater cricket crystal curtain daisy delta denim desert diamond dolphin domino
donkey dragon drum eagle easel echo elbow ember emerald engine falcon feather fender fennel ferry fiddle
figure finch fjord flame flute forest fossil fountain fox galaxy garden garlic gazelle geyser ginger
glacier globe goblet granite grape gravel guitar hammer harbor harp harvest hazel heron hickory honey
horizon hunter igloo indigo iris island ivory jacket jade jasmine jersey jigsaw jungle juniper kayak
kernel kettle kitten ladder lagoon lantern lapis lark laurel lava lemon lentil lilac lily linen lizard
lobster lotus lumber lunar magnet mango maple marble marina marsh meadow melon mercury meteor mint mirror
mitten mosaic moss mountain mustard nectar needle nickel noodle nutmeg oak oasis ocean olive onion opal
orange orbit orchid osprey otter oyster paddle palm panda paper parade parrot pasta pearl pebble pecan
pelican pepper petal piano pigeon pillow pine planet plum pocket polar pony poplar poppy prairie prism
pumpkin puzzle quail quartz quill rabbit radish raven reef ribbon river robin rocket rose ruby saddle
saffron sage salmon sandal sapphire satin scarf school sequoia shadow sherry silver skate sky slate sleigh
snow sonnet spark sparrow spice spiral spruce square stable star stone storm stream sugar summit sunset
swan table tango tape tartan teapot temple tiger timber toast tomato topaz tower trail trumpet tulip
tunnel turtle umbrella valley vanilla velvet violet violin walnut walrus water willow window winter wizard
wolf yarrow yellow zebra zenith zephyr
"""
WORDS = tuple(_LIST.split())
"""Words that are heard and typed without doubt."""

LOWEST, HIGHEST = 1000, 9999


def new_code() -> str:
    """A join code, such as RIVER-MAPLE-4271: one of `codes()`."""
    words = "-".join(secrets.choice(WORDS) for _ in range(2)).upper()
    return f"{words}-{LOWEST + secrets.randbelow(HIGHEST - LOWEST + 1)}"


def codes() -> int:
    """How many join codes there are: two words and a number."""
    return len(WORDS) ** 2 * (HIGHEST - LOWEST + 1)


def same_code(given: str, code: str) -> bool:
    """Whether somebody typed this code; case, blanks and dashes do not matter."""
    return hmac.compare_digest(_plain(given), _plain(code))


def _plain(code: str) -> bytes:
    return re.sub(r"[\W_]+", "", code).upper().encode()


def new_key() -> str:
    """A secret of 256 bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


def short_key() -> str:
    """A secret of 96 bits that stands in the square code: nobody guesses it at any rate."""
    return secrets.token_urlsafe(12)


def new_number() -> str:
    """A student's four-digit number."""
    return f"{secrets.randbelow(10_000):04d}"


def digest(key: str) -> str:
    """What is kept of a secret: its SHA-256, from which a secret of 256 bits cannot be told."""
    return hashlib.sha256(key.encode()).hexdigest()


def same(given: str, kept: str) -> bool:
    """Whether a secret has this digest."""
    return hmac.compare_digest(digest(given), kept)


class Tries:
    """So many tries at once, and then some a second: a bucket that fills again. Nobody is locked out for long.

    Parameters
    ----------
    most : tries at once. a_second : how fast they come back. clock : seconds.
    """

    KEPT = 10_000

    def __init__(self, most: float, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.a_second, self.clock = most, a_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def within(self, seconds: float) -> float:
        """Tries that somebody has in so many seconds at most."""
        return self.most + seconds * self.a_second

    def left(self, who: str) -> float:
        """Tries that somebody has now."""
        now = self.clock()
        left, then = self._left.get(who, (self.most, now))
        return min(self.most, left + (now - then) * self.a_second)

    def wait(self, who: str) -> float:
        """Seconds until somebody may try again; 0 where it is now."""
        left = self.left(who)
        return 0.0 if left >= 1.0 else (1.0 - left) / self.a_second

    def spend(self, who: str) -> None:
        """One try less: it was wrong, or counts."""
        left = self.left(who)
        if len(self._left) >= self.KEPT:
            self._left = {name: pair for name, pair in self._left.items() if self.left(name) < self.most}
        self._left[who] = (max(0.0, left - 1.0), self.clock())
