"""One chunk or many, threads or processes, from the cache or not: the same frames, and nothing lost on the way."""

import hashlib
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from engine.core.errors import Cancelled, CorruptMedia, WorkerDied
from engine.media import PRESETS
from engine.timeline import Canvas, Draft
from pipelines.render import Progress, RenderOptions, process_crew, render_draft
from pipelines.render.cache import FOLDER, Cache
from pipelines.render.finished import TRIM_SHARE, Finished
from pipelines.render.process_crew import ProcessCrew
from tests.helpers_mp4 import read_frames
from tests.render.media import full_draft

DRAFT = RenderOptions(preset=PRESETS["draft"])


def packets(path: Path) -> str:
    """The hash of the coded video, bit by bit."""
    state = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            state.update(bytes(packet))
    return state.hexdigest()


def pictures(path: Path) -> list[str]:
    """The hash of each decoded frame."""
    return [hashlib.sha256(b"".join(p.tobytes() for p in (f.y, f.u, f.v))).hexdigest() for f in read_frames(path)]


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return full_draft(tmp_path)


def render(draft: Draft, target: Path, **options: object) -> str:
    render_draft(draft, target, replace(DRAFT, **options))  # type: ignore[arg-type]
    return packets(target)


@pytest.mark.parametrize("canvas", [Canvas(160, 90), Canvas(270, 270), Canvas(90, 160)], ids=str)
def test_any_number_of_threads_and_processes_gives_the_same_frames(tmp_path: Path, canvas: Canvas):
    draft = full_draft(tmp_path, canvas)
    alone = render(draft, tmp_path / "alone.mp4", threads=1)
    frames = pictures(tmp_path / "alone.mp4")
    assert len(frames) == 180
    for name, options in {"threads": {"threads": 3}, "one": {"processes": 1}, "two": {"processes": 2}}.items():
        assert render(draft, tmp_path / f"{name}.mp4", **options) == alone
        assert pictures(tmp_path / f"{name}.mp4") == frames


