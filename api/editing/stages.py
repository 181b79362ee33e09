"""Two stages of a generation: the moving picture first, then what is put on and under it."""

from engine.core.errors import InputError
from engine.timeline import AddCaptions, AddMusic, AddText, Draft, Operation, apply_all

DRESSING = (AddText, AddMusic, AddCaptions)
"""Operations that can wait until the picture is there."""


def split(draft: Draft, operations: tuple[Operation, ...]) -> tuple[tuple[Operation, ...], tuple[Operation, ...]]:
    """The operations of stage one and those of stage two.

    Done one after the other they lead to the very same draft; where they would not (a title is added and then changed),
    all of them are stage one.
    """
    second = tuple(each for each in operations if isinstance(each, DRESSING))
    first = tuple(each for each in operations if not isinstance(each, DRESSING))
    if not second:
        return operations, ()
    try:
        same = apply_all(draft, (*first, *second)) == apply_all(draft, operations)
    except InputError:
        same = False
    return (first, second) if same else (operations, ())
