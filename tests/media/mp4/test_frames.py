"""Frames: written in place, recycled without anyone noticing, alive as long as someone looks."""

import gc
import threading
from dataclasses import replace

import numpy as np
import pytest

from engine.core.frames import YuvFrame
from engine.media import PRESETS, Mp4Options, Mp4Writer
from engine.media.picture_pool import MAX_SPARE, PicturePool, picture_behind
from tests.helpers_mp4 import read_frames, samples
from tests.media.mp4.pictures import CREATED, moving_gradient, number_of, numbered, write_mp4

SIZE = (128, 96)


def address(plane):
    return plane.__array_interface__["data"][0]


def fill(frame, source):
    frame.y[:], frame.u[:], frame.v[:] = source.y, source.u, source.v


@pytest.mark.parametrize("size", [(16, 16), (18, 34), (1920, 1080), (1080, 1920)], ids=str)
def test_planes_are_writable_views_of_the_encoders_frame(size):
    frame = PicturePool(*size).new_frame()
    picture = picture_behind(frame)
    assert picture is not None
    assert (frame.width, frame.height) == size
    for plane, memory in zip((frame.y, frame.u, frame.v), picture.planes, strict=True):
        assert address(plane) == memory.buffer_ptr
        plane[:] = 7
        seen = np.frombuffer(memoryview(memory), np.uint8).reshape(memory.height, memory.line_size)
        assert (seen[:, : memory.width] == 7).all()


def test_frames_made_in_place_and_copied_frames_give_the_same_video(tmp_path):
    order = Mp4Options(*SIZE, creation_time=CREATED, threads=1)
    copied = write_mp4(tmp_path / "copied.mp4", order, moving_gradient(*SIZE, 40))
    with Mp4Writer(tmp_path / "direct.mp4", order) as writer:
        for source in moving_gradient(*SIZE, 40):
            frame = writer.new_frame()
            fill(frame, source)
            writer.write(frame)
    assert (tmp_path / "direct.mp4").read_bytes() == copied.read_bytes()


def test_a_frame_may_be_changed_and_written_again_at_once(tmp_path):
    # The encoder looks ahead by tens of frames, so it must have taken its own copy by the time write() returns.
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(*SIZE)) as writer:
        frame = writer.new_frame()
        for number in range(60):
            fill(frame, numbered(*SIZE, number))
            writer.write(frame)
    assert [number_of(frame) for frame in read_frames(tmp_path / "a.mp4")] == list(range(60))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_the_encoder_keeps_no_reference_to_its_input(tmp_path, preset):
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(*SIZE, preset=preset)) as writer:
        for _ in range(5):
            frame = writer.new_frame()
            fill(frame, numbered(*SIZE, 9))
            picture = picture_behind(frame)
            before = picture.planes[0].buffer_ptr
            writer.write(frame)
            picture.make_writable()  # moves the data if anyone else holds the buffer
            assert picture.planes[0].buffer_ptr == before


def test_a_frame_that_is_still_held_is_never_handed_out_again():
    pool = PicturePool(*SIZE)
    frames = [pool.new_frame() for _ in range(3)]
    assert len({address(frame.y) for frame in frames}) == 3
    kept = [frames[0].y[10:20], frames[1].v.T, frames[2].u]  # views of views, of one plane each
    for view in kept:
        view[:] = 55
    del frames
    gc.collect()
    for _ in range(2 * MAX_SPARE):
        new = pool.new_frame()
        new.y[:], new.u[:], new.v[:] = 1, 2, 3
    assert all((view == 55).all() for view in kept)


def test_a_frame_that_nobody_holds_is_used_again():
    pool = PicturePool(*SIZE)
    first = address(pool.new_frame().y)
    assert address(pool.new_frame().y) == first


def test_memory_that_someone_else_refers_to_is_not_used_again():
    # DLPack takes a reference to the buffer, as an encoder that works ahead would.
    pool = PicturePool(*SIZE)
    frame = pool.new_frame()
    frame.y[:] = 99
    held = np.from_dlpack(picture_behind(frame).planes[0])
    first = address(frame.y)
    del frame
    new = pool.new_frame()
    assert address(new.y) != first
    new.y[:] = 1
    assert (held == 99).all()


def test_the_pool_keeps_a_bounded_number_of_frames():
    pool = PicturePool(*SIZE)
    frames = [pool.new_frame() for _ in range(3 * MAX_SPARE)]
    addresses = {address(frame.y) for frame in frames}
    assert len(addresses) == 3 * MAX_SPARE
    del frames
    again = [pool.new_frame() for _ in range(3 * MAX_SPARE)]
    assert len(again) > len(pool._spare) == 0


def test_planes_outlive_the_writer(tmp_path):
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(*SIZE)) as writer:
        frame = writer.new_frame()
        fill(frame, numbered(*SIZE, 20))
        writer.write(frame)
    luma = frame.y
    del frame, writer
    gc.collect()
    assert (luma == 32 + 60).all()
    luma[:] = 0


def test_many_threads_may_ask_for_frames_at_once():
    pool = PicturePool(*SIZE)
    clashes = []

    def work(mark):
        for _ in range(200):
            frame = pool.new_frame()
            frame.y[:] = mark
            if not (frame.y == mark).all():
                clashes.append(mark)

    threads = [threading.Thread(target=work, args=(mark,)) for mark in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not clashes


def test_a_frame_with_one_plane_replaced_is_not_mistaken_for_the_encoders(tmp_path):
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(*SIZE)) as writer:
        frame = writer.new_frame()
        fill(frame, numbered(*SIZE, 10))
        writer.write(frame)
        writer.write(replace(frame, y=frame.y + np.uint8(60)))
        writer.write(replace(frame, y=frame.y[::-1]))
        assert (frame.y == 32 + 30).all()
    assert [number_of(frame) for frame in read_frames(tmp_path / "a.mp4")] == [10, 30, 10]


def test_a_transposed_plane_is_not_mistaken_for_the_encoders(tmp_path):
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(64, 64, preset=PRESETS["high"])) as writer:
        frame = writer.new_frame()
        frame.y[:], frame.u[:], frame.v[:] = np.arange(50, 178, 2), 128, 128
        writer.write(replace(frame, y=frame.y.T))
    (seen,) = read_frames(tmp_path / "a.mp4")
    assert np.abs(seen.y.astype(int) - np.arange(50, 178, 2)[:, None]).max() < 6


def test_any_memory_layout_is_accepted(tmp_path):
    wide = np.full((96, 256), 92, np.uint8)
    chroma = np.asfortranarray(np.full((48, 64), 128, np.uint8))
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(*SIZE)) as writer:
        writer.write(YuvFrame(wide[:, ::2], chroma, chroma))
        writer.write(YuvFrame(wide[::-1, :128], chroma, chroma))
    assert [number_of(frame) for frame in read_frames(tmp_path / "a.mp4")] == [20, 20]


def test_a_frame_of_another_size_is_refused(tmp_path):
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(*SIZE)) as writer:
        with pytest.raises(ValueError, match="64x48"):
            writer.write(YuvFrame.empty(64, 48))
        with pytest.raises(ValueError, match="96x128"):
            writer.write(YuvFrame.empty(96, 128))
        writer.write(numbered(*SIZE, 3))
        assert writer.frames_written == 1
    assert len(samples(tmp_path / "a.mp4")) == 1
