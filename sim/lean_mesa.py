"""Mesa without a wait: its experimental part is read when somebody first asks for it.

`import mesa` reads all of Mesa, a third of it (SciPy, up to Mesa 3.3) for spaces that a market does not have. Here
`mesa.experimental` is a place that reads itself at the first look; whoever imports Mesa before Tenfold,
or asks for `mesa.experimental.devs`, has all of it as ever.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from importlib.machinery import PathFinder
from typing import Any

PART = "mesa.experimental"


class _Later(types.ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def import_mesa() -> types.ModuleType:
    """Mesa, whose experimental part is read at the first look."""
    whole = importlib.util.find_spec("mesa")
    if "mesa" not in sys.modules and whole is not None:
        spec = PathFinder.find_spec(PART, whole.submodule_search_locations)
        if spec is not None:
            part = sys.modules[PART] = _Later(PART, "Mesa's experimental part, not yet read.")
            part.__spec__, part.__path__ = spec, spec.submodule_search_locations or []
    return importlib.import_module("mesa")
