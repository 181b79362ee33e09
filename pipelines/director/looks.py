"""Deciding about looks and overlays: black and white, brighter, grain, snow."""

from engine.timeline import AddEffect, Effect, RemoveEffect, Segment
from engine.timeline.effects import DEFAULT_AMOUNTS, EFFECTS, LOOKS, OVERLAYS, SIGNED_LOOKS
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots, target_of, with_target
from pipelines.director.slots import degree_in, factor_in, share_in

SCALE = {"": 1.0, "little": 0.5, "strong": 2.0}
"""Factors of an effect's default amount by degree."""

MORE = {"": 1.5, "little": 1.25, "strong": 2.0}
"""Factors of "more" by degree."""

COMPOUND: dict[str, tuple[tuple[str, float], ...]] = {
    "cinematic": (("contrast", 0.15), ("saturation", -0.1), ("vignette", 0.35)),
    "moody": (("brightness", -0.12), ("contrast", 0.15), ("saturation", -0.2)),
    "film": (("vintage", 0.4), ("grain", 0.35)),
    "vivid": (("saturation", 0.3), ("contrast", 0.1)),
    "dreamy": (("blur", 0.12), ("brightness", 0.08), ("light_leak", 0.3)),
}
"""Looks that are made of several."""


COLOR = "color"
"""What words call a picture that is not black and white."""

COLORLESS = ("grayscale", "sepia")


def plan_look(outcome: Outcome, clause: Clause) -> None:
    """Give shots looks and overlays, change them, or take them away."""
    shots = chosen_shots(outcome, clause)
    if not shots:
        outcome.refuse(clause, outcome.say("say.no_such_photo" if clause.selection is not None else "say.no_photo"))
        return
    names = _names(outcome, clause)
    if not names:
        _without_name(outcome, clause, shots)
        return
    for name, sign in names:
        done = ("look", clause.sentence, name, sign)
        if sign and done in outcome.done:
            continue  # "it's too dark, brighten it up" says one thing twice
        outcome.done.add(done)
        _plan_one(outcome, clause, shots, name, sign)


def _names(outcome: Outcome, clause: Clause) -> list[tuple[str, int]]:
    """Each look named, and for those of two directions which way: +1, -1; 0 where the words do not say."""
    view = outcome.view
    found: list[tuple[str, int]] = []
    for index in clause.indexes:
        if view.category(index) not in ("look", "overlay"):
            continue
        name, _, sign = view.value(index).partition(":")
        found.append((name, {"up": 1, "down": -1}.get(sign, 0)))
    if any(name not in ("looks", "overlays") for name, _ in found):
        found = [item for item in found if item[0] not in ("looks", "overlays")]  # "a rain effect"
    overlays = [name for name, _ in found if name in OVERLAYS]
    # "dreamy bokeh lights": the adjective of an overlay is no look of its own.
    if not overlays:
        return list(dict.fromkeys(found))
    adjectives = {
        view.value(index)
        for index in clause.find(view, "look")
        if view.category(view.skip(index + 1, "look", "amount", "degree")) == "overlay"
    }
    return list(dict.fromkeys(item for item in found if item[0] not in adjectives or item[0] not in COMPOUND))


