"""Policy: the one method that turns what a firm sees into what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sim.policies.plan import Plan, check_decision

if TYPE_CHECKING:
    from sim.policies.view import View


class Policy:
    """A firm's way of deciding. Subclass it and write `decide`.

    Class attributes ``source``, ``parameters`` and ``counts`` describe shipped ones: where the idea comes from,
    name -> (lowest, highest, meaning) of what `__init__` takes, and those of these names that are whole numbers.

    Examples
    --------
    >>> import sim
    >>> class Cheap(sim.Policy):
    ...     def decide(self, view):
    ...         return sim.Plan(price=0.9)
    """

    source: ClassVar[str] = "ours"
    parameters: ClassVar[dict[str, tuple[float, float, str]]] = {}
    counts: ClassVar[tuple[str, ...]] = ()

    def decide(self, view: View) -> Plan:
        """The firm's decisions for the month; what is left out keeps the firm's defaults."""
        raise TypeError(f"{type(self).__name__}: write a method decide(self, view) that returns a sim.Plan")

    def set(self, **values: Any) -> None:
        """Check the policy's parameters and keep them as attributes (for `__init__`)."""
        for name, value in values.items():
            if name in self.parameters:
                low, high, _ = self.parameters[name]
                whole = name in self.counts
                is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if not is_number or not low <= value <= high or (whole and value != int(value)):
                    law = f"{'a whole number ' if whole else ''}{low:g} to {high:g}"
                    raise ValueError(f"{name}: must be {law} (got {value!r})")
            elif name in ("level", "top", "rest", "middle"):
                check_decision("level", value)
            setattr(self, name, value)

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={v!r}" for k, v in vars(self).items() if not k.startswith("_"))
        return f"{type(self).__name__}({inside})"


class StatusQuo(Policy):
    """The plan as the scenario has it, every month."""

    def decide(self, view: View) -> Plan:
        """Nothing beyond the firm's own defaults."""
        return Plan()
