"""Mesa without a wait: its experimental part, and NetworkX, are read when somebody first asks for them.

`import mesa` reads all of Mesa, a third of it (SciPy, up to Mesa 3.3) for spaces that a market does not have, and
NetworkX for one method of such a space. Here `mesa.experimental` is a place that reads itself at the first look, and
so is `networkx`; whoever imports them before Tenfold, or asks for `mesa.experimental.devs`, has all of it as ever.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

PART = "mesa.experimental"


class _Later(types.ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def read_later(name: str, spec: ModuleSpec | None) -> None:
    """Let a module read itself at the first look, unless it is there already, or not installed."""
    if spec is not None and name not in sys.modules:
        later = sys.modules[name] = _Later(name, "Not yet read.")
        later.__spec__, later.__path__ = spec, spec.submodule_search_locations or []


def import_mesa() -> types.ModuleType:
    """Mesa, whose experimental part and whose NetworkX are read at the first look."""
    whole = importlib.util.find_spec("mesa")
    if "mesa" not in sys.modules and whole is not None:
        read_later(PART, PathFinder.find_spec(PART, whole.submodule_search_locations))
        read_later("networkx", importlib.util.find_spec("networkx"))
    return importlib.import_module("mesa")
