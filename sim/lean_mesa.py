"""Mesa without a wait: its continuous space, and NetworkX, are read when Mesa's code first asks for them.

`import mesa` reads all of Mesa: SciPy for a continuous space that a market does not have, NetworkX for one method of
another. While Mesa is read here, something that reads them at the first look stands in their places. Afterwards it
stands nowhere but in Mesa: whoever imports `networkx` or `mesa.experimental.continuous_space` gets the whole.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any

LATER = ("mesa.experimental.continuous_space", "networkx")


class _Later(types.ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:  # Mesa is being read
            if name.startswith("__"):
                raise AttributeError(name)
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def import_mesa() -> types.ModuleType:
    """Mesa, whose continuous space and whose NetworkX are read at the first look."""
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
