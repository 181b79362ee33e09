"""Captions from files: SubRip (.srt) and WebVTT (.vtt), with line numbers in what is refused."""

import heapq
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from engine.core.errors import CorruptMedia, MediaLimitExceeded, UnreadableMedia, UnsupportedMedia
from engine.core.settings import Setting
from engine.text.encoding import decode

MAX_CAPTION_FILE = Setting("MULTIPLANE_MAX_CAPTION_MB", 10, "MB", 1, 1000, "largest file of captions that is read")

MAX_CUES = 50_000

MAX_AT_ONCE = 100
"""Captions at one time: where they overlap, each is repeated for every other that begins or ends meanwhile."""

_ARROW = "-->"
_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s+(.*))?\s*")
_EXAMPLE = {".srt": "00:00:01,000 --> 00:00:03,500", ".vtt": "00:01.000 --> 00:03.500"}
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|</?>")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_CORNER = re.compile(r"\\an([1-9])")
_ANCHORS = {
    "1": "bottom_left", "2": "bottom", "3": "bottom_right", "4": "left", "5": "center", "6": "right",
    "7": "top_left", "8": "top", "9": "top_right",
}  # fmt: skip
_VTT_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption.

    Attributes:
        start, end: seconds; start < end.
        text: its lines, without markup.
        anchor: where the file puts it, as a ``TextStyle`` has it; None leaves that to the style.
    """

    start: Fraction
    end: Fraction
    text: str
    anchor: str | None = None


def read_captions(path: Path) -> tuple[Cue, ...]:
    """Read a file of captions.

    Bold, italic, colours, speakers and karaoke times are left out of the text; a place at the top or in a corner is
    kept. The text's encoding is guessed (see :func:`engine.text.encoding.decode`). Empty cues are left out.

    Args:
        path: ``.srt`` or ``.vtt``; a file that begins with ``WEBVTT`` is that, whatever it is called.

    Returns:
        The cues in order of time; they may overlap, see :func:`without_overlaps`.

    Raises:
        UnreadableMedia: the file is missing or may not be read.
        UnsupportedMedia: it has another suffix.
        MediaLimitExceeded: it is larger than :data:`MAX_CAPTION_FILE`, or has more than :data:`MAX_CUES` cues, or more
            than :data:`MAX_AT_ONCE` at one time.
        CorruptMedia: a line cannot be understood; the sentence has its number.
    """
    text = _read_text(path)
    lines = re.split(r"\r\n|\n|\r", text)
    is_vtt = bool(lines) and re.match(r"WEBVTT(\s|$)", lines[0]) is not None
    suffix = path.suffix.lower()
    if suffix == ".vtt" and not is_vtt:
        raise CorruptMedia(path, "line 1: a WebVTT file must begin with WEBVTT: write that, or call the file .srt.")
    if not is_vtt and suffix != ".srt":
        raise UnsupportedMedia(path, "captions are read from .srt and .vtt files: convert it, or mend its name.")
    cues = []
    for cue in _cues(path, lines, is_vtt):
        if cue.text and cue.start < cue.end:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise MediaLimitExceeded(path, f"it has more than {MAX_CUES} captions: split it.")
    if not cues:
        raise CorruptMedia(path, f"there are no captions in it: a caption's time is written {_example(is_vtt)}.")
    cues.sort(key=lambda cue: (cue.start, cue.end))
    _check_crowd(path, cues)
    return tuple(cues)


def without_overlaps(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """Cues of which only one is up at a time: where several were, their texts stand under each other, earlier first.

    Cues at different anchors do not meet and are left as they are.
    """
    result: list[Cue] = []
    for anchor in {cue.anchor for cue in cues}:
        group = sorted((cue for cue in cues if cue.anchor == anchor), key=lambda cue: cue.start)
        times = sorted({time for cue in group for time in (cue.start, cue.end)})
        up: list[Cue] = []
        begun = 0
        for start, end in pairwise(times):
            while begun < len(group) and group[begun].start <= start:
                up.append(group[begun])
                begun += 1
            up = [cue for cue in up if cue.end > start]
            if up:
                result.append(Cue(start, end, "\n".join(cue.text for cue in up), anchor))
    return tuple(sorted(result, key=lambda cue: (cue.start, cue.end, cue.anchor or "")))


def write_srt(cues: Sequence[Cue]) -> str:
    """Cues as the text of an SRT file, in order of time; times are rounded to milliseconds."""
    parts = []
    for number, cue in enumerate(sorted(cues, key=lambda cue: (cue.start, cue.end)), start=1):
        # A blank line would end the cue.
        text = "\n".join(line for line in cue.text.splitlines() if line.strip())
        parts.append(f"{number}\n{_srt_time(cue.start)} --> {_srt_time(cue.end)}\n{text}\n")
    return "\n".join(parts)


def _read_text(path: Path) -> str:
    limit = MAX_CAPTION_FILE.int_value()
    try:
        with path.open("rb") as file:
            data = file.read((limit << 20) + 1)
    except OSError as error:
        problem = "this file of captions cannot be read. Check the name and the permissions."
        raise UnreadableMedia(path, problem, detail=str(error)) from error
    if len(data) > limit << 20:
        raise MediaLimitExceeded(path, f"it is larger than {limit} MB, too large for captions.")
    return decode(data)


def _check_crowd(path: Path, cues: Sequence[Cue]) -> None:
    ends: list[Fraction] = []
    for cue in cues:
        while ends and ends[0] <= cue.start:
            heapq.heappop(ends)
        heapq.heappush(ends, cue.end)
        if len(ends) > MAX_AT_ONCE:
            second = float(cue.start)
            raise MediaLimitExceeded(path, f"more than {MAX_AT_ONCE} captions are up at {second:g} s: mend their ends.")


def _cues(path: Path, lines: Sequence[str], is_vtt: bool) -> Iterator[Cue]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if is_vtt and line.split(" ")[0].split("\t")[0] in _VTT_BLOCKS and (at == 0 or not lines[at - 1].strip()):
            at = _block_end(lines, at)
            continue
        if not _may_be_time(line):
            at += 1
            continue
        match = _TIMING.fullmatch(line)
        if match is None:
            problem = f"line {at + 1}: this is not the time of a caption: write it as {_example(is_vtt)}."
            raise CorruptMedia(path, problem, detail=line[:200])
        start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:8])
        if end < start:
            raise CorruptMedia(path, f"line {at + 1}: this caption ends before it begins: exchange or mend its times.")
        last = _block_end(lines, at + 1) if is_vtt else _srt_end(lines, at + 1)
        text, anchor = _clean(lines[at + 1 : last], is_vtt)
        yield Cue(start, end, text, anchor or (_vtt_anchor(match.group(9) or "") if is_vtt else None))
        at = last


def _may_be_time(line: str) -> bool:
    """Whether a line is the time of a cue, though perhaps a damaged one; an arrow without a digit is text."""
    return _ARROW in line and any(ch.isdigit() for ch in line)


def _block_end(lines: Sequence[str], at: int) -> int:
    """The next blank line; a cue's time ends the block before it too."""
    while at < len(lines) and lines[at].strip() and not _TIMING.fullmatch(lines[at]):
        at += 1
    return at


