"""What can go wrong between us and where packs come from."""

from engine.core.errors import EngineError


class Unreachable(EngineError):
    """A pack could not be fetched: no network, no such package there, or no client on this machine.

    It says no more to a caller than :class:`EngineError`; it lets ``--if-possible`` tell it from a failure that must be
    seen, such as a file with a wrong hash.

    Args:
        pack_id: which pack.
        place: what it was to come from: ``wheel``, ``npm`` or ``hub``.
        problem: why, without a full stop; where ``offline``, what holds for every pack of that place.
        detail: what the client said.
        offline: whether no network was there, so that other packs from the same place would fail too.
    """

    code = "pack_unreachable"

    def __init__(self, pack_id: str, place: str, problem: str, *, detail: str = "", offline: bool = False) -> None:
        super().__init__(
            f"Pack {pack_id} could not be fetched: {problem}. On a machine without network, copy the pack from another "
            f"one and run: multiplane packs import {pack_id} FILE_OR_FOLDER.",
            detail=detail,
        )
        self.pack_id = pack_id
        self.place = place
        self.problem = problem
        self.offline = offline


def not_the_file(pack_id: str, what: str, detail: str) -> EngineError:
    """What came is not what the registry names; nobody should pass over that."""
    return EngineError(
        f"Pack {pack_id}: what was fetched for {what} is not the file that the registry names; nothing was installed.",
        detail=detail,
    )