@pytest.fixture
def crews(monkeypatch: pytest.MonkeyPatch) -> list[ProcessCrew]:
    """The crews of processes that the test's renderings begin."""
    begun: list[ProcessCrew] = []
    original = ProcessCrew.__init__

    def remember(self: ProcessCrew, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        begun.append(self)

    monkeypatch.setattr(ProcessCrew, "__init__", remember)
    return begun


def test_a_killed_process_costs_only_its_own_chunk(tmp_path: Path, draft: Draft, crews: list[ProcessCrew]):
    whole = render(draft, tmp_path / "whole.mp4", threads=1)
    seen: list[int] = []

    def kill_one(progress: Progress) -> None:
        seen.append(progress.frame)
        if progress.frame == 40:
            os.kill(crews[0].process_ids[0], signal.SIGKILL)

    report = render_draft(draft, tmp_path / "out.mp4", replace(DRAFT, processes=2), kill_one)
    assert packets(tmp_path / "out.mp4") == whole
    assert report.frames == 180
    assert seen == list(range(1, 181))  # progress never goes back, and counts every frame once


def test_every_group_may_cost_a_process(
    tmp_path: Path, draft: Draft, crews: list[ProcessCrew], monkeypatch: pytest.MonkeyPatch
):
    whole = render(draft, tmp_path / "whole.mp4", threads=1)
    monkeypatch.setattr(process_crew, "CHUNKS_PER_PROCESS", 1)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.frame in (20, 80, 140):  # once in each group of the only chunk
            killed.append(crews[0].process_ids[0])
            os.kill(killed[-1], signal.SIGSEGV)

    render_draft(draft, tmp_path / "out.mp4", replace(DRAFT, processes=1), kill)
    assert len(set(killed)) == 3
    assert packets(tmp_path / "out.mp4") == whole


@pytest.mark.parametrize(("gops", "processes"), [(1, 1), (3, 2), (8, 1), (31, 1), (300, 2), (300, 3), (1801, 1)])
def test_chunks_are_runs_that_do_not_grow_with_the_length(gops: int, processes: int):
    chunks = process_crew._chunks(list(range(gops)), processes)
    assert [index for chunk in chunks for index in chunk] == list(range(gops))
    assert len(chunks) >= min(gops, processes * process_crew.CHUNKS_PER_PROCESS)
    lengths = [len(chunk) for chunk in chunks]
    assert max(lengths) <= min(min(lengths) + 1, process_crew.MAX_CHUNK_GOPS)


def test_a_chunk_that_kills_every_process_is_given_up(tmp_path: Path, draft: Draft, monkeypatch: pytest.MonkeyPatch):
    # A worker that dies as soon as it has its order.
    broken = tmp_path / "broken"
    (broken / "pipelines").mkdir(parents=True)
    real = process_crew.subprocess.Popen

    def dying(command: list[str], **options: object) -> object:
        return real([command[0], "-c", "import os; os._exit(9)"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(process_crew.subprocess, "Popen", dying)
    with pytest.raises(WorkerDied, match="ended twice"):
        render_draft(draft, tmp_path / "out.mp4", replace(DRAFT, processes=2))
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("options", [{"threads": 2}, {"processes": 2}], ids=str)
def test_stopping_leaves_neither_files_nor_processes(tmp_path: Path, draft: Draft, options: dict[str, int]):
    before = sorted(tmp_path.iterdir())

    def stop(progress: Progress) -> None:
        if progress.frame == 20:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        render_draft(draft, tmp_path / "out.mp4", replace(DRAFT, **options), stop)
    assert sorted(tmp_path.iterdir()) == before
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    commands = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children if Path(f"/proc/{child}").exists()]
    assert not [command for command in commands if b"pipelines.render.worker" in command]


@pytest.mark.parametrize("options", [{"threads": 2}, {"processes": 2}], ids=str)
def test_an_error_of_a_source_is_the_same_sentence_everywhere(tmp_path: Path, draft: Draft, options: dict[str, int]):
    photo = tmp_path / "1.png"
    photo.write_bytes(photo.read_bytes()[:-3000])
    with pytest.raises(CorruptMedia, match=r"^1\.png: ") as caught:
        render_draft(draft, tmp_path / "out.mp4", replace(DRAFT, **options))
    assert caught.value.path == photo
    assert not (tmp_path / "out.mp4").exists()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER.variable, str(tmp_path / "cache"))
    return tmp_path / "cache"


def retitled(draft: Draft, text: str) -> Draft:
    """The draft with another text in its last title, which is on screen from 5 s on."""
    tracks = list(draft.tracks)
    titles = tracks[2]
    last = replace(titles.segments[-1], text=text)
    tracks[2] = replace(titles, segments=(*titles.segments[:-1], last))
    return replace(draft, tracks=tuple(tracks))


def test_another_title_renders_only_what_it_touches(tmp_path: Path, draft: Draft, cache: Path):
    first = render_draft(draft, tmp_path / "1.mp4", replace(DRAFT, cached=True))
    assert (first.gops, first.reused) == (3, 0)
    again = render_draft(draft, tmp_path / "2.mp4", replace(DRAFT, cached=True))
    assert again.reused == 3
    assert packets(tmp_path / "2.mp4") == packets(tmp_path / "1.mp4")
    assert again.sound == first.sound
    other = render_draft(retitled(draft, "Fin"), tmp_path / "3.mp4", replace(DRAFT, cached=True))
    assert other.reused == 2
    assert packets(tmp_path / "3.mp4") == render(retitled(draft, "Fin"), tmp_path / "4.mp4")
    assert packets(tmp_path / "3.mp4") != packets(tmp_path / "1.mp4")


def test_another_photo_under_the_same_name_is_rendered_again(tmp_path: Path, draft: Draft, cache: Path):
    render_draft(draft, tmp_path / "1.mp4", replace(DRAFT, cached=True))
    (tmp_path / "0.png").write_bytes((tmp_path / "1.png").read_bytes())
    report = render_draft(draft, tmp_path / "2.mp4", replace(DRAFT, cached=True))
    assert report.reused == 1  # the last two seconds do not show it
    assert packets(tmp_path / "2.mp4") == render(draft, tmp_path / "3.mp4")


def parts(cache: Path, kind: str = "*") -> list[Path]:
    return [part for part in sorted(cache.glob(f"{kind}/*/*")) if part.is_file()]


def cut(data: bytes) -> bytes:
    return data[:-100]


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, flip])
def test_a_damaged_part_in_the_cache_is_made_again(
    tmp_path: Path, draft: Draft, cache: Path, damage: Callable[[bytes], bytes]
):
    first = render_draft(draft, tmp_path / "1.mp4", replace(DRAFT, cached=True))
    kept = {part: part.read_bytes() for part in parts(cache)}
    assert {part.parent.parent.name for part in kept} >= {"gop", "mix", "mix-report"}
    for part, data in kept.items():
        part.write_bytes(damage(data))
    again = render_draft(draft, tmp_path / "2.mp4", replace(DRAFT, cached=True))
    assert (again.reused, again.sound) == (0, first.sound)
    assert packets(tmp_path / "2.mp4") == packets(tmp_path / "1.mp4")
    assert render_draft(draft, tmp_path / "3.mp4", replace(DRAFT, cached=True)).reused == 3
    assert {part: part.read_bytes() for part in parts(cache, "gop")}.items() <= kept.items()