def _srt_end(lines: Sequence[str], at: int) -> int:
    """One past a cue's text: many files have blank lines within, so only the next cue ends it."""
    end = at
    while end < len(lines) and not _may_be_time(lines[end]):
        end += 1
    if end < len(lines) and end > at and lines[end - 1].strip().isdigit():
        end -= 1
    return end


def _clean(lines: Sequence[str], is_vtt: bool) -> tuple[str, str | None]:
    text = "\n".join(lines)
    corner = next((found for block in _OVERRIDE.findall(text) if (found := _CORNER.search(block))), None)
    text = _OVERRIDE.sub("", text).replace("\\N", "\n").replace("\\h", " ")
    text = _TAG.sub("", text)
    if is_vtt:
        text = html.unescape(text)
    kept = [line.strip() for line in text.split("\n")]
    return "\n".join(line for line in kept if line), _ANCHORS[corner.group(1)] if corner else None


def _vtt_anchor(settings: str) -> str | None:
    """Where the settings ``line``, ``position`` and ``align`` put a cue: the nearest anchor."""
    values = dict(part.split(":", 1) for part in settings.split() if ":" in part)
    row, column = "bottom", ""
    line = values.get("line", "").split(",")[0]
    share = re.fullmatch(r"(\d+(?:\.\d+)?)%", line)
    if share:
        row = "top" if float(share.group(1)) < 34 else "" if float(share.group(1)) < 67 else "bottom"
    elif re.fullmatch(r"\d+", line):
        row = "top" if int(line) < 6 else "" if int(line) < 10 else "bottom"  # of about 16 lines
    position = re.match(r"(\d+(?:\.\d+)?)%", values.get("position", ""))
    if position and float(position.group(1)) != 50:
        column = "left" if float(position.group(1)) < 34 else "right" if float(position.group(1)) > 66 else ""
    elif values.get("align") in ("left", "right"):
        column = values["align"]
    anchor = "_".join(part for part in (row, column) if part) or "center"
    return None if anchor == "bottom" else anchor


def _seconds(parts: Sequence[str | None]) -> Fraction:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + Fraction(int((fraction or "0").ljust(3, "0")), 1000)


def _srt_time(time: Fraction) -> str:
    milliseconds = round(time * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d},{milliseconds:03d}"


def _example(is_vtt: bool) -> str:
    return _EXAMPLE[".vtt" if is_vtt else ".srt"]
