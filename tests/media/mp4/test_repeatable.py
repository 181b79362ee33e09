"""The same frames give the same packets in any process, whatever its memory held before."""

import hashlib

import pytest

from engine.media import Mp4Options
from engine.media.x264_instructions import UP_TO_AVX2, x264_parameters
from tests.media.mp4 import child
from tests.media.mp4.pictures import encode_gops, moving_gradient

# 1920 is a multiple of 128. The others are not: there, with these frames, x264's own choice of instructions writes
# other packets under each value of MALLOC_PERTURB_ on a processor with AVX-512.
SIZES = [(1080, 1080), (1920, 1080), (1080, 1350)]

AVX512 = "avx512f avx512cd avx512bw avx512dq avx512vl"


def hash_of(gop):
    return hashlib.sha256(b"".join(packet.data for packet in gop.packets)).hexdigest()


def packets_of_all_sizes():
    return [hash_of(*encode_gops(Mp4Options(*size), moving_gradient(*size, 10))) for size in SIZES]


def test_packets_do_not_depend_on_what_the_memory_held():
    code = """
        from tests.media.mp4.test_repeatable import packets_of_all_sizes
        print(*packets_of_all_sizes())
    """
    filled = [child.run(code, environment={"MALLOC_PERTURB_": str(fill)}).split() for fill in (85, 170)]
    assert filled == [packets_of_all_sizes()] * 2


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (f"fpu sse2 ssse3 avx2 {AVX512}", f":asm={UP_TO_AVX2}"),
        ("fpu sse2 ssse3 avx2", ""),
        ("fpu sse2", ""),
        ("fpu sse2 avx2 avx512f avx512cd", ""),  # x264 leaves AVX-512 alone here, too
    ],
)
def test_instructions_are_ordered_only_where_the_processor_has_them(tmp_path, flags, expected):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(
        f"processor\t: 0\nflags\t\t: {flags}\nbugs\t: spectre_v1\n\nprocessor\t: 1\nflags\t\t: {flags}\n"
    )
    assert x264_parameters(cpuinfo) == expected


def test_a_machine_that_does_not_tell_is_left_to_x264(tmp_path):
    (tmp_path / "cpuinfo").write_text("Features\t: fp asimd\n")
    assert x264_parameters(tmp_path / "cpuinfo") == ""
    assert x264_parameters(tmp_path / "missing") == ""
