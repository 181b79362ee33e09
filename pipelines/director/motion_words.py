"""A camera's motion in the user's language."""

from collections.abc import Iterable

from engine.motion import MOVES, Motion, generated
from pipelines.director.outcome import Outcome, shorten


def list_moves(outcome: Outcome, names: Iterable[str]) -> str:
    """Moves by their names in the user's language."""
    return outcome.say("say.list_and").join(outcome.say(f"phrase.move.{name}") for name in names)


def motion_phrase(outcome: Outcome, motion: Motion) -> str:
    """A motion in the user's language: "slow zoom in (1.2x) and gentle drift on the subject"."""
    given = motion.amount if isinstance(motion.amount, tuple) else (motion.amount,) * len(motion.moves)
    parts = []
    for name, amount in zip(motion.moves, given, strict=True):
        phrase = outcome.say(f"phrase.move.{name}")
        if amount is not None and MOVES[name].unit:
            phrase = outcome.say("say.with_amount", move=phrase, amount=_amount_phrase(outcome, name, amount))
        parts.append(phrase)
    text = outcome.say("say.list_and").join(parts)
    if motion.speed in ("slow", "fast"):
        text = outcome.say("say.with_speed", speed=outcome.say(f"phrase.speed.{motion.speed}"), moves=text)
    if isinstance(motion.focus, str):
        text = outcome.say("say.with_focus", moves=text, focus=outcome.say(f"phrase.focus.{motion.focus}"))
    elif motion.focus is not None:
        x, y = (round(100 * value) for value in motion.focus)
        text = outcome.say("say.with_focus", moves=text, focus=outcome.say("say.point", x=x, y=y))
    if motion.ease != Motion().ease:
        text = outcome.say("say.with_ease", moves=text, ease=outcome.say(f"phrase.ease.{motion.ease}"))
    return _generated_phrase(outcome, motion, text) if generated(motion) else text


def _generated_phrase(outcome: Outcome, motion: Motion, camera: str) -> str:
    """Generated motion in the user's language, under the camera where that moves."""
    details = []
    if motion.prompt is not None:
        details.append(outcome.say("say.prompt", words=shorten(motion.prompt)))
    if motion.strength is not None:
        details.append(outcome.say("say.strength", value=f"{100 * motion.strength:.3g}"))
    if motion.extend not in (None, "auto"):
        details.append(outcome.say(f"phrase.extend.{motion.extend}"))
    if motion.quality is not None:
        details.append(outcome.say(f"phrase.quality.{motion.quality}"))
    phrase = outcome.say("phrase.method.diffusion")
    if details:
        listed = outcome.say("say.list_semicolon").join(details)
        phrase = outcome.say("say.generated", method=phrase, details=listed)
    return phrase if motion.moves == ("hold",) else outcome.say("say.generated_under", generated=phrase, moves=camera)


def _amount_phrase(outcome: Outcome, name: str, amount: float) -> str:
    unit = MOVES[name].unit
    if unit == "pan":
        return outcome.say("say.pan", value=f"{100 * amount:.3g}")
    if unit == "depth":
        return outcome.say("say.depth", value=f"{100 * amount:.3g}")
    if unit in ("drift", "handheld"):
        return outcome.say("say.wander", value=f"{100 * amount:.2g}")
    return outcome.say("say.zoom" if unit == "zoom" else "say.rotate", value=f"{amount:.4g}")
