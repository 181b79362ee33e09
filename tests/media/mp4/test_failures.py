"""The disk fills up, the user stops it, the process is killed: no file, one sentence, the old file untouched."""

import ctypes
import os
import signal

import pytest

from tests.helpers_mp4 import read_frames
from tests.media.mp4 import child

WRITE_FOR_EVER = """
    if sys.argv[2] == "part":
        pending_file._MODE_WITHOUT_NAME = None
    with Mp4Writer(Path(sys.argv[1]), Mp4Options(320, 180), overwrite=True) as writer:
        for frame in noise(320, 180, 10**6):
            writer.write(frame)
            if writer.frames_written == 20:
                print("writing", flush=True)
"""


@pytest.mark.parametrize(
    ("number", "way"),
    [
        (signal.SIGINT, "nameless"),
        (signal.SIGINT, "part"),
        (signal.SIGTERM, "nameless"),
        (signal.SIGKILL, "nameless"),
    ],
)
def test_a_signal_leaves_the_folder_as_it_was(tmp_path, number, way):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    process = child.start(WRITE_FOR_EVER, target, way)
    assert process.stdout.readline() == "writing\n"
    process.send_signal(number)
    try:
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()  # where signals are ignored, as below nohup, it would write for ever
    assert process.returncode == -number
    assert ("KeyboardInterrupt" in err) == (number == signal.SIGINT)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_file_that_may_not_grow_is_one_sentence_wherever_it_happens(tmp_path):
    # RLIMIT_FSIZE at every stage: header, pictures, the move that puts the index first, the index itself.
    code = """
        folder = Path(sys.argv[1])
        pending_file._MODE_WITHOUT_NAME = None if sys.argv[2] == "part" else pending_file._MODE_WITHOUT_NAME
        frames = list(noise(64, 64, 40))

        def attempt(limit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                with Mp4Writer(folder / "a.mp4", Mp4Options(64, 64, threads=1)) as writer:
                    for frame in frames:
                        writer.write(frame)
            except MultiplaneError as error:
                return f"{type(error).__name__} {error.message}"
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return "written"

        attempt(resource.RLIM_INFINITY)
        size = (folder / "a.mp4").stat().st_size
        (folder / "a.mp4").unlink()
        for missing in (size, size - 30, size * 3 // 4, size // 2, size // 4, 3000, 1500, 700, 100, 1):
            print(attempt(size - missing))
            assert list(folder.iterdir()) == [], missing
        print(attempt(size + 2000))
    """
    for way in ("nameless", "part"):
        *refused, last = child.run(code, tmp_path, way).splitlines()
        assert set(refused) == {
            "OutputError a.mp4: it grew beyond the largest file that is allowed here: "
            "ask for a shorter or smaller video."
        }
        assert last == "written"
        assert len(read_frames(tmp_path / "a.mp4")) == 40
        (tmp_path / "a.mp4").unlink()


@pytest.mark.parametrize("audio_follows", [False, True])
def test_groups_that_do_not_fit_are_one_sentence_and_no_file(tmp_path, audio_follows):
    code = """
        from engine.media.mp4_muxer import Mp4Muxer
        from tests.media.mp4.pictures import encode_gops
        options = Mp4Options(64, 64)
        gops = list(encode_gops(options, noise(64, 64, 130)))
        size = sum(len(packet.data) for gop in gops for packet in gop.packets)
        for limit in (size // 3, size, size + 1000):  # group, end of the groups, index
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                with Mp4Muxer(Path(sys.argv[1]) / "a.mp4", options, audio_follows=sys.argv[2] == "True") as muxer:
                    for gop in gops:
                        muxer.write(gop)
            except MultiplaneError as error:
                print(type(error).__name__, error.message)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            assert list(Path(sys.argv[1]).iterdir()) == []
    """
    said = child.run(code, tmp_path, audio_follows).splitlines()
    assert len(said) == 3
    assert set(said) == {
        "OutputError a.mp4: it grew beyond the largest file that is allowed here: ask for a shorter or smaller video."
    }


def test_a_full_disk_is_one_sentence_if_a_small_one_can_be_mounted(tmp_path):
    if not _mount_small_disk(tmp_path):
        pytest.skip("mounting a tmpfs needs privileges that this process does not have")
    code = """
        folder = Path(sys.argv[1])
        try:
            with Mp4Writer(folder / "a.mp4", Mp4Options(320, 180)) as writer:
                for frame in noise(320, 180, 200):
                    writer.write(frame)
        except MultiplaneError as error:
            print(type(error).__name__, error.message)
        print(list(folder.iterdir()), os.statvfs(folder).f_bfree == os.statvfs(folder).f_blocks)
    """
    try:
        assert child.run(code, tmp_path).splitlines() == [
            "OutputError a.mp4: the disk is full: free some space, or choose another disk.",
            "[] True",
        ]
    finally:
        _libc().umount(os.fsencode(tmp_path))


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _mount_small_disk(folder):
    return _libc().mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"size=256k") == 0
