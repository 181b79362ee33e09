"""A segment's JSON: lengths that come from the media, texts and their styles, what a clip can have."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from engine.core.errors import UnreadableMedia
from engine.timeline import (
    Box,
    Draft,
    Effect,
    Keyframe,
    Outline,
    Placement,
    Playback,
    Segment,
    Shadow,
    TextStyle,
    Track,
    read_draft,
    validate_draft,
    write_draft,
)
from engine.timeline.effects import DEFAULT_AMOUNTS


def clip(**members: Any) -> Segment:
    return read_draft({"t": [{"sg": [{"d": 1000, "src": "a.jpg"} | members]}]}).photos[0]


LENGTHS = {"long.mp4": Fraction(20), "short.mp4": Fraction(2), "song.mp3": Fraction(180)}


@pytest.mark.parametrize(
    ("members", "seconds"),
    [
        ({"src": "short.mp4"}, Fraction(2)),
        ({"src": "short.mp4", "in": 500}, Fraction(3, 2)),
        ({"src": "short.mp4", "in": 500, "out": 900}, Fraction(4, 10)),
        ({"src": "short.mp4", "out": 9000}, Fraction(2)),
        ({"src": "short.mp4", "sp": 0.5}, Fraction(4)),
        ({"src": "short.mp4", "sp": 2, "loop": 3}, Fraction(3)),
        ({"src": "photo.jpg"}, Fraction(10)),  # as without a prober: to the end of the draft
        ({"src": "short.mp4", "loop": 0}, Fraction(10)),
        ({"src": "short.mp4", "fz": 100}, Fraction(10)),
        ({"src": "short.mp4", "in": 5000}, Fraction(10)),
        ({"src": "long.mp4"}, Fraction(10)),
        ({"tt": 1, "src": "song.mp3"}, Fraction(10)),
        ({"src": "short.mp4", "d": 5000}, Fraction(5)),
    ],
)
def test_a_segment_without_a_duration_lasts_as_long_as_its_medium(members: dict[str, Any], seconds: Fraction):
    track = {key: members[key] for key in members if key == "tt"}
    segment = {key: members[key] for key in members if key != "tt"}
    draft = read_draft({"d": 10000, "t": [track | {"sg": [segment]}]}, LENGTHS.get)
    assert draft.tracks[0].segments[0].duration == seconds


def test_a_medium_ends_where_the_next_segment_begins():
    segments = [{"src": "short.mp4"}, {"src": "long.mp4"}, {"s": 6000, "src": "long.mp4"}]
    photos = read_draft({"t": [{"sg": segments}]}, LENGTHS.get).photos
    assert [(photo.start, photo.end) for photo in photos] == [(0, 2), (2, 6), (6, 26)]
    assert [photo.duration for photo in read_draft({"t": [{"sg": segments}]}).photos] == [4, 2, 4]


def test_a_medium_that_cannot_be_probed_is_not_a_problem_of_the_draft():
    def refuse(src: str) -> Fraction:
        raise UnreadableMedia(src, "is not there.")

    with pytest.raises(UnreadableMedia):
        read_draft({"t": [{"sg": [{"src": "a.mp4"}]}]}, refuse)
    assert read_draft({"t": [{"sg": [{"src": "a.mp4", "d": 1000}]}]}, refuse).duration == 1
    assert validate_draft({"t": [{"sg": [{"src": "a.mp4"}]}]}) == ()


def text(**segment: Any) -> Segment:
    return read_draft({"w": 1920, "h": 1080, "t": [{"tt": 7, "sg": [{"d": 1000} | segment]}]}).tracks[0].segments[0]


def test_a_text_may_stand_in_the_metadata():
    assert text(m={"text": "Sea walk"}).text == "Sea walk"
    assert text(m={"text": 5}).text is None
    assert text(tx="", m={"text": "old"}).text == ""


def test_a_text_repeated_in_the_metadata_follows():
    segment = text(tx="new", m={"text": "old", "x": 1})
    assert segment.meta == {"text": "new", "x": 1}
    edited = replace(segment, text="edited")
    track = Track("t1", 7, (edited,))
    assert write_draft(Draft(tracks=(track,)))["t"][0]["sg"][0]["m"] == {"text": "edited", "x": 1}
    assert "m" not in write_draft(Draft(tracks=(Track("t1", 7, (text(tx="new"),)),)))["t"][0]["sg"][0]


@pytest.mark.parametrize(
    ("style", "read"),
    [
        ({}, TextStyle()),
        ({"size": 54}, TextStyle(size=0.05)),
        ({"size": 1080}, TextStyle(size=1.0)),
        ({"size": 1}, TextStyle(size=1.0)),
        ({"size": 0.05}, TextStyle(size=0.05)),
        ({"weight": "bold"}, TextStyle(weight=700)),
        ({"outline": True, "shadow": False}, TextStyle(outline=True, shadow=False)),
        ({"outline": "#ff0000"}, TextStyle(outline=Outline("#ff0000"))),
        ({"shadow": {"blur": 0.2}}, TextStyle(shadow=Shadow(blur=0.2))),
        ({"bg": "#102030"}, TextStyle(box=Box("#102030"))),
        ({"bg": "#102030", "box": True}, TextStyle(box=Box("#102030"))),
        ({"bg": "#102030", "box": {"opacity": 1}}, TextStyle(box=Box("#102030", 1.0))),
        ({"bg": "#102030", "box": {"color": "#ffffff"}}, TextStyle(box=Box("#ffffff"), extra={"bg": "#102030"})),
        ({"bg": "#102030", "box": False}, TextStyle(box=False, extra={"bg": "#102030"})),
        ({"in": "pop", "out": "none", "in_d": 250}, TextStyle(enter="pop", leave="none", enter_time=Fraction(1, 4))),
        ({"by": "line"}, TextStyle(by_line=True)),
    ],
)
def test_text_styles(style: dict[str, Any], read: TextStyle):
    assert text(tx="x", st=style).style == read


def test_members_of_a_clip():
    photo = clip(**{"in": 1200, "out": 4200, "sp": "1/3", "rev": True, "loop": 0, "fz": 7})
    assert photo.playback == Playback(Fraction(6, 5), Fraction(21, 5), Fraction(1, 3), True, 0, Fraction(7, 1000))
    assert clip(sp=1.1).playback.speed == Fraction(11, 10)
    effects = clip(ef=["snow", {"fx": "contrast", "amount": -0.5}]).effects
    assert effects == (Effect("snow"), Effect("contrast", -0.5))
    assert effects[0].strength == DEFAULT_AMOUNTS["snow"]
    assert clip(ef="sepia").effects == (Effect("sepia"),)
    keyframes = clip(kf=[{"at": 500, "x": 1}, {"at": 0, "x": 0}]).keyframes
    assert keyframes == (Keyframe(Fraction(0), 0.0), Keyframe(Fraction(1, 2), 1.0))
    assert clip(pl={"rot": 5}).placement == Placement(rotation=5.0)
    assert clip(src="color:#ff0000").src == "color:#ff0000"
