"""Which of the processor's instructions x264 may use, so that the same frames give the same bits everywhere.

x264's AVX-512 code for the macroblock tree heeds memory that was never written, wherever the frame's width in
macroblocks is no multiple of 8 (1080, 720, 1440, 960 pixels, ...). Found with PyAV 18 (x264 core 165): child processes
under ``MALLOC_PERTURB_`` differed by up to 0.7 % in size, so did two encodes of one process. Its code up to AVX2 does
not, and costs 2 % more processor time (1920x1080, ``veryfast``, one thread). It also writes the same bits as its code
for SSSE3, so that any two processors of the last fifteen years agree, while AVX-512 would make others.
"""

from functools import cache
from pathlib import Path

_AVX512 = frozenset(("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"))
"""What x264 asks for before it uses AVX-512, as Linux names it. Every processor that has these has AVX2 too."""

UP_TO_AVX2 = "SSE2Fast,AVX2"
"""x264's names for everything up to AVX2, and for the quicker variant of its SSE2 code that such processors take."""


@cache
def x264_parameters(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """What to add to ``x264-params``: the instructions to use, or nothing where x264's own choice is right.

    A list of instructions is an order that x264 does not check against the processor, so it is given only where the
    system says that they are there.
    """
    try:
        text = cpuinfo.read_text()
    except OSError:
        return ""
    flags = next((line.partition(":")[2].split() for line in text.splitlines() if line.startswith("flags")), [])
    return f":asm={UP_TO_AVX2}" if _AVX512.issubset(flags) else ""
