"""Mesa without a wait: its experimental part, and NetworkX, are read when Mesa's code first asks for them.

`import mesa` reads all of Mesa, a third of it (SciPy, up to Mesa 3.3) for spaces that a market does not have, and
NetworkX for one method of such a space. While Mesa is read here, something that reads them at the first look stands
in their places. Afterwards it stands nowhere but in Mesa: whoever imports `networkx` or `mesa.experimental` gets the
whole.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any

LATER = ("mesa.experimental", "networkx")


class _Later(types.ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:  # Mesa is being read
            if name.startswith("__"):
                raise AttributeError(name)
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def import_mesa() -> types.ModuleType:
    """Mesa, whose experimental part and whose NetworkX are read at the first look."""
    if "mesa" in sys.modules:
        return sys.modules["mesa"]
    later = {name: _Later(name, "Not yet read.") for name in LATER if name not in sys.modules}
    sys.modules.update(later)
    try:
        return importlib.import_module("mesa")
    finally:
        for name, module in later.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
