"""The target: refused at once or replaced only when complete, whatever happens in between."""

import errno
import gc
import os
import socket
import tempfile
from pathlib import Path

import pytest

from engine.core.errors import EncodeError, OutputError
from engine.media import Mp4Options, Mp4Writer, pending_file
from engine.media.pending_file import PendingFile, output_error
from tests.helpers_mp4 import read_frames
from tests.media.mp4 import child
from tests.media.mp4.pictures import numbered

TINY = Mp4Options(16, 16)


@pytest.fixture(params=[True, False], ids=["nameless", "part"])
def nameless(request, monkeypatch):
    """Both ways to hold an unfinished file: without a name (Linux), and as a hidden file beside the target."""
    if not request.param:
        monkeypatch.setattr(pending_file, "_MODE_WITHOUT_NAME", None)
    return request.param


def write(path, number=1, **options):
    with Mp4Writer(path, TINY, **options) as writer:
        writer.write(numbered(16, 16, number))


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda folder: folder / "missing" / "a.mp4", "folder does not exist"),
        (lambda folder: (folder / "file").touch() or folder / "file" / "a.mp4", "folder is a file"),
        (lambda folder: (folder / "a.mp4").mkdir() or folder / "a.mp4", "it is a folder"),
        (lambda folder: (folder / "a.mp4").touch() or folder / "a.mp4", "exists already"),
        (lambda folder: (folder / "b.mp4").touch() or (folder / "a.mp4").symlink_to("b.mp4") or folder / "a.mp4", "ex"),
        (lambda folder: os.mkfifo(folder / "a.mp4") or folder / "a.mp4", "not a regular file"),
        (lambda folder: (folder / "a.mp4").symlink_to("a.mp4") or folder / "a.mp4", "in a circle"),
        (lambda folder: folder / ("n" * 300 + ".mp4"), "too long"),
        (lambda _: Path(os.devnull), "not a regular file"),
    ],
    ids=["no folder", "file as folder", "folder", "exists", "link to file", "fifo", "circle", "long name", "null"],
)
def test_a_target_that_cannot_be_is_refused_before_any_work(tmp_path, nameless, prepare, says):
    target = prepare(tmp_path)
    before = listing(tmp_path)
    with pytest.raises(OutputError, match=says) as refusal:
        Mp4Writer(target, TINY)
    assert refusal.value.message.startswith(target.name)
    assert refusal.value.message.endswith(".")
    assert str(tmp_path) not in refusal.value.message
    assert listing(tmp_path) == before


def test_a_socket_is_refused(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "a.mp4"))
        with pytest.raises(OutputError, match="not a regular file"):
            Mp4Writer(tmp_path / "a.mp4", TINY, overwrite=True)


def test_folders_and_files_without_permission_are_refused():
    # The child is another user where the tests run as root, whom no permission stops. After setuid without exec /proc
    # is closed to it, so the file that may be written takes the way of the .part file.
    code = """
        folder = Path(sys.argv[1])
        if os.geteuid() == 0:
            os.chown(folder / "open", 65534, 65534)
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        for target in ("closed/a.mp4", "open/kept.mp4", "open/new.mp4"):
            try:
                with Mp4Writer(folder / target, Mp4Options(16, 16), overwrite=True) as writer:
                    writer.write(numbered(16, 16, 1))
            except MultiplaneError as error:
                print(error.message)
    """
    # Not pytest's own folder: that one is closed to other users.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for sub, mode in (("closed", 0o555), ("open", 0o755)):
            (folder / sub).mkdir()
            (folder / sub).chmod(mode)
        (folder / "open" / "kept.mp4").write_bytes(b"old")
        (folder / "open" / "kept.mp4").chmod(0o444)
        said = child.run(code, folder).splitlines()
        assert said == [
            "a.mp4: its folder may not be written to: choose another one, or change the permissions.",
            "kept.mp4: it is write-protected: choose another name, or change its permissions.",
        ]
        assert listing(folder / "closed") == []
        assert listing(folder / "open") == ["kept.mp4", "new.mp4"]
        assert (folder / "open" / "kept.mp4").read_bytes() == b"old"
        assert len(read_frames(folder / "open" / "new.mp4")) == 1