@pytest.mark.parametrize("options", [{"threads": 1}, {"processes": 1}], ids=str)
def test_a_part_that_goes_while_others_are_rendered_is_made_again(
    tmp_path: Path, draft: Draft, cache: Path, options: dict[str, int]
):
    cached = replace(DRAFT, cached=True, **options)
    whole = render(draft, tmp_path / "1.mp4", threads=1)
    render_draft(retitled(draft, "x"), tmp_path / "2.mp4", cached)

    def remove(progress: Progress) -> None:
        if progress.frame == 130:
            for part in parts(cache, "gop"):
                part.unlink()

    assert render_draft(draft, tmp_path / "3.mp4", cached, remove).reused == 0
    assert packets(tmp_path / "3.mp4") == whole
    assert len(parts(cache, "gop")) == 3


def test_a_photo_that_changes_meanwhile_is_not_kept_under_its_old_content(
    tmp_path: Path, draft: Draft, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = render(draft, tmp_path / "1.mp4", threads=1)
    photo, other = tmp_path / "1.png", (tmp_path / "0.png").read_bytes()
    old = photo.read_bytes()

    class ThenChanged(Finished):
        """The parts are named by what the files hold; then one of them changes, before anything is opened."""

        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            photo.write_bytes(other)

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.render.renderer.Finished", ThenChanged)
        render_draft(draft, tmp_path / "2.mp4", replace(DRAFT, cached=True, threads=1))
    assert packets(tmp_path / "2.mp4") != whole
    photo.write_bytes(old)
    report = render_draft(draft, tmp_path / "3.mp4", replace(DRAFT, cached=True, threads=1))
    assert report.reused == 1  # a push from 4 s on brings it into the second GOP too
    assert packets(tmp_path / "3.mp4") == whole


@pytest.mark.parametrize("share", [0.02, 0.7])
def test_the_cache_never_holds_more_gops_than_its_budget(
    tmp_path: Path, draft: Draft, cache: Path, monkeypatch: pytest.MonkeyPatch, share: float
):
    def size() -> int:
        return sum(part.stat().st_size for part in parts(cache, "gop"))

    options = replace(DRAFT, cached=True, threads=1)
    render_draft(draft, tmp_path / "1.mp4", options)
    budget = share * size()
    monkeypatch.setenv("MULTIPLANE_CACHE_MB", f"{budget / 1e6:.6f}")
    Cache.of_site().trim(0)
    seen: list[int] = []
    for text in ("one", "two", "three"):
        render_draft(retitled(draft, text), tmp_path / f"{text}.mp4", options, lambda _: seen.append(size()))
        assert sum(part.stat().st_size for part in parts(cache)) <= budget
        seen.append(size())
    assert max(seen) <= budget * (1 + TRIM_SHARE)


def test_without_the_cache_nothing_is_kept(tmp_path: Path, draft: Draft, cache: Path):
    render_draft(draft, tmp_path / "1.mp4", DRAFT)
    assert not cache.exists()


def test_progress_counts_what_the_cache_had(tmp_path: Path, draft: Draft, cache: Path):
    render_draft(draft, tmp_path / "1.mp4", replace(DRAFT, cached=True))
    told: list[Progress] = []
    render_draft(retitled(draft, "x"), tmp_path / "2.mp4", replace(DRAFT, cached=True), told.append)
    assert [progress.total for progress in told] == [180] * len(told)
    assert [progress.frame for progress in told][-60:] == list(range(121, 181))


def test_the_sound_is_as_long_as_the_picture_and_measured(tmp_path: Path, draft: Draft):
    report = render_draft(draft, tmp_path / "out.mp4", DRAFT)
    assert report.sound is not None
    with av.open(str(tmp_path / "out.mp4")) as container:
        (audio,) = container.streams.audio
        assert (audio.codec_context.name, audio.rate, audio.channels) == ("aac", 48_000, 2)
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(Fraction(samples, 48_000) - 6) < Fraction(1, 40)
