"""Memory does not grow with the length of the video."""

from tests.media.mp4 import child

PEAK = """
    width, height = 320, 180
    with Mp4Writer(Path(sys.argv[1]), Mp4Options(width, height, preset=PRESETS["draft"])) as writer:
        patterns = list(moving_gradient(width, height, 4))
        for number in range(int(sys.argv[2]) * 30):
            frame = writer.new_frame()
            source = patterns[number % 4]
            frame.y[:], frame.u[:], frame.v[:] = source.y, source.u, source.v
            writer.write(frame)
    # Not ru_maxrss: that one survives exec and so tells the size of the process that started us.
    print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def test_a_minute_takes_no_more_memory_than_ten_seconds(tmp_path):
    short = int(child.run(PEAK, tmp_path / "short.mp4", 10))
    long = int(child.run(PEAK, tmp_path / "long.mp4", 60))
    # Keeping one frame in five would already be 26 MB more, some 30 %.
    assert long <= 1.1 * short, f"{short} KB and {long} KB"
