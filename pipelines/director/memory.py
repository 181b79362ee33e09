"""What a conversation was about: what "it" means in the next sentence."""

from dataclasses import dataclass


@dataclass(slots=True)
class Memory:
    """What was spoken of last.

    Attributes:
        topic: the domain of the last clause that did something, see ``pipelines.director.clauses``; empty at first.
        texts: ids of the texts that were written or changed last.
        shots: ids of the shots that were spoken of last; empty for all.
        text: the last instruction that changed something.
        undone: whether that was taken back since.
        role: of a text whose words were asked for.
        sound: what of the sound was spoken of: ``music``, ``voice`` or ``sound`` (of the clips).
        chosen: whether the last instruction named shots.
    """

    topic: str = ""
    texts: tuple[str, ...] = ()
    shots: tuple[str, ...] = ()
    text: str = ""
    undone: bool = False
    role: str = ""
    sound: str = ""
    chosen: bool = False
