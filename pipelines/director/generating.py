"""Words about generated motion: what moves, how a shot is filled, at what quality, calmer and livelier.

Most of them mean something else elsewhere ("loop" is a clip's, "draft" nobody's, "calmer" the music's), so they are
read only where AI motion is spoken of, or where the shots have it.
"""

from engine.motion import EXTENDS, QUALITIES, generated
from engine.timeline import Draft
from pipelines.director.moving import leave_described, mark_moving
from pipelines.director.moving_look import look_at, words_of
from pipelines.director.terms import Term, TermView

COMPARED = {"calmer": "less", "livelier": "more"}
"""Lists of the lexicon that compare the motion with what it is."""

OTHERS = frozenset({"quote", "asset", "engine", "living", "select"})
"""Categories whose words are never taken for these."""

OF_SOUND = ("music", "sound", "voice", "volume")
"""Objects that are calmer or livelier themselves."""


def mark_generated(view: TermView, draft: Draft, code: str) -> None:
    """Apply all rules; to be called when texts to be shown are quotes already, before all other rules."""
    has = _is_generated(draft)
    mark_moving(view, code, generated=has or _asks(view))
    leave_described(view, code)
    if not (has or _asks(view)):
        return
    plain = look_at(view, code).plain
    of_clip = any((term.category, term.value) in (("filler", "clip"), ("asset", "")) for term in view.terms)
    if not (of_clip and not _asks(view)):
        for word in EXTENDS:
            _mark(view, plain, code, word, "extend")
    for word in QUALITIES:
        _mark(view, plain, code, word, "quality")
    if has and not any(term.category == "object" and term.value in OF_SOUND for term in view.terms):
        for name, value in COMPARED.items():
            _mark(view, plain, code, name, "compare", value)


def _is_generated(draft: Draft) -> bool:
    """Whether a shot has generated motion."""
    return any(photo.motion is not None and generated(photo.motion) for photo in draft.photos)


def _asks(view: TermView) -> bool:
    return any(
        term.category == "living" or (term.category, term.value) == ("engine", "diffusion") for term in view.terms
    )


def _mark(view: TermView, plain: str, code: str, words: str, category: str, value: str = "") -> None:
    """Put one term in the place of all that some words of the text touch, unless other rules need one of them."""
    for match in list(words_of(code, words).finditer(plain))[::-1]:
        touched = [
            index for index, term in enumerate(view.terms) if term.start < match.end() and term.end > match.start()
        ]
        if not touched or any(view.category(index) in OTHERS for index in touched):
            continue
        first, last = touched[0], touched[-1]
        term = Term(category, value or words, view.terms[first].start, view.terms[last].end)
        view.terms[first : last + 1] = [term]
