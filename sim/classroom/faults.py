"""What goes wrong in a class game: a line a fault, with the cure."""

from __future__ import annotations


class GameError(ValueError):
    """Something that the game's rules do not allow; the message says what, and the cure."""


class WrongVersion(GameError):
    """The game was made by another model, or its folder by another format."""


class Forgotten(GameError):
    """All names were forgotten meanwhile: nothing is written with them."""
