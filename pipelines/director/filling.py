"""What fills a shot that is longer than one generated clip, where nobody said: chosen by the renderer, told here."""

from engine.motion import Motion, generated
from engine.timeline import Draft, Segment, plain_number
from pipelines.diffusion.extend_choice import choose_extend, follows_words
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots


def say_how_filled(outcome: Outcome, before: Draft) -> None:
    """Say what fills each shot whose generated motion, or length, is another than before.

    Nothing is said where it is not known how long a clip lasts.
    """
    clip = outcome.abilities.clip
    if clip is None:
        return
    old = {shot.id: _filled(shot) for shot in main_shots(before)}
    for shot in main_shots(outcome.draft):
        motion = shot.motion
        if motion is None or not _is_open(motion) or old.get(shot.id) == _filled(shot):
            continue
        chosen = choose_extend(shot.duration, clip, follows_words(motion.prompt, outcome.abilities.follows_text))
        if not chosen:
            continue
        said = outcome.say(f"say.fill_{chosen}", clip=f"{float(clip):.2g}", shot=plain_number(shot.duration))
        if said not in outcome.choices:
            outcome.choices.append(said)


def _is_open(motion: Motion) -> bool:
    return generated(motion) and motion.extend in (None, "auto")


def _filled(shot: Segment) -> tuple[object, ...]:
    motion = shot.motion
    return shot.duration, motion is not None and (generated(motion), motion.extend, motion.prompt is not None)
