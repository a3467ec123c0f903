"""What a table of the scenario file is made of: strict tables, numbers and words with what `explain` prints.

Confidence, as in the design: *published* (the number, or one from which it follows, stands in the
named source), *folk* (often quoted, no sound source), *ours*; with *fitted* where it was set until
a pattern appeared, so that agreement with that pattern is no evidence.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from pydantic import BaseModel, ConfigDict, Field, create_model


class Fixed(dict[Any, Any]):
    """A dict that stays as it was made; a copy by `dict(...)` may change."""

    def _stays(self, *_given: Any, **_more: Any) -> NoReturn:
        raise TypeError(f"a scenario does not change; write {Table._instead}")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _stays  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Fixed, (dict(self),)


class Table(BaseModel):
    """A table of the scenario file: unknown keys are refused, numbers are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, strict=True)
    _instead: ClassVar[str] = 'sim.run(scenario, change={"talk.unhappy_tells": 0})'

    def model_post_init(self, _context: Any) -> None:
        """What stands in it by name does not change either."""
        for name, value in list(self.__dict__.items()):
            if type(value) is dict:
                self.__dict__[name] = Fixed(value)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name}: a scenario does not change; write {self._instead}")


def number(
    default: Any,
    meaning: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    source: str = "ours",
    confidence: str = "ours",
) -> Any:
    """A parameter with what `explain` prints of it."""
    return Field(
        default,
        ge=low,
        le=high,
        description=meaning,
        json_schema_extra={"unit": unit, "source": source, "confidence": confidence},
    )


def word(default: Any, meaning: str, *, source: str = "ours", confidence: str = "ours") -> Any:
    """A parameter whose values are words."""
    return Field(
        default,
        description=meaning,
        json_schema_extra={"unit": "", "source": source, "confidence": confidence},
    )


def variant(
    base: type[Table],
    name: str,
    what: str,
    labels: dict[str, tuple[str, str]] | None = None,
    **defaults: float,
) -> Any:
    """The same table with its own defaults (and, by field, another source and confidence)."""
    fields: dict[str, Any] = {}
    for key, default in defaults.items():
        field = base.model_fields[key]
        extra: dict[str, Any] = field.json_schema_extra  # type: ignore[assignment]
        source, label = (labels or {}).get(key, (extra["source"], extra["confidence"]))
        low, high = field.metadata[0].ge, field.metadata[1].le
        again = number(
            default, str(field.description), extra["unit"], low, high, source=source, confidence=label
        )
        fields[key] = (field.annotation, again)
    table = create_model(name, __base__=base, __module__=base.__module__, **fields)
    table.__doc__ = f"{base.__doc__} Here: {what}."
    return table
