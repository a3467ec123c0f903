"""Many arrays and numbers, handed to compiled code as one pointer.

A stage reads and writes dozens of columns. Numba would unpack each of them at the door from Python and
hand on seven values for each at every call, which took most of the time to compile. A `Bundle` is a
table of where the arrays of a namedtuple are and how long, and of its numbers; compiled code sees the
same names, and looks a value up where it is named. Plain Python takes the namedtuple itself.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, lower_getattr_generic, models, register_model, unbox
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

ROW = 4
"""Words of the table for each value: an array's address and up to three lengths, or a number."""

_WORD = ir.IntType(64)


class BundleType(types.Type):  # type: ignore[misc]
    """The type of a bundle in compiled code: its name, and the name and kind of each value."""

    def __init__(self, name: str, fields: tuple[tuple[str, Any], ...]) -> None:
        self.fields = fields
        self.places = {field: place for place, (field, _) in enumerate(fields)}
        super().__init__(name=f"Bundle({name})")

    @property
    def key(self) -> Any:
        """What makes two of them equal."""
        return self.name, self.fields


_types: dict[Any, BundleType] = {}


class Bundle:
    """The arrays and numbers of a namedtuple, for compiled code.

    Parameters
    ----------
    values : namedtuple of arrays in C order, of one to three dimensions, of floats and of ints. Arrays must stay
        where they are for as long as the bundle lives; numbers are those of its making.
    """

    __slots__ = ("_numba_type_", "address", "table", "values")

    def __init__(self, values: Any) -> None:
        self.values = values
        self.table = np.zeros((len(values), ROW), dtype=np.int64)
        floats = self.table.view(np.float64)
        kinds: list[Any] = []
        for place, value in enumerate(values):
            if isinstance(value, np.ndarray):
                if not value.flags.c_contiguous:
                    raise ValueError(f"{values._fields[place]}: must be an array in C order")
                self.table[place, 0] = value.__array_interface__["data"][0]
                self.table[place, 1 : 1 + value.ndim] = value.shape
                kinds.append((value.dtype.char, value.ndim))
            elif isinstance(value, float):
                floats[place, 0] = value
                kinds.append(float)
            else:
                self.table[place, 0] = value
                kinds.append(int)
        self.address = self.table.__array_interface__["data"][0]
        self._numba_type_ = self._type(tuple(kinds))

    def _type(self, kinds: tuple[Any, ...]) -> BundleType:
        """The type of these kinds under this name; one for all bundles that are alike."""
        key = (type(self.values), kinds)
        if key not in _types:
            numbers = {float: types.float64, int: types.int64}
            found = [
                numbers[kind]
                if isinstance(kind, type)
                else types.Array(from_dtype(np.dtype(kind[0])), kind[1], "C")
                for kind in kinds
            ]
            name = type(self.values).__name__
            _types[key] = BundleType(name, tuple(zip(self.values._fields, found, strict=True)))
        return _types[key]

    def __deepcopy__(self, memo: Any) -> Bundle:
        """A copy points to the copies of its arrays."""
        return Bundle(copy.deepcopy(self.values, memo))

    def __reduce__(self) -> Any:
        """The same for what comes from another process."""
        return Bundle, (self.values,)


@register_model(BundleType)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    """In compiled code a bundle is the address of its table."""

    def __init__(self, manager: Any, bundle: Any) -> None:
        super().__init__(manager, bundle, _WORD.as_pointer())
        self.size = 8 * ROW * len(bundle.fields)

    def from_argument(self, builder: Any, value: Any) -> Any:
        """What a function takes: all of the table can be read at any time, so a look-up under a condition may too.

        Without that a loop with `p.a if x else p.b` is not turned into vector instructions.
        """
        value.attributes.dereferenceable = self.size
        value.attributes.align = 8
        return super().from_argument(builder, value)


@infer_getattr
class _Names(AttributeTemplate):  # type: ignore[misc]
    """The kinds of a bundle's values."""

    key = BundleType

    def generic_resolve(self, bundle: Any, name: str) -> Any:
        """The kind of a value by its name; None if there is no such."""
        place = bundle.places.get(name)
        return None if place is None else bundle.fields[place][1]


@unbox(BundleType)
def _unbox(_type: Any, bundle: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(bundle, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    return NativeValue(c.builder.inttoptr(address, _WORD.as_pointer()))


@lower_getattr_generic(BundleType)
def _look_up(context: Any, builder: Any, bundle: Any, table: Any, name: str) -> Any:
    """A value of a bundle. Its table never changes while compiled code runs, so a look-up may leave a loop."""
    place = bundle.places[name]
    kind = bundle.fields[place][1]

    def word(k: int, type_: Any = _WORD) -> Any:
        pointer = builder.gep(table, [ir.Constant(_WORD, ROW * place + k)])
        if type_ is not _WORD:
            pointer = builder.bitcast(pointer, type_.as_pointer())
        load = builder.load(pointer)
        load.set_metadata("invariant.load", builder.module.add_metadata([]))
        return load

    if not isinstance(kind, types.Array):
        return word(0, context.get_value_type(kind))
    array = make_array(kind)(context, builder)
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    lengths = [word(1 + d) for d in range(kind.ndim)]
    strides: list[Any] = []
    step = itemsize
    for length in reversed(lengths):
        strides.insert(0, step)
        step = builder.mul(step, length)
    populate_array(
        array,
        data=builder.inttoptr(word(0), context.get_data_type(kind.dtype).as_pointer()),
        shape=cgutils.pack_array(builder, lengths),
        strides=cgutils.pack_array(builder, strides),
        itemsize=itemsize,
        meminfo=None,
    )
    return impl_ret_borrowed(context, builder, kind, array._getvalue())
