"""What the director hands over."""

from dataclasses import dataclass

from engine.timeline import Operation


@dataclass(frozen=True, slots=True)
class Asset:
    """What is known of one file of the session.

    Attributes:
        name: the file name that the user sees.
        width, height: upright size in pixels; 0 where it is not known, or there is none.
        kind: ``photo``, ``video``, ``audio`` or ``captions``.
        duration: seconds of a video or a sound; 0 where it is not known.
        faces: how many faces it shows, as far as known.
        src: how a draft names the file; empty where that is its name.
    """

    name: str
    width: int = 0
    height: int = 0
    kind: str = "photo"
    duration: float = 0.0
    faces: int = 0
    src: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that the director took from the instruction.

    Attributes:
        topic: what it is about: ``move``, ``speed``, ``duration``, ``canvas``, ...
        phrase: what it was taken to mean, in the user's language.
    """

    topic: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The director's answer to an instruction.

    Attributes:
        operations: to apply to the draft, in order.
        said: one or two plain sentences for the user: what was understood, what was chosen, what was not possible.
        understood: the same, item by item.
        not_understood: each thing that was not understood or is not possible, quoting the user's words, with the
            reason where there is one.
        kind: ``edit``; or, where there is nothing to edit, ``greeting``, ``help``, ``answer`` (to a question about the
            timeline), ``costs``, ``outside`` (not what this program is for), ``export`` (the client's own call),
            ``ask`` (something must be known first), ``undo``, ``redo``, ``restart``.
        language: code of the language of the answer.
        chosen: whether the words left something open, and a choice was made and said.
    """

    operations: tuple[Operation, ...]
    said: str
    understood: tuple[Understood, ...] = ()
    not_understood: tuple[str, ...] = ()
    kind: str = "edit"
    language: str = "en"
    chosen: bool = False
