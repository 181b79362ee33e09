"""How a shot that is longer than one generated clip is filled where nobody said."""

from fractions import Fraction

from pipelines.diffusion.length import SLOWEST

MOST_LENGTHS = 4
"""Clips' lengths that are filled forth and back, or by clips generated one from the other: beyond it the turning points
become a rhythm, and each further clip is farther from the photo (the drift of chained generation) and costs as much as
the first."""


def follows_words(prompt: str | None, follows_text: bool) -> bool:
    """Whether a clip follows words about what moves: there must be some, and a model that takes them.

    Args:
        prompt: what shall move, of the shot's motion; None or empty where nobody said.
        follows_text: whether the model takes text, as its traits say.
    """
    return follows_text and bool(prompt)


def choose_extend(duration: Fraction, clip: Fraction, follows_text: bool) -> str:
    """What fills a shot with generated motion.

    Up to one clip nothing is needed; a little more is played slower, which costs least and repeats nothing. Motion that
    nobody directed (waves, leaves, a camera's breath) looks natural backwards too and is played forth and back. Motion
    that follows words has a direction (a dog that runs, water that falls) and is generated on. What is longer still is
    looped without a seam.

    Args:
        duration: seconds of the shot, above 0.
        clip: seconds of one generated clip, from its first picture to its last, above 0.
        follows_text: whether this clip follows words about what moves, from :func:`follows_words`; that its model
            could is not enough.

    Returns:
        Empty, or a word of ``engine.motion.EXTENDS``: ``slow``, ``ping_pong``, ``chain`` or ``loop``.
    """
    ratio = duration / clip
    if ratio <= 1:
        return ""
    if ratio <= 1 / SLOWEST:
        return "slow"
    if ratio <= MOST_LENGTHS:
        return "chain" if follows_text else "ping_pong"
    return "loop"
