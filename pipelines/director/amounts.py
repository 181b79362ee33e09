"""Giving amounts to moves: "by 30 %", "1.5x", "5 degrees", "a little"."""

from dataclasses import dataclass
from fractions import Fraction

from engine.motion import MOVES
from pipelines.director.events import Event
from pipelines.director.moves import LITTLE, STRONG

_UNITS = {
    "percent": ("zoom", "pan", "depth"),
    "times": ("zoom",),
    "double": ("zoom",),
    "triple": ("zoom",),
    "degree": ("rotate",),
    "share": ("pan", "depth"),
    "half": ("pan", "depth"),
}
"""The units of moves that a kind of amount can mean; a kind that is not here can mean all."""


@dataclass(slots=True)
class PlannedMove:
    """One move of the camera to be.

    Attributes:
        name: the move.
        event: the finding behind it; None where the draft had it.
        amount: in the unit of the move, None to leave it to the engine.
    """

    name: str
    event: Event | None = None
    amount: float | None = None

    @property
    def unit(self) -> str:
        """What its amount counts, empty for a move that takes none."""
        return MOVES[self.name].unit or ""


def give_amount(amount: Event, moves: list[PlannedMove]) -> bool:
    """Give an amount to the move that it stands nearest to.

    Returns:
        False where no move can take it.
    """
    able = [
        move
        for move in moves
        if move.amount is None
        and move.unit in _UNITS.get(amount.value, tuple(LITTLE))
        and amount_of(amount, move) is not None
    ]
    if not able:
        return False
    nearest = min(able, key=lambda move: _distance(amount, move))
    for move in able:
        if move.event is nearest.event:
            move.amount = amount_of(amount, move)
    return True


def amount_of(amount: Event, move: PlannedMove) -> float | None:
    """What an amount means for a move, None where it means nothing."""
    if amount.value in ("little", "strong"):
        return (LITTLE if (amount.value == "little") != amount.negated else STRONG).get(move.unit)
    if amount.negated:
        return None
    number = {"double": Fraction(2), "triple": Fraction(3), "half": Fraction(1, 2)}.get(amount.value, amount.number)
    if move.unit == "zoom":
        return _zoom(amount, move.name, number)
    if move.unit in ("pan", "depth"):
        share = number / 100 if amount.value == "percent" else number
        return float(share) if 0 < share <= 1 else None
    return float(number) if number > 0 else None


def _zoom(amount: Event, name: str, number: Fraction) -> float | None:
    """End over start scale: "by 30 %", "to 130 %" and "130 %" are the same; a zoom out to 80 % is 1.25."""
    if amount.value == "percent":
        is_growth = amount.preposition != "to" and number <= 100
        number = number / 100 + is_growth
    if number <= 0:
        return None
    if number < 1:
        return float(1 / number) if name == "zoom_out" else None
    return float(number)


def _distance(amount: Event, move: PlannedMove) -> tuple[bool, bool, bool, int]:
    if move.event is None:
        return True, True, True, 0
    gap = amount.first - move.event.first
    # "a little handheld shake": directly before a move, an amount is that move's and no other's.
    is_elsewhere = move.event.sentence != amount.sentence or move.event.part != amount.part
    return move.event.first != amount.last + 1, is_elsewhere, gap < 0, abs(gap)
