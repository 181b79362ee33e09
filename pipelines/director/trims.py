"""Pieces that cut both ends of a clip: "trim the first second and the last one", 前1秒和最后1秒都不要."""

from itertools import pairwise

from pipelines.director.clauses import Clause
from pipelines.director.inheriting import selected
from pipelines.director.measures import is_length
from pipelines.director.terms import TermView

SMALL = ("ordinal", "number", "unit", "prep", "filler", "det", "select", "negation", "photo", "act", "off")


def join_trims(view: TermView, pieces: list[Clause]) -> None:
    """Let an end that a piece names be cut as the one beside it is, off the same clip."""
    for before, piece in pairwise(pieces):
        chosen = before.selection or selected(view, before) or piece.selection or selected(view, piece)
        for one, other in ((before, piece), (piece, before)):
            if (
                one.sentence == other.sentence
                and one.domain == "camera"
                and _is_end(view, one)
                and other.domain == "clip"
                and _cuts(view, other)
            ):
                one.domain, one.head = "clip", one.first
                one.act, one.negated = other.act, other.negated
                one.selection = other.selection = chosen
    for before, piece in pairwise(pieces):
        named = before.find(view, "act", "trim") and not _has_length(view, before)
        if named and before.sentence == piece.sentence and piece.domain == "clip" and _has_length(view, piece):
            piece.selection = piece.selection or selected(view, before)
            before.domain, before.head = "keep", before.first  # 掐头去尾, and then how much


def _has_length(view: TermView, piece: Clause) -> bool:
    return any(is_length(view, index) for index in piece.indexes)


def _is_end(view: TermView, piece: Clause) -> bool:
    """Whether a piece is nothing but an end of a clip: "the last second"."""
    small = all(view.category(index) in SMALL for index in piece.indexes)
    return small and any(is_length(view, index + 1) for index in piece.find(view, "ordinal"))


def _cuts(view: TermView, piece: Clause) -> bool:
    return any(is_length(view, index + 1) for index in piece.find(view, "ordinal")) or bool(
        piece.find(view, "act", "trim")
    )
