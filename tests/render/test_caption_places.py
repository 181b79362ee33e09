"""Captions from a file stand where their cues say, and keep their looks apart."""

from pathlib import Path

from engine.timeline import read_draft
from pipelines.render.scene import prepare

CUES = """1
00:00:00,000 --> 00:00:02,000
{\\an8}At the top

2
00:00:02,000 --> 00:00:04,000
Below
"""


def draft_with(*segments: dict[str, object]):
    picture = {"id": "video", "tt": 0, "sg": [{"id": "a", "s": 0, "d": 4000, "src": "color:#000000"}]}
    return read_draft({"v": 2, "t": [picture, {"id": "texts", "tt": 7, "sg": list(segments)}]})


def test_a_cue_stands_where_it_says(tmp_path: Path):
    (tmp_path / "cues.srt").write_text(CUES)
    scene = prepare(draft_with({"id": "c", "s": 0, "d": 4000, "src": "cues.srt"}), tmp_path)
    top, below = scene.draft.tracks[1].segments
    assert top.style is not None
    assert top.style.anchor == "top"
    assert below.style is not None
    assert below.style.anchor is None


def test_a_place_of_the_draft_wins(tmp_path: Path):
    (tmp_path / "cues.srt").write_text(CUES)
    style = {"role": "caption", "anchor": "center"}
    scene = prepare(draft_with({"id": "c", "s": 0, "d": 4000, "src": "cues.srt", "st": style}), tmp_path)
    assert {text.style.anchor for text in scene.draft.tracks[1].segments if text.style} == {"center"}


def test_cues_that_are_up_together_at_two_places_stay_two(tmp_path: Path):
    (tmp_path / "cues.srt").write_text(CUES.replace("00:00:02,000 --> 00:00:04,000", "00:00:01,000 --> 00:00:03,000"))
    scene = prepare(draft_with({"id": "c", "s": 0, "d": 4000, "src": "cues.srt"}), tmp_path)
    texts = scene.draft.tracks[1].segments
    assert [(float(text.start), text.text, text.style.anchor if text.style else None) for text in texts] == [
        (0.0, "At the top", "top"),
        (1.0, "Below", None),
    ]
