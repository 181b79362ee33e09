"""From words to edit operations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.timeline import Draft, History, apply_all
from pipelines.director.abilities import ALL, Abilities
from pipelines.director.camera_plan import choose_motions, plan_camera_moves
from pipelines.director.clauses import Clause
from pipelines.director.clips import plan_clip
from pipelines.director.cuts import plan_cut
from pipelines.director.filling import say_how_filled
from pipelines.director.generating import mark_generated
from pipelines.director.grammar import read_instruction
from pipelines.director.inheriting import inherited
from pipelines.director.language import language_of
from pipelines.director.layers import plan_layer
from pipelines.director.lengths import plan_length
from pipelines.director.lexicon import lexicon
from pipelines.director.looks import plan_look
from pipelines.director.memory import Memory
from pipelines.director.ordering import plan_order
from pipelines.director.outcome import Outcome
from pipelines.director.phrases import read_terms
from pipelines.director.plan import Asset, Plan
from pipelines.director.repeats import Repeat, repeated, said_of, turn_round
from pipelines.director.reporting import MAX_REFUSED, answer, quoted, report
from pipelines.director.rewriting import rewrite
from pipelines.director.selecting import find_selections
from pipelines.director.selection import Selection
from pipelines.director.session import plan_session
from pipelines.director.settling import find_clauses, moves_it
from pipelines.director.shots import chosen_shots, main_shots
from pipelines.director.show_plan import plan_show
from pipelines.director.sounds import plan_sound
from pipelines.director.targets import Targets
from pipelines.director.terms import Term, TermView
from pipelines.director.texts import plan_text
from pipelines.director.written import mark_written

MAX_READ = 2000
"""Characters that are read: no instruction is longer, and an answer must not take long."""

MAX_TERMS = 600
"""Words, numbers and signs that are read: what marks are heaped up beyond that says nothing."""

MAX_CLAUSES = 40
"""Clauses that are acted upon: more than anybody asks for at once."""

PLANNERS: dict[str, Callable[[Outcome, Clause], None]] = {
    "session": plan_session,
    "order": plan_order,
    "clip": plan_clip,
    "length": plan_length,
    "cut": plan_cut,
    "look": plan_look,
    "layer": plan_layer,
    "sound": plan_sound,
    "text": plan_text,
}
"""Who decides about each domain, in the order in which they work: what there is before how it looks."""

OF_THE_WHOLE = ("aspect", "platform", "size")
"""Categories that are about the video as a whole, wherever they stand: "a loop for Reels"."""

FIRST = ("session", "order", "clip")
"""Domains that come before what is said of the video as a whole."""


@dataclass(frozen=True, slots=True)
class Directed:
    """A plan, the draft that it leads to, and what the conversation is about now.

    Attributes:
        undone, redone: steps of the history that the plan takes back, or does again; 0 for a step of its own.
    """

    plan: Plan
    draft: Draft
    memory: Memory
    undone: int = 0
    redone: int = 0


def direct(
    text: str,
    draft: Draft,
    assets: Sequence[Asset] = (),
    *,
    language: str | None = None,
    abilities: Abilities = ALL,
) -> Plan:
    """Turn an instruction into edit operations on a draft.

    A tokeniser, the phrases of a lexicon, clauses with slots, rules and a resolver that weighs what they found:
    deterministic, without a model. Applying the operations to ``draft`` in their order never fails. Text that is to be
    shown is never read as an instruction. For a conversation with undo, see ``pipelines.director.converse``.

    Args:
        text: what the user wrote.
        draft: the timeline that it is about.
        assets: what is known of the session's files; their names are not taken for instructions.
        language: code of the lexicon; None finds out.
        abilities: what the machine that renders can do about generated motion.
    """
    return direct_turn(text, draft, assets, Memory(), language, abilities=abilities).plan


def direct_turn(
    text: str,
    draft: Draft,
    assets: Sequence[Asset],
    memory: Memory,
    language: str | None = None,
    history: History | None = None,
    about: Selection | None = None,
    abilities: Abilities = ALL,
) -> Directed:
    """See :func:`direct`; ``memory`` is what was spoken of before, ``history`` what was done.

    ``about`` are the shots that the instruction is to be about, whatever it says itself.
    """
    code = language or language_of(text)
    words = lexicon(code)
    view = _terms(text, draft, assets, code)
    if about is not None:
        said_of(view, about)
    repeat = repeated(view, memory.text)
    if repeat is not None:
        return _repeat(repeat, draft, assets, memory, code, history, abilities)
    outcome = Outcome(view, words, draft, assets, replace(memory), history=history, abilities=abilities)
    turn_round(outcome)
    clauses = find_clauses(view)
    if len(clauses) > MAX_CLAUSES:
        clauses = clauses[:MAX_CLAUSES]
        view.cut(clauses[-1].last + 1)
    if view.is_cut or len(text) > MAX_READ:
        count = view.terms[-1].end if view.is_cut else MAX_READ
        outcome.choices.append(outcome.say("say.too_long", count=count))
    _settle_by_memory(outcome, clauses)
    _speak_of_the_last(outcome, clauses)
    outcome.clauses = clauses
    for clause in clauses:
        if clause.domain == "keep" and clause.selection is not None:
            chosen_shots(outcome, clause)  # "she turned three in the second photo": that one is spoken of
    for domain in FIRST:
        _plan_domain(outcome, clauses, domain)
    goes_on = outcome.memory.topic == "camera"
    outcome.reading = read_instruction(text, _rest(view, clauses), goes_on=goes_on)
    targets = Targets(outcome)
    plan_show(outcome, targets)
    plan_camera_moves(outcome, targets)
    for domain in PLANNERS:
        if domain not in FIRST:
            _plan_domain(outcome, clauses, domain)
    say_how_filled(outcome, draft)
    report(outcome, outcome.reading, clauses)
    refused = tuple(dict.fromkeys(quoted(outcome, item) for item in sorted(set(outcome.refused))))[:MAX_REFUSED]
    if outcome.kind == "edit" and not (outcome.operations or outcome.refused or outcome.answers):
        _make_something(outcome)
    _remember(outcome, clauses)
    # Steps that are only taken back, or only done again, are no step of their own.
    if not outcome.operations and not main_shots(draft) and outcome.kind == "edit" and refused:
        outcome.kind = "ask"
    alone = len(outcome.operations) == outcome.history_operations
    plan = Plan(
        tuple(outcome.operations),
        answer(outcome, refused),
        tuple(outcome.understood),
        refused,
        outcome.kind if not outcome.operations or alone else "edit",
        code,
        bool(outcome.choices),
    )
    undone, redone = (outcome.undone, outcome.redone) if alone else (0, 0)
    return Directed(plan, outcome.draft, outcome.memory, undone, redone)


def _repeat(
    repeat: Repeat,
    draft: Draft,
    assets: Sequence[Asset],
    memory: Memory,
    code: str,
    history: History | None,
    abilities: Abilities,
) -> Directed:
    """Do what was done last for other shots; where the first were not meant, take that back."""
    taken_back = memory.undone or not repeat.instead
    undo = history.done[-1].inverse if not taken_back and history is not None and history.done else ()
    before = apply_all(draft, undo)
    memory = replace(memory, text="")
    directed = direct_turn(repeat.text, before, assets, memory, code, history, repeat.selection, abilities)
    plan = replace(directed.plan, operations=(*undo, *directed.plan.operations))
    return replace(directed, plan=plan)


def _terms(text: str, draft: Draft, assets: Sequence[Asset], code: str) -> TermView:
    """The terms of an instruction: phrases, words to be shown, selections."""
    names = tuple(asset.name for asset in assets)
    view = TermView(text, read_terms(text[:MAX_READ], lexicon(code), names))
    view.cut(MAX_TERMS)
    view.terms = mark_written(view)
    mark_generated(view, draft, code)
    rewrite(view, draft, assets, code)
    view.terms = [_of_kind(term, assets) for term in find_selections(view)]
    return view


def _of_kind(term: Term, assets: Sequence[Asset]) -> Term:
    """A file of sounds or of captions selects no shot: it says what its clause is about."""
    if term.selection is None or term.selection.noun != "asset":
        return term
    kinds = {assets[place].kind for place in term.selection.places if place < len(assets)}
    category = (
        {"audio": "audio", "captions": "cues"}.get(min(kinds, default=""), "select") if len(kinds) == 1 else "select"
    )
    return replace(term, category=category)


def _settle_by_memory(outcome: Outcome, clauses: list[Clause]) -> None:
    """Let a first clause that names nothing go on with what the last turn was about."""
    topic = outcome.memory.topic
    if topic in ("text", "layer") and clauses and moves_it(outcome.view, clauses[0]):
        clauses[0].domain = "text" if topic == "text" else "layer"
        clauses[0].head, clauses[0].follows, clauses[0].act = None, True, "change"
        return
    first = clauses[0] if clauses else None
    if topic in ("text", "look", "sound") and first is not None and _takes_it_away(outcome.view, first):
        first.domain = "text" if topic == "text" else "look" if topic == "look" else "sound"
        first.follows, first.act = True, "remove"
        return
    for clause in clauses:
        if clause.head is not None:
            return
        if not clause.follows and topic:
            domain = inherited(outcome.view, clause, topic)
            if domain is not None:
                clause.domain, clause.follows = domain, True


def _takes_it_away(view: TermView, clause: Clause) -> bool:
    """Whether a clause only takes away what was spoken of: "remove it", "I don't want it"."""
    small = ("act", "filler", "det", "negation", "degree", "then", "off")
    bare = all(view.category(index) in small for index in clause.indexes)
    removes = clause.act == "remove" or (clause.negated and bool(clause.find(view, "filler", "it")))
    return clause.head is None and bare and removes and not clause.find(view, "act", "undo")


def _speak_of_the_last(outcome: Outcome, clauses: list[Clause]) -> None:
    """Let "make it ... instead" be about the one shot that the last turn was about."""
    view = outcome.view
    if len(clauses) != 1 or clauses[0].selection is not None or len(outcome.memory.shots) != 1:
        return
    (clause,) = clauses
    goes_on = outcome.memory.chosen and clause.domain == outcome.memory.topic and not clause.find(view, "filler", "all")
    if goes_on and clause.domain in ("look", "length") and not clause.find(view, "scope") and _compares(view, clause):
        clause.selection = Selection(again=True)  # "brighten the first photo", "it is still too dark"
        return
    instead = view.category(len(view.terms) - 1) == "but" or any(term.category == "but" for term in view.terms)
    if instead and clause.find(view, "filler", "it") and clause.domain in ("look", "clip", "length"):
        clause.selection = Selection(again=True)


def _compares(view: TermView, clause: Clause) -> bool:
    return bool(clause.find(view, "compare")) or any(":" in view.value(index) for index in clause.find(view, "look"))


def _make_something(outcome: Outcome) -> None:
    """ "make a video of these": photos that stand still get a camera; what moves already is told."""
    view = outcome.view
    asked = any((term.category, term.value) in (("filler", "video"), ("filler", "clip")) for term in view.terms)
    photos = [shot for shot in main_shots(outcome.draft) if shot.motion is None or shot.motion.moves == ("hold",)]
    if not asked or any(term.category == "negation" for term in view.terms):
        return
    if photos:
        choose_motions(outcome, outcome.view.words(0, len(view.terms) - 1))
    elif main_shots(outcome.draft):
        shots = main_shots(outcome.draft)
        names = ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in shots)
        outcome.answers.append(outcome.say("say.has_shots", count=len(shots), names=names))


def _plan_domain(outcome: Outcome, clauses: list[Clause], domain: str) -> None:
    for clause in clauses:
        if clause.domain == domain:
            PLANNERS[domain](outcome, clause)


def _rest(view: TermView, clauses: list[Clause]) -> list[Term]:
    """The terms for the rules about the camera and the whole; where a clause of another domain was, a soft mark."""
    taken: set[int] = set()
    for clause in clauses:
        if clause.domain != "camera":
            taken |= set(clause.indexes)
    out: list[Term] = []
    for index, term in enumerate(view.terms):
        of_whole = term.category in OF_THE_WHOLE and _domain(clauses, index) not in ("session", "keep")
        if index not in taken or of_whole or _is_told_for(view, index):
            out.append(_as_amount(term))
        elif term.category == "select" and _leads(view, clauses, index):
            out.append(term)
        elif term.category == "select" and _is_left_over(view, clauses, index):
            # "move the last photo first, zoom in on it": it has moved since.
            out.append(replace(term, selection=Selection(again=True)))
        else:
            out.append(Term("mark", "soft", term.start, term.end))
    return out


def _is_told_for(view: TermView, index: int) -> bool:
    """ "this is for TikTok" says where it will be shown."""
    return (
        view.category(index) == "platform" and view.category(view.skip_back(index - 1, "det", "filler")) == "describe"
    )


def _domain(clauses: list[Clause], index: int) -> str:
    return next(clause.domain for clause in clauses if index in clause.indexes)


def _as_amount(term: Term) -> Term:
    """To the camera, "big" and "small" are amounts."""
    if term.category != "sizeword":
        return term
    return replace(term, category="amount", value="strong" if term.value == "large" else "little")


def _is_left_over(view: TermView, clauses: list[Clause], index: int) -> bool:
    """Whether a shot that was moved is spoken of until "the others" are."""
    clause = next(clause for clause in clauses if index in clause.indexes)
    if clause.domain != "order" or len(clause.find(view, "select")) > 1 or clause.negated or clause.act == "remove":
        return False
    return any((term.selection or Selection()).rest for term in view.terms[index + 1 :])


def _leads(view: TermView, clauses: list[Clause], index: int) -> bool:
    """Whether a selection opens its clause, so that it holds for what follows too."""
    clause = next(clause for clause in clauses if index in clause.indexes)
    told = clause.domain == "keep" and bool(clause.find(view, "describe"))
    return (
        (told or clause.domain in ("look", "text", "clip", "sound"))
        and (clause.head is None or index < clause.head or told)
        and index == view.skip(clause.first, "det", "filler")
    )


def _remember(outcome: Outcome, clauses: list[Clause]) -> None:
    if outcome.operations and len(outcome.operations) == outcome.history_operations:
        outcome.memory.undone = outcome.undone > 0
        return
    if not outcome.operations:
        return
    outcome.memory.undone = False
    outcome.memory.role = ""
    outcome.memory.chosen = any(term.category == "select" for term in outcome.view.terms)
    spoken = [clause.domain for clause in clauses if clause.domain not in ("session", "keep")]
    if spoken:
        outcome.memory.topic = spoken[-1]
        kinds = {event.kind for event in outcome.reading.events if event.kind not in ("select", "each", "total")}
        if spoken[-1] == "camera" and kinds == {"duration"}:
            outcome.memory.topic = "length"
    outcome.memory.text = outcome.view.text
