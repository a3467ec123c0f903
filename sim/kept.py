"""Compiled loops kept on disk: Numba's cache, one file for each loop and kinds of arguments, with a digest.

Numba runs what it finds, and a damaged file can end the process. So no byte of a file is used before its
digest, the last 32 bytes, is checked; a damaged one is deleted, said once, and compiled again. Files are
written to another name and moved, and named by what they hold: processes that compile at the same time
write the same files.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llvmlite
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    UserProvidedCacheLocator,
)

DIGEST = hashlib.sha256
DIGEST_BYTES = DIGEST().digest_size


def keep(loop: Any, folder: Path) -> Any:
    """Let a loop (Numba's dispatcher) keep what is compiled of it in a folder."""
    loop._cache = _Cache(loop.py_func, folder)
    return loop


@functools.cache
def say_once(text: str) -> None:
    """A warning, the first time in a process."""
    warnings.warn(text, stacklevel=2)


def is_intact(path: Path) -> bool:
    """Whether a file is there and as it was written; a damaged one is deleted."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    if len(data) > DIGEST_BYTES and DIGEST(data[:-DIGEST_BYTES]).digest() == data[-DIGEST_BYTES:]:
        return True
    forget(path)
    return False


def forget(path: Path) -> None:
    """Delete a file that cannot be used."""
    say_once(
        f"a compiled loop in {path.parents[1]} was damaged: it is compiled again, which takes some seconds"
    )
    with contextlib.suppress(OSError):
        path.unlink()


class _Locator(UserProvidedCacheLocator):
    """Where the files of a loop stand: a folder for its module, wherever the sources stand."""

    def __init__(self, function: Any, folder: Path) -> None:
        self._py_file = function.__code__.co_filename
        self._lineno = function.__code__.co_firstlineno
        self._cache_path = str(folder / function.__module__)

    def get_source_stamp(self) -> Any:
        """Hash of the file of the loop, and the version of the compiler behind Numba."""
        return super().get_source_stamp(), llvmlite.__version__


class _Impl(CompileResultCacheImpl):
    """How compiled code is taken apart and put together: Numba's way."""

    def __init__(self, function: Any, folder: Path) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = _Locator(function, folder)
        self._filename_base = function.__name__


class _Files(IndexDataCacheFile):
    """The files of one loop."""

    def _name(self, key: Any) -> str | None:
        """The file for kinds of arguments; None where these name a function, which no other process has."""
        kinds = [(kind, kind.key) for kind in key[0]]  # two kinds of one name may differ in what they hold
        text = repr((self._version, self._source_stamp, key, kinds))
        if " at 0x" in text:
            return None
        return f"{self._index_name.removesuffix('.nbi')}.{DIGEST(text.encode()).hexdigest()[:20]}.nbc"

    def save(self, key: Any, data: Any) -> None:
        name = self._name(key)
        if name:
            self._save_data(name, data)

    def load(self, key: Any) -> Any:
        name = self._name(key)
        if not name or not is_intact(Path(self._data_path(name))):
            return None
        try:
            return self._load_data(name)
        except OSError:  # another process has just deleted it
            return None
        except Exception:  # whole, but not what this Numba reads
            forget(Path(self._data_path(name)))
            return None

    def flush(self) -> None:
        for path in Path(self._cache_path).glob(f"{self._index_name.removesuffix('.nbi')}.*.nbc"):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[Any]:
        with super()._open_for_write(filepath) as file:
            data = io.BytesIO()
            yield data
            file.write(data.getvalue() + DIGEST(data.getvalue()).digest())


class _Cache(FunctionCache):
    """What a dispatcher asks for compiled code, and hands it to; a fault here never ends a run."""

    def __init__(self, function: Any, folder: Path) -> None:
        self._name = repr(function)
        self._py_func = function
        self._impl = _Impl(function, folder)
        self._cache_path = self._impl.locator.get_cache_path()
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, stamp)
        self.enable()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # put together wrongly: as if it were not there
            name = self._cache_file._name(self._index_key(sig, target_context.codegen()))
            forget(Path(self._cache_path) / str(name))
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as error:
            if os.name == "nt" and isinstance(error, PermissionError):
                return  # another process writes or reads the same file
            say_once(
                f"compiled loops could not be kept in {self._cache_path} ({error.strerror or error}), so the next "
                "start compiles them again; free some space, or set TENFOLD_CACHE to a folder that can be written"
            )