def _without_name(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    """ "more", "less", "a bit stronger": of the look that was spoken of last, which is the last of the list."""
    names = [effect.name for shot in shots for effect in shot.effects]
    view = outcome.view
    done = ("more or less", clause.sentence, bool(clause.find(view, "compare", "less", "weaker")))
    if done in outcome.done:
        return  # "too much, dial it back" says one thing twice
    if names and clause.follows and (clause.act == "remove" or clause.negated):
        _remove(outcome, clause, shots, names[-1:], 0)
        return
    if names and clause.follows:
        outcome.done.add(done)
        _plan_one(outcome, clause, shots, names[-1], 0)
    else:
        outcome.refuse(clause, "")


def _plan_one(outcome: Outcome, clause: Clause, shots: list[Segment], name: str, sign: int) -> None:
    view = outcome.view
    if name == "all" or name in ("looks", "overlays"):
        _clear(outcome, clause, shots, name)
        return
    if name == COLOR:
        # "back to color": without whatever took the colour away.
        named = [each for each in COLORLESS if any(effect.name == each for shot in shots for effect in shot.effects)]
        _remove(outcome, clause, shots, named or list(COLORLESS[:1]), 0)
        return
    parts = COMPOUND.get(name)
    if name not in EFFECTS and parts is None:
        outcome.refuse(clause, outcome.say("reason.look"))
        return
    too = clause.find(view, "degree", "too")
    if (clause.negated and not too) or clause.act == "remove":
        _remove(outcome, clause, shots, [part for part, _ in parts] if parts else [name], sign)
        return
    if parts is not None:
        for part, amount in parts:
            scale = SCALE[degree_in(view, clause)]
            _set(outcome, clause, shots, part, amount * min(scale, 1.6))
        outcome.choices.append(
            outcome.say("say.choice_look", look=outcome.say(f"phrase.look.{name}"), parts=_list(outcome, parts))
        )
        return
    if clause.negated and too and sign:
        sign = -sign  # "not too dark"
    relative = clause.find(view, "compare", "more", "less", "stronger", "weaker") + clause.find(
        view, "amount", "double", "half"
    )
    having = [shot for shot in shots if any(effect.name == name for effect in shot.effects)]
    if relative and having and clause.selection is None and name not in SIGNED_LOOKS:
        shots = having  # "the vintage look stronger": where there is one
    for amount in sorted({_amount(outcome, clause, shot, name, sign) for shot in shots}):
        of_amount = [shot for shot in shots if _amount(outcome, clause, shot, name, sign) == amount]
        _set(outcome, clause, of_amount, name, amount)


def _list(outcome: Outcome, parts: tuple[tuple[str, float], ...]) -> str:
    return outcome.say("say.list_comma").join(outcome.say(f"phrase.look.{part}") for part, _ in parts)


def _amount(outcome: Outcome, clause: Clause, shot: Segment, name: str, sign: int) -> float:
    """How strong the effect is to be, in its own range."""
    view = outcome.view
    now = next((effect.strength for effect in shot.effects if effect.name == name), None)
    more = clause.find(view, "compare", "more", "stronger", "higher", "bigger")
    less = clause.find(view, "compare", "less", "weaker", "lower", "smaller")
    degree = degree_in(view, clause)
    share, factor = share_in(view, clause), factor_in(view, clause)
    default = DEFAULT_AMOUNTS[name]
    if name in SIGNED_LOOKS:
        if now and not sign and (more or less) and share is None:
            return _bounded(now / MORE[degree] if less else now * MORE[degree], -1)
        less = less or clause.find(view, "direction", "down")  # "turn the brightness down"
        way = sign or (-1 if less else 1)
        if sign and less:
            way = -sign  # "less bright"
        step = default * SCALE[degree] if share is None else float(share)
        is_to = share is not None and not (more or less or sign)
        return _bounded(step if is_to else (now or 0.0) + way * step, -1)
    if share is not None and not (more or less):
        return _bounded(float(share), 0)
    if now is not None and (more or less or factor is not None):
        step = float(max(factor, 1 / factor)) if factor else MORE[degree]
        return _bounded(now / step if less or (factor is not None and factor < 1) else now * step, 0)
    if less:
        return _bounded(default * 0.5, 0)
    if more and degree == "":
        return _bounded(default * 1.5, 0)
    if name in ("grayscale", "sepia") and degree != "little":
        return default
    return _bounded(default * SCALE[degree], 0)


def _bounded(amount: float, low: float) -> float:
    return round(min(max(amount, low), 1.0), 3)


def _set(outcome: Outcome, clause: Clause, shots: list[Segment], name: str, amount: float) -> None:
    target = target_of(outcome, shots)
    if amount == 0:
        if outcome.attempt(lambda: RemoveEffect(name, target), clause):
            outcome.note("look", outcome.say("say.look_gone", look=outcome.say(f"phrase.look.{name}")))
        return
    given = None if amount == DEFAULT_AMOUNTS[name] else amount
    if outcome.attempt(lambda: AddEffect(Effect(name, given), target), clause):
        phrase = outcome.say(
            "say.look",
            look=outcome.say(f"phrase.look.{name}"),
            amount=f"{100 * amount:+.0f}" if name in SIGNED_LOOKS else f"{100 * amount:.0f}",
        )
        outcome.note("look", with_target(outcome, phrase, shots))


def _remove(outcome: Outcome, clause: Clause, shots: list[Segment], names: list[str], sign: int) -> None:
    present = {effect.name for shot in shots for effect in shot.effects}
    gone = [name for name in names if name in present]
    if not gone:
        topic = outcome.say(f"phrase.look.{names[0]}")
        outcome.note("absent", outcome.say("say.absent", topic=topic))
        return
    target = target_of(outcome, shots)
    for name in gone:
        if outcome.attempt(lambda name=name: RemoveEffect(name, target), clause):  # type: ignore[misc]
            outcome.note("look", outcome.say("say.look_gone", look=outcome.say(f"phrase.look.{name}")))


def _clear(outcome: Outcome, clause: Clause, shots: list[Segment], which: str) -> None:
    """Take away all looks, all overlays, or both; "add a filter" without a name is a question back."""
    if not (clause.negated or clause.act == "remove"):
        outcome.refuse(clause, outcome.say("say.which_look"))
        return
    kinds = {"looks": LOOKS, "overlays": OVERLAYS}.get(which, EFFECTS)
    present = sorted({effect.name for shot in shots for effect in shot.effects if effect.name in kinds})
    if not present:
        outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.look")))
        return
    target = target_of(outcome, shots)
    for name in present:
        outcome.attempt(lambda name=name: RemoveEffect(name, target), clause)  # type: ignore[misc]
    outcome.note("look", outcome.say("say.look_gone", look=_list(outcome, tuple((name, 0.0) for name in present))))
