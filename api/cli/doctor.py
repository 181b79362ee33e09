"""``multiplane doctor``: what works on this machine, and what is missing."""

import argparse
import json
import os
import platform
import shutil
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path

LOW_DISK = 2
"""GB free below which the disk is reported as low: a few minutes of video at the highest quality."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        name: what was looked at.
        status: ``ok``, ``missing`` (optional, and not there) or ``problem`` (the main job suffers).
        about: what was found.
    """

    name: str
    status: str
    about: str


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    return commands.add_parser("doctor", help="say what works on this machine, and what is missing")


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 if the main job would not work, else 0."""
    findings = [*_machine(), *_encoders(), *_decoders(), _sampler(), _torch(), *_settings()]
    if options.json:
        print(json.dumps({"findings": [asdict(finding) for finding in findings]}))
    else:
        for finding in findings:
            print(f"{finding.status:8}{finding.name:34}{finding.about}")
    return 1 if any(finding.status == "problem" for finding in findings) else 0


def _machine() -> list[Finding]:
    from pipelines.render.options import usable_cores

    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("av", "numba", "numpy", "pillow", "pillow-heif")
    )
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    return [
        Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        Finding("libraries", "ok", versions),
        Finding("processor", "ok", f"{usable_cores()} of {os.cpu_count()} cores usable"),
        Finding("disk", "ok" if free >= LOW_DISK else "problem", f"{free:.1f} GB free in this folder"),
    ]


def _encoders() -> list[Finding]:
    from engine.media import encoder_problem

    x264, nvenc = encoder_problem("x264"), encoder_problem("nvenc")
    return [
        Finding("encoder x264", "problem" if x264 else "ok", x264 or "opens"),
        Finding(
            "encoder nvenc",
            "missing" if nvenc else "ok",
            "does not open: no NVIDIA card with an encoder, or no driver" if nvenc else "opens: --encoder nvenc",
        ),
    ]


def _decoders() -> list[Finding]:
    from PIL import Image, features

    Image.init()
    heif = util.find_spec("pillow_heif") is not None
    found = [
        Finding(f"photos {name}", "ok" if there else "problem", "readable" if there else "not in this Pillow")
        for name, there in (
            ("JPEG", features.check("jpg")),
            ("PNG", features.check("zlib")),
            ("WEBP", features.check("webp")),
            ("AVIF", features.check("avif")),
            ("TIFF", features.check("libtiff")),
        )
    ]
    found.append(Finding("photos HEIC", "ok" if heif else "problem", "readable" if heif else "pillow-heif is missing"))
    color = features.check("littlecms2")
    found.append(
        Finding("colour profiles", "ok" if color else "problem", "LittleCMS" if color else "not in this Pillow")
    )
    return found


def _sampler() -> Finding:
    from engine.raster.warm import sample_once

    seconds = sample_once()
    return Finding("sampler cpu", "ok", f"compiled and run in {seconds:.2f} s")


def _torch() -> Finding:
    if util.find_spec("torch") is None:
        return Finding("sampler cuda", "missing", "torch is not installed (extra 'gpu'); Ken Burns does not need it")
    import torch

    if not torch.cuda.is_available():
        return Finding(
            "sampler cuda", "missing", f"torch {torch.__version__} finds no CUDA GPU; Ken Burns does not need one"
        )
    return Finding("sampler cuda", "ok", f"torch {torch.__version__} on {torch.cuda.get_device_name()}")


def _settings() -> list[Finding]:
    import engine.media
    import pipelines.render
    from engine.core.settings import all_settings

    del engine, pipelines  # imported for the settings that they declare
    return [
        Finding(setting.variable, "ok", f"{setting.value():g} {setting.unit}: {setting.about}")
        for setting in all_settings()
    ]
