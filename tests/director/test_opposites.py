"""Opposites are never confused: an instruction and its mirror lead to opposite edits, whatever words stand around."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.motion import MOVES
from engine.timeline import History
from pipelines.director import Conversation, converse
from tests.director.facts import facts_of
from tests.director.starts import assets_of, draft_of


@dataclass(frozen=True)
class Pair:
    """Two instructions that ask for opposite moves.

    Attributes:
        one, other: the words, and the move that must come of them.
    """

    one: tuple[str, str]
    other: tuple[str, str]


PAIRS = {
    "en": [
        Pair(("zoom in", "zoom_in"), ("zoom out", "zoom_out")),
        Pair(("push in", "zoom_in"), ("pull out", "zoom_out")),
        Pair(("move closer", "zoom_in"), ("move further away", "zoom_out")),
        Pair(("pan left", "pan_left"), ("pan right", "pan_right")),
        Pair(("pan to the left", "pan_left"), ("pan to the right", "pan_right")),
        Pair(("pan from right to left", "pan_left"), ("pan from left to right", "pan_right")),
        Pair(("tilt up", "pan_up"), ("tilt down", "pan_down")),
        Pair(("pan from bottom to top", "pan_up"), ("pan from top to bottom", "pan_down")),
        Pair(("rotate clockwise", "rotate_cw"), ("rotate counterclockwise", "rotate_ccw")),
        Pair(("dolly in with depth", "dolly_in"), ("dolly out with depth", "dolly_out")),
        Pair(("orbit to the left", "orbit_left"), ("orbit to the right", "orbit_right")),
        Pair(("truck left", "truck_left"), ("truck right", "truck_right")),
        Pair(("pedestal up", "pedestal_up"), ("pedestal down", "pedestal_down")),
        Pair(("push in with parallax", "dolly_in"), ("pull back with parallax", "dolly_out")),
    ],
    "zh": [
        Pair(("推近", "zoom_in"), ("拉远", "zoom_out")),
        Pair(("放大", "zoom_in"), ("缩小", "zoom_out")),
        Pair(("镜头往前推", "zoom_in"), ("镜头往后拉", "zoom_out")),
        Pair(("镜头向左移", "pan_left"), ("镜头向右移", "pan_right")),
        Pair(("从右往左移", "pan_left"), ("从左往右移", "pan_right")),
        Pair(("从下往上摇", "pan_up"), ("从上往下摇", "pan_down")),
        Pair(("顺时针旋转", "rotate_cw"), ("逆时针旋转", "rotate_ccw")),
        Pair(("用视差推近", "dolly_in"), ("用视差拉远", "dolly_out")),
        Pair(("向左环绕", "orbit_left"), ("向右环绕", "orbit_right")),
    ],
}

FRAMES = {
    "en": [
        "{}", "{} slowly", "slow {}", "please {} on every photo", "can you {}?", "{}, 8 seconds, vertical",
        "add calm music and {}",
        "{} with a title 'the other way'", "I want the camera to {}", "no music, just {}",
        "{} please, and make it warmer", "not {not_}, {}",
        "don't {not_}, {} instead", "{} instead of {not_}", "hmm, {}", "{} on the second photo",
    ],
    "zh": [
        "{}", "慢慢{}", "请{}", "每张照片都{}", "{}，10秒，竖屏", "加点轻松的音乐，{}", "{}，加标题“反过来”",
        "不要{not_}，要{}", "能不能{}一下", "第二张{}",
    ],
}  # fmt: skip


def moves_after(text: str) -> set[str]:
    """The moves that any shot has after an instruction, where no photo moved before."""
    _, conversation = converse(text, Conversation(History(draft_of("three_photos"))), assets_of("three_photos"))
    return {move for shot in facts_of(conversation.draft)["shots"] for move in shot["move"]} - {"hold"}


@pytest.mark.parametrize("language", sorted(PAIRS))
def test_every_pair_comes_out_as_said_in_every_frame(language: str):
    wrong = []
    for pair in PAIRS[language]:
        for wanted, unwanted in ((pair.one, pair.other), (pair.other, pair.one)):
            for frame in FRAMES[language]:
                text = frame.format(wanted[0], not_=unwanted[0])
                found = moves_after(text)
                if wanted[1] not in found or unwanted[1] in found:
                    wrong.append((text, sorted(found)))
    assert wrong == []


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(PAIRS)), st.data())
def test_two_turns_end_with_what_was_said_last(language: str, data: st.DataObject):
    pair = data.draw(st.sampled_from(PAIRS[language]))
    frames = st.sampled_from(
        [frame for frame in FRAMES[language] if "not_" not in frame and "second" not in frame and "第二" not in frame]
    )
    first, last = data.draw(st.permutations([pair.one, pair.other]))
    conversation = Conversation(History(draft_of("three_photos")))
    for words, frame in ((first[0], data.draw(frames)), (last[0], data.draw(frames))):
        _, conversation = converse(frame.format(words), conversation, assets_of("three_photos"))
    shots = facts_of(conversation.draft)["shots"]
    assert all(last[1] in shot["move"] and MOVES[last[1]].opposite not in shot["move"] for shot in shots)


COMPARED = [
    ("music.vol", "make the music louder", "make the music quieter"),
    ("music.vol", "turn the music up", "turn the music down"),
    ("music.vol", "音乐大声一点", "音乐小声一点"),
    ("texts[0].size", "make the title bigger", "make the title smaller"),
    ("texts[0].size", "标题大一点", "标题小一点"),
    ("texts[0].y", "move the title lower down", "move the title higher up"),
    ("texts[0].y", "标题往下一点", "标题往上一点"),
    ("d", "make it longer", "make it shorter"),
    ("d", "视频长一点", "视频短一点"),
    ("texts[0].d", "keep the title up longer", "show the title for less time"),
]


@pytest.mark.parametrize(("path", "more", "less"), COMPARED)
def test_more_is_more_and_less_is_less(path: str, more: str, less: str):
    values = {}
    for name, text in (("more", more), ("less", less), ("now", "")):
        conversation = Conversation(History(draft_of("finished")))
        if text:
            plan, conversation = converse(text, conversation, assets_of("finished"))
            assert plan.not_understood == (), text
        values[name] = _value(facts_of(conversation.draft), path)
    assert values["less"] < values["now"] < values["more"], values


def _value(facts: dict, path: str) -> float:
    head, _, member = path.partition(".")
    if head.startswith("texts"):
        found = facts["texts"][0]
        return found[member] if found[member] is not None else 0.5
    return facts[head][member] if member else facts[head]
