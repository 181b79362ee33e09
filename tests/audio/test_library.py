"""Music is found by mood, the same for the same seed, and what is missing is said."""

import json
import os
import tomllib
from collections import Counter
from fractions import Fraction
from importlib import resources
from pathlib import Path

import av
import pytest

from engine.audio.library import MusicLibrary, find_moods
from engine.audio.library_folder import normal
from engine.core.errors import OptionError
from tests.audio.sounds import tone, write_sound

PACK_LIST = """All music in this directory was generated locally with ACE-Step 1.5. It is released under
the same MIT licence as the rest of the project.

calm/
  calm_acoustic_1.opus                 68 bpm  C major   seed 101  [acoustic]
  calm_electronic_s411.opus            72 bpm  D major   seed 411  [electronic]

energetic/
  energetic_electronic_2.opus         150 bpm  Bb minor  seed 202  [electronic]
"""


def library(folder: Path, *names: str) -> MusicLibrary:
    """A library of empty files: what is inside is not looked at when names say enough."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return MusicLibrary([folder])


@pytest.fixture
def pack(tmp_path: Path) -> MusicLibrary:
    (tmp_path / "LICENSE-MUSIC").write_text(PACK_LIST)
    return library(
        tmp_path,
        "calm/calm_acoustic_1.opus",
        "calm/calm_electronic_s411.opus",
        "energetic/energetic_electronic_2.opus",
        "nostalgic/nostalgic_acoustic_1.opus",
    )


def test_the_packs_list_gives_tempo_key_and_licence(pack: MusicLibrary) -> None:
    track = next(track for track in pack.tracks if track.name == "energetic/energetic_electronic_2.opus")
    assert (track.bpm, track.key, track.licence) == (150.0, "Bb minor", "MIT")
    assert {"energetic", "electronic"} <= track.tags


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("calm", "calm/"),
        ("relaxing", "calm/"),
        ("chill", "calm/"),
        ("轻松", "calm/"),
        ("一首轻松的音乐", "calm/"),
        ("轻音乐", "calm/"),
        ("冥想", "calm/"),
        ("婚禮", "calm/"),
        ("Lo-Fi", "calm/calm_electronic"),
        ("lofi beats to study to", "calm/calm_electronic"),
        ("upbeat", "energetic/"),
        ("ENERGETIC", "energetic/"),
        ("happy", "energetic/"),
        ("欢快", "energetic/"),
        ("电子音乐", "energetic/"),
        ("歡快的節奏", "energetic/"),
        ("cinematic", "nostalgic/"),
        ("epic", "nostalgic/"),
        ("史诗", "nostalgic/"),
        ("懸疑", "nostalgic/"),
        ("calm guitar", "calm/calm_acoustic"),
        ("something soft and slow", "calm/"),
    ],
)
def test_moods_and_their_synonyms_find_music(pack: MusicLibrary, said: str, found: str) -> None:
    for seed in range(5):
        assert pack.choose(said, seed=seed).name.startswith(found)


def test_every_mood_of_ours_finds_something_in_the_pack(pack: MusicLibrary) -> None:
    assert pack.moods().keys() == {"lo-fi", "calm", "upbeat", "cinematic", "acoustic"}


def test_words_inside_other_words_name_no_mood() -> None:
    assert find_moods("a funeral in the outback") == []
    assert [mood.name for mood in find_moods("fun!")] == ["upbeat"]


def test_no_word_stands_for_two_moods() -> None:
    text = resources.files("engine.audio").joinpath("moods.toml").read_text(encoding="utf-8")
    words = [normal(word) for mood in tomllib.loads(text).values() for word in mood["words"]]
    # "lo-fi" and "lofi" are two words; "lo-fi" and "lo fi" would be one.
    assert [word for word, times in Counter(words).items() if times > 1] == []


def test_folders_with_chinese_names_are_found_by_every_name_of_their_mood(tmp_path: Path) -> None:
    tracks = library(tmp_path, "欢快的音乐/一.mp3", "輕鬆/二.mp3", "other/三.mp3")
    for said in ("upbeat", "happy", "欢快", "歡快", "欢快的音乐"):
        assert tracks.choose(said, seed=0).name == "欢快的音乐/一.mp3"
    assert tracks.choose("calm", seed=0).name == "輕鬆/二.mp3"
    assert tracks.remark("calm", tracks.choose("calm", seed=0)) == ""


def test_the_studios_own_folders_are_offered_too(tmp_path: Path) -> None:
    names = ("Jazz/a.mp3", "Jazz/b.mp3", "calm/c.mp3", "tender/acoustic.mp3", "tender/d.mp3", "loose.mp3")
    tracks = library(tmp_path, *names)
    assert tracks.choose("jazz", seed=0).name.startswith("Jazz/")
    with pytest.raises(OptionError, match=r"fits 'swing': there is acoustic \(1\), calm \(1\), jazz \(2\)\. Choose"):
        tracks.choose("swing", seed=0)


def test_what_is_written_inside_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.flac", tone(0.1), "flac")
    for number, genre in enumerate(("Jazz", "Tango"), 1):
        with av.open(str(path)) as given, av.open(str(tmp_path / "new.flac"), "w") as taken:
            taken.metadata["genre"] = genre
            stream = taken.add_stream_from_template(given.streams.audio[0])
            for packet in given.demux(audio=0):
                if packet.size:
                    packet.stream = stream
                    taken.mux(packet)
        (tmp_path / "new.flac").rename(path)
        os.utime(path, (number, number))
        assert [track.tags for track in MusicLibrary([tmp_path]).tracks] == [{"a", genre.lower()}]


def test_hidden_files_are_no_music(tmp_path: Path) -> None:
    tracks = library(tmp_path, "calm/._a.mp3", "calm/a.mp3", ".trash/calm.mp3")
    assert [track.name for track in tracks.tracks] == ["calm/a.mp3"]


def test_the_seed_decides_and_adding_music_changes_little(tmp_path: Path) -> None:
    names = [f"calm/{index}.mp3" for index in range(20)]
    before = library(tmp_path, *names)
    chosen = [before.choose("calm", seed=seed).name for seed in range(40)]
    assert chosen == [MusicLibrary([tmp_path]).choose("calm", seed=seed).name for seed in range(40)]
    assert len(set(chosen)) > 8
    after = library(tmp_path, "calm/new.mp3")
    changed = [one for one, seed in zip(chosen, range(40), strict=True) if after.choose("calm", seed=seed).name != one]
    assert len(changed) < 10


def test_a_list_of_our_own_says_everything(tmp_path: Path) -> None:
    tracks = library(tmp_path, "a.mp3", "b.mp3")
    entry = {"file": "a.mp3", "title": "Sunrise", "moods": ["Epic"], "bpm": 90, "key": "D minor", "loopable": True}
    (tmp_path / "music.json").write_text(json.dumps({"licence": "CC0-1.0", "track": [entry]}))
    track = tracks.choose("cinematic", seed=0)
    assert (track.title, track.bpm, track.key, track.licence, track.loopable) == (
        "Sunrise",
        90,
        "D minor",
        "CC0-1.0",
        True,
    )
    assert [one.name for one in tracks.fitting("epic")] == ["a.mp3"]


def test_toml_lists_are_read_too(tmp_path: Path) -> None:
    tracks = library(tmp_path, "x/one.mp3")
    (tmp_path / "music.toml").write_text('[[track]]\nfile = "x/one.mp3"\nmoods = ["acoustic"]\n')
    assert tracks.choose("guitar", seed=0).title == "one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[track", "not valid TOML"),
        ("track = 3", "must hold a list"),
        ("[[track]]\ntitle = 'x'", "track 1 needs `file`"),
        ("[[track]]\nfile = 'a'\nmoods = 'calm'", "must be a list of words"),
        ("[[track]]\nfile = 'a'\nbpm = 'fast'", "beats per minute"),
        ("[[track]]\nfile = 'a'\nloopable = 1", "true or false"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_entry(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "music.toml").write_text(text)
    with pytest.raises(OptionError, match=f"music.toml: .*{said}"):
        MusicLibrary([tmp_path]).choose("calm", seed=0)


def test_a_long_enough_track_is_preferred(tmp_path: Path) -> None:
    (tmp_path / "calm").mkdir()
    for name, seconds in (("short.wav", 1.0), ("long.wav", 3.0)):
        write_sound(tmp_path / "calm" / name, tone(seconds))
    tracks = MusicLibrary([tmp_path])
    assert {tracks.choose("calm", seed=seed, duration=Fraction(2)).name for seed in range(8)} == {"calm/long.wav"}
    assert len({tracks.choose("calm", seed=seed, duration=Fraction(9)).name for seed in range(8)}) == 2


def test_without_music_it_says_how_to_add_some(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"no music on this machine yet: .*multiplane packs"):
        MusicLibrary([tmp_path, tmp_path / "missing"]).choose("calm", seed=0)


def test_a_mood_that_nothing_fits_is_answered_with_what_is_there(pack: MusicLibrary) -> None:
    with pytest.raises(OptionError, match=r"No music here fits 'polka': there is .*calm \(2\)"):
        pack.choose("polka", seed=0)
