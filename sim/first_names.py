"""First names for readers: a customer's number as somebody to read about; never in tables, and nothing is drawn by them."""

from __future__ import annotations

NAMES = (
    "Anna", "Kwame", "Mei", "Diego", "Fatima", "Lars", "Priya", "Tomás", "Aiko", "Omar", "Sofia", "Emeka", "Ingrid", "Ravi",
    "Leila", "Mateo", "Olga", "Kofi", "Yuki", "Carlos", "Zainab", "Erik", "Linh", "Pablo", "Nadia", "Jamal", "Chiara", "Haruto",
    "Amina", "Piotr", "Lucía", "Tariq", "Freya", "Thuy", "Marta", "Sipho", "Elena", "Arjun", "Noor", "João", "Katya", "Bilal",
    "Maya", "Henrik", "Thandi", "Luca", "Sana", "Marek", "Ana", "Hassan", "Yara", "Stefan", "Wanjiru", "Bruno", "Lin", "Ahmed",
    "Greta", "Rohan", "Inês", "Tunde", "Hana", "Miguel", "Aisha", "Nils", "Dilara", "Oscar", "Mariam", "Petr", "Kiri", "Emre",
    "Clara", "Jiho", "Nia", "Andrei", "Soraya", "Finn", "Lakshmi", "Hugo", "Ebba", "Karim", "Rosa", "Minh", "Astrid", "Paulo",
    "Zuri", "Ivan", "Minji", "Rafael", "Salma", "Anders", "Ngozi", "Dmitri", "Beatriz", "Siddharth", "Moana", "Felipe", "Eva",
)  # fmt: skip
"""First names of many countries; the place in the list means nothing."""

_STEP, _NEXT_LIFE, _ANNA = 37, 11, 42


def first_name(customer: int, generation: int = 0) -> str:
    """A first name for a customer's number, the same in every run.

    Parameters
    ----------
    customer : int, 0 or more.
    generation : int, 0 or more
        How often the place was taken by somebody new: each has another name than the one before.

    Examples
    --------
    >>> first_name(42), first_name(42, 1) != first_name(42)
    ('Anna', True)
    """
    return NAMES[(_STEP * (int(customer) - _ANNA) + _NEXT_LIFE * int(generation)) % len(NAMES)]


def called(customer: int, generation: int = 0) -> str:
    """The name with the number that says who is meant: Anna (42)."""
    return f"{first_name(customer, generation)} ({customer})"
