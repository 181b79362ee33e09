"""Pieces that make one list: words for each photo, shots in their order."""

from itertools import pairwise

from pipelines.director.clauses import Clause
from pipelines.director.terms import TermView


def announce(view: TermView, pieces: list[Clause]) -> None:
    """Give the words of a list their head: 'captions: "a" on the first, "b" on the second'."""
    head: Clause | None = None
    told = [each for each in pieces if not each.find(view, "describe")]
    for before, piece in pairwise(told):
        bare = head is None and before.act == "add" and before.lead == "" and bool(before.find(view, "quote"))
        if before.domain == "text" and (before.head is not None or bare):
            head = before
        if head is None or piece.domain != "text" or piece.head is not None or not piece.find(view, "quote"):
            continue
        between = told[told.index(head) + 1 : told.index(piece)]
        if before.domain != "text":
            if not _is_announced(view, head, between, piece):
                continue
            # "a caption while the second photo is shown: '...'"
            for other in between:
                head.indexes += other.indexes
                other.domain, other.head = "keep", other.first
            before = head
        if piece.act in ("replace", "remove"):
            continue
        listed = bool(before.find(view, "quote"))
        if not listed and before is not head:
            continue
        if head.act in ("change", "replace", "remove") and listed:
            continue
        # What announces the first words says when and how; the others share what they are.
        shared = head.find(view, "object") if listed else before.indexes
        piece.indexes = [*shared, *piece.indexes]
        piece.act = head.act if head.act in ("change", "replace") else "add"
        piece.head, piece.follows = head.head, False
        if not listed:
            before.domain = "keep"
        elif _is_only_words(view, piece, shared) and before.domain == "text":
            # "captions 'one', 'two', 'three'": one list, for one after the other
            piece.indexes = [*before.indexes, *piece.indexes[len(shared) :]]
            piece.act, piece.head, piece.negated, piece.selection = before.act, before.head, before.negated, None
            before.domain = "keep"


def _is_announced(view: TermView, head: Clause, between: list[Clause], piece: Clause) -> bool:
    """Whether words behind a colon are those of a text that was spoken of further up in the sentence."""
    colon = piece.first - 1
    if view.category(colon) != "mark" or view.words(colon, colon) not in (":", "："):
        return False
    bare = all(each.head is None and each.sentence == piece.sentence for each in between)
    return bare and not head.find(view, "quote") and head.sentence == piece.sentence


def _is_only_words(view: TermView, piece: Clause, shared: list[int]) -> bool:
    """Whether a piece is one more quotation, and at most says that there is one for each photo."""
    small = ("quote", "prep", "det", "photo", "scope", "filler")
    own = piece.indexes[len(shared) :]
    return all(view.category(index) in small for index in own)


ORDERED = (
    "select", "filler", "det", "photo", "then", "ordinal", "moment", "place", "classifier", "join", "prep", "number",
)  # fmt: skip
"""Categories of which "first show the last photo, then the first" consists."""


def list_order(view: TermView, pieces: list[Clause]) -> None:
    """Make one clause of pieces that tell shot by shot in which order they come."""
    for sentence in dict.fromkeys(piece.sentence for piece in pieces):
        listed = [piece for piece in pieces if piece.sentence == sentence]
        terms = [index for piece in listed for index in piece.indexes]
        selects = [index for index in terms if view.category(index) == "select"]
        told = any(piece.lead == "then" for piece in listed) or any(
            (view.category(index), view.value(index)) == ("filler", "first") for index in terms
        )
        small = all(
            view.category(index) in ORDERED or (view.category(index), view.value(index)) == ("act", "reorder")
            for index in terms
        )
        # "order: c.jpg, a.jpg, b.jpg"
        ordered = [piece for piece in listed if piece.find(view, "act", "reorder")]
        told = told or (
            ordered[:1] == listed[:1] and len(listed) > len(selects) > 1 and not listed[0].find(view, "select")
        )
        if len(selects) > 1 and told and small:
            listed[0].domain, listed[0].head, listed[0].act = "order", selects[0], "list"
            listed[0].indexes = terms
            for piece in listed[1:]:
                piece.domain, piece.head, piece.indexes = "keep", piece.first, piece.indexes
