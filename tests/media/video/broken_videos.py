"""Broken videos and animations, made from good ones by a seeded generator, and the process that reads them.

``python -m tests.media.video.broken_videos FOLDER`` reads every file of a folder: a crash, a hang or a strange error is
seen from outside.
"""

import json
import resource
import sys
import warnings
from pathlib import Path
from random import Random

from PIL import Image

from engine.core.errors import MediaError
from engine.media.video import VideoReader, probe_video
from tests.media.video.video_samples import CLOSED, H264, HEVC, VP9, write_video

SEED = 20_261_124
MEMORY_BYTES = 4 << 30


def good_files(folder: Path) -> dict[str, bytes]:
    small = {"count": 14, "size": (64, 48)}
    write_video(folder / "a.mp4", options=H264, **small)
    write_video(folder / "b.mkv", options=CLOSED, **small)
    write_video(folder / "c.ts", options=H264, **small)
    write_video(folder / "d.webm", "libvpx-vp9", "yuva420p", options={**VP9, "auto-alt-ref": "0"}, **small)
    write_video(folder / "e.mp4", "libx265", "yuv420p10le", options=HEVC, **small)
    write_video(folder / "f.mov", "prores_ks", "yuva444p10le", options={"profile": "4"}, **small)
    write_video(folder / "g.avi", "mpeg4", options={"bf": "2"}, **small)
    first, *rest = [Image.effect_noise((40, 30), 60 + n).convert("RGB") for n in range(5)]
    for name in ("h.gif", "i.webp", "j.png"):
        first.save(folder / name, save_all=True, append_images=rest, duration=[100, 40, 0, 90, 70])
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def broken(data: bytes, rng: Random) -> dict[str, bytes]:
    made = {}
    for i in range(3):
        made[f"cut{i}"] = data[: rng.randrange(len(data))]
    for i in range(3):
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 5)):
            changed[rng.randrange(min(len(data), 900))] ^= 1 << rng.randrange(8)
        made[f"head{i}"] = bytes(changed)
    for i in range(4):
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 30)):
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        made[f"body{i}"] = bytes(changed)
    for i in range(2):
        start, length = rng.randrange(len(data)), rng.randrange(1, 200)
        made[f"hole{i}"] = data[:start] + bytes(length) + data[start + length :]
    made["doubled"] = data + data
    return made


def write_corpus(folder: Path, scratch: Path, seed: int = SEED) -> int:
    rng = Random(seed)
    count = 0
    for name, data in good_files(scratch).items():
        for how, content in broken(data, rng).items():
            stem, suffix = name.split(".")
            (folder / f"{stem}-{how}.{suffix}").write_bytes(content)
            count += 1
    return count


def verdict(path: Path) -> str:
    try:
        info = probe_video(path)
        shapes = set()
        with VideoReader(path) as reader:
            for number in (info.frames - 1, 0, info.frames // 2, min(info.frames // 2 + 1, info.frames - 1)):
                frame = reader.picture(number).frame
                shapes.add((frame.width, frame.height))
    except MediaError as error:
        if not error.message.startswith(f"{path.name}: ") or "\n" in error.message:
            return f"bad sentence: {error.message}"
        return type(error).__name__
    right = {(info.width + info.width % 2, info.height + info.height % 2)}
    return "Video" if shapes == right else f"probed {right}, read {shapes}"


def main(folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("error")
    verdicts = {}
    for path in sorted(folder.iterdir()):
        print(path.name, file=sys.stderr, flush=True)  # noqa: T201 - the last line names the file of a crash
        verdicts[path.name] = verdict(path)
    sys.stdout.write(json.dumps(verdicts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