def test_nothing_appears_before_the_end(tmp_path, nameless):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    with Mp4Writer(target, TINY, overwrite=True) as writer:
        for number in range(50):
            writer.write(numbered(16, 16, number))
            assert target.read_bytes() == b"old"
        visible = [name for name in listing(tmp_path) if not name.startswith(".")]
        assert visible == ["a.mp4"]
        assert len(listing(tmp_path)) == (1 if nameless else 2)
    assert len(read_frames(target)) == 50
    assert listing(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_leaving_by_an_exception_leaves_the_folder_as_it_was(tmp_path, nameless, error):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    writer = Mp4Writer(target, TINY, overwrite=True)

    def work():
        with writer:
            for number in range(50):
                writer.write(numbered(16, 16, number))
            raise error

    with pytest.raises(error):
        work()
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["a.mp4"]
    with pytest.raises(ValueError, match="closed"):
        writer.write(numbered(16, 16, 1))


def test_a_video_without_frames_is_an_error_and_no_file(tmp_path, nameless):
    with pytest.raises(EncodeError, match=r"^a\.mp4: not one frame"), Mp4Writer(tmp_path / "a.mp4", TINY):
        pass
    assert listing(tmp_path) == []


def test_closing_twice_and_aborting_after_closing_change_nothing(tmp_path, nameless):
    writer = Mp4Writer(tmp_path / "a.mp4", TINY)
    writer.write(numbered(16, 16, 5))
    writer.close()
    complete = (tmp_path / "a.mp4").read_bytes()
    writer.close()
    writer.abort()
    assert (tmp_path / "a.mp4").read_bytes() == complete
    assert len(read_frames(tmp_path / "a.mp4")) == 1


def test_a_writer_that_is_forgotten_leaves_no_file(tmp_path, nameless):
    writer = Mp4Writer(tmp_path / "a.mp4", TINY)
    writer.write(numbered(16, 16, 5))
    del writer
    gc.collect()
    assert listing(tmp_path) == []


def test_a_link_is_followed_and_stays(tmp_path, nameless):
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "b.mp4"
    (tmp_path / "link.mp4").symlink_to(target)
    write(tmp_path / "link.mp4", 1)  # dangling: the file that it names is made
    write(tmp_path / "link.mp4", 2, overwrite=True)
    assert (tmp_path / "link.mp4").is_symlink()
    assert not target.is_symlink()
    assert len(read_frames(target)) == 1
    assert listing(tmp_path / "real") == ["b.mp4"]


def test_a_file_that_turns_up_meanwhile_is_not_overwritten(tmp_path, nameless):
    target = tmp_path / "a.mp4"
    writer = Mp4Writer(target, TINY)
    writer.write(numbered(16, 16, 1))
    target.write_bytes(b"someone else's")
    with pytest.raises(OutputError, match="exists already"):
        writer.close()
    assert target.read_bytes() == b"someone else's"
    assert listing(tmp_path) == ["a.mp4"]


def test_a_folder_that_goes_away_meanwhile_is_an_error(tmp_path, nameless):
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = Mp4Writer(folder / "a.mp4", TINY)
    writer.write(numbered(16, 16, 1))
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
    with pytest.raises(OutputError, match="folder does not exist"):
        writer.close()


def test_permissions_are_those_of_any_new_file_or_of_the_file_replaced(tmp_path, nameless):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.mp4")
        assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o640
        (tmp_path / "a.mp4").chmod(0o664)
        write(tmp_path / "a.mp4", overwrite=True)
        assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o664
    finally:
        os.umask(before)


def test_no_descriptor_stays_open(tmp_path, nameless):
    write(tmp_path / "warm.mp4")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - iterdir() would open one more
    for number in range(5):
        write(tmp_path / f"{number}.mp4")
        with pytest.raises(KeyError), Mp4Writer(tmp_path / "x.mp4", TINY):
            raise KeyError
        with pytest.raises(OutputError):
            Mp4Writer(tmp_path / "warm.mp4", TINY)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_two_writers_of_one_folder_do_not_meet(tmp_path, nameless):
    with Mp4Writer(tmp_path / "a.mp4", TINY) as one, Mp4Writer(tmp_path / "b.mp4", TINY) as two:
        for number in range(10):
            one.write(numbered(16, 16, number))
            two.write(numbered(16, 16, 20))
            two.write(numbered(16, 16, 20))
    assert (len(read_frames(tmp_path / "a.mp4")), len(read_frames(tmp_path / "b.mp4"))) == (10, 20)


def test_a_file_system_without_nameless_files_gets_a_part_file(tmp_path, monkeypatch):
    real_open = os.open

    def refuse(path, flags, *rest, **more):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not supported")
        return real_open(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    with PendingFile(tmp_path / "a", overwrite=False) as pending:
        assert pending.path.parent == tmp_path
        assert pending.path.suffix == ".part"
        pending.path.write_bytes(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert listing(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "largest file"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "could not be written"),
    ],
)
def test_what_the_system_says_becomes_one_sentence(code, says):
    error = output_error(Path("some/where/clip.mp4"), OSError(code, os.strerror(code)))
    assert error.message.startswith("clip.mp4: ")
    assert says in error.message
    assert os.strerror(code) in error.detail
