"""Blobs: the same bytes once, whole or not at all, on a local disk and in a store that fsspec knows."""

import contextlib
import errno
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import fsspec
import pytest

from api.store.blobs import BlobStore
from api.store.clock import now_ms
from tests.store.processes import start_all, wait_all
from tests.store.work import CRASHED, put_one

CONTENT = b"a picture" * 1000

REF = sha256(CONTENT).hexdigest()

HOUR = 3600 * 1000


@pytest.fixture(params=["local", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobStore]:
    if request.param == "local":
        yield BlobStore(f"file://{tmp_path / 'blobs'}", tmp_path / "scratch")
        return
    yield BlobStore("memory://blobs", tmp_path / "scratch")
    memory = fsspec.filesystem("memory")
    if memory.exists("/blobs"):
        memory.rm("/blobs", recursive=True)


@pytest.fixture
def local(tmp_path: Path) -> BlobStore:
    return BlobStore(f"file://{tmp_path / 'blobs'}", tmp_path / "scratch")


def file(store: BlobStore, content: bytes = CONTENT) -> Path:
    path = store.new_file()
    path.write_bytes(content)
    return path


def read(store: BlobStore, ref: str) -> bytes:
    with store.open(ref) as stream:
        return stream.read()


def test_what_was_put_is_there(store: BlobStore) -> None:
    path = file(store)
    assert not store.exists(REF)
    assert store.put(path) == (REF, len(CONTENT))
    assert not path.exists()
    assert store.exists(REF)
    assert store.size(REF) == len(CONTENT)
    with store.open(REF) as stream:
        stream.seek(2)
        assert stream.read(3) == CONTENT[2:5]
    assert store.local_path(REF).read_bytes() == CONTENT
    assert store.local_path(REF).read_bytes() == CONTENT
    assert list(store.refs()) == [REF]


def test_the_same_bytes_are_kept_once(store: BlobStore) -> None:
    assert len({store.put(file(store)) for _ in range(3)}) == 1
    assert store.put(file(store), REF) == (REF, len(CONTENT))
    assert list(store.refs()) == [REF]
    assert list(store.scratch.glob("*.part")) == []


def test_nothing_is_found_under_another_name(store: BlobStore) -> None:
    for act in (store.open, store.local_path, store.size):
        with pytest.raises(FileNotFoundError):
            act("0" * 64)
    store.delete("0" * 64)
    for ref in ("../secret.key", "", "a/b", ".."):
        with pytest.raises(ValueError, match="letters and digits"):
            store.exists(ref)


def test_a_blob_that_was_removed_is_gone_and_may_come_again(store: BlobStore) -> None:
    store.put(file(store))
    store.local_path(REF)
    store.delete(REF)
    assert not store.exists(REF)
    with pytest.raises(FileNotFoundError):
        store.local_path(REF)
    store.put(file(store))
    assert read(store, REF) == CONTENT


def test_only_what_is_old_is_removed_as_old(store: BlobStore) -> None:
    store.put(file(store))
    assert not store.delete_old(REF, now_ms() - HOUR)
    assert read(store, REF) == CONTENT
    assert store.delete_old(REF, now_ms() + HOUR)
    assert not store.exists(REF)
    assert not store.delete_old(REF, now_ms() + HOUR)


def test_a_blob_that_is_put_again_is_young_again(local: BlobStore) -> None:
    local.put(file(local))
    os.utime(local.local_path(REF), (0, 0))
    local.put(file(local))
    assert not local.delete_old(REF, now_ms() - HOUR)


def test_a_blob_that_is_put_while_it_is_removed_stays(local: BlobStore) -> None:
    def put_again(_: int) -> bool:
        local.put(file(local))
        return True

    for _ in range(20):
        local.put(file(local))
        os.utime(local.local_path(REF), (0, 0))
        with ThreadPoolExecutor(3) as pool:
            puts = pool.map(put_again, range(2))
            pool.submit(local.delete_old, REF, now_ms() - HOUR).result()
            assert all(puts)
        assert read(local, REF) == CONTENT


def test_a_blob_that_a_crash_of_the_disk_cut_off_is_mended(local: BlobStore) -> None:
    local.put(file(local))
    local.local_path(REF).write_bytes(CONTENT[:10])
    local.put(file(local))
    assert read(local, REF) == CONTENT


def test_a_process_that_dies_at_any_line_leaves_nothing_or_the_whole(local: BlobStore, tmp_path: Path) -> None:
    url = f"file://{tmp_path / 'blobs'}"
    for line in range(1, 200):
        (code,) = wait_all(start_all(put_one, [(url, local.scratch, file(local), line)]))
        if local.exists(REF):
            assert read(local, REF) == CONTENT
        assert set(local.refs()) <= {REF}
        local.put(file(local))  # whoever comes after has no trouble
        assert read(local, REF) == CONTENT
        local.delete(REF)
        if code == 0:
            break
        assert code == CRASHED
    assert 10 < line < 199
    local.delete_parts(now_ms() + HOUR)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("moment", range(1, 30))
def test_a_disk_that_fails_half_way_leaves_nothing_half(
    local: BlobStore, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Between file systems, where a copy is made; every call of the system fails in turn."""
    calls = iter(range(1, 1000))

    def failing(real: object, exdev: bool) -> object:
        def call(*arguments: object, **named: object) -> object:
            if next(calls) == moment:
                raise OSError(errno.ENOSPC, "No space left on device")
            if exdev and Path(str(arguments[0])).parent == local.scratch:
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return real(*arguments, **named)

        return call

    path = file(local)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(os.fsync, exdev=False))
        patch.setattr(os, "utime", failing(os.utime, exdev=False))
        for name in ("mkdir", "open", "replace"):
            patch.setattr(Path, name, failing(getattr(Path, name), exdev=name == "replace"))
        with contextlib.suppress(OSError):
            local.put(path, REF)
    if local.exists(REF):
        assert read(local, REF) == CONTENT
    assert list(Path(local.root).rglob("*.part")) == []
    local.put(path if path.exists() else file(local))
    assert read(local, REF) == CONTENT


def test_what_was_left_half_way_goes_when_it_is_old(local: BlobStore) -> None:
    old, young = file(local), file(local)
    os.utime(old, (0, 0))
    assert local.delete_parts(now_ms() - HOUR) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_copies_of_remote_blobs_make_room_for_others(tmp_path: Path) -> None:
    store = BlobStore("memory://copies-make-room", tmp_path)
    refs = []
    for number in range(4):
        part = store.new_file()
        part.write_bytes(bytes([number]) * 100)
        refs.append(store.put(part)[0])
    copies = [store.local_path(ref) for ref in refs]
    for age, path in enumerate(copies):
        os.utime(path, (1000 + age, 1000 + age))
    store.local_path(refs[0])  # used again: it is the youngest now
    assert store.trim_copies(250, now_ms() - 60_000) == 2
    assert [path.exists() for path in copies] == [True, False, False, True]
    assert store.trim_copies(0, 0) == 0, "what was used lately stays"
    assert store.local_path(refs[1]).read_bytes() == bytes([1]) * 100
