"""``multiplane doctor``: what works on this machine, and what is missing."""

import argparse
import json
import os
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.doctor_diffusion import diffusion_findings
from api.cli.doctor_service import service_findings
from api.cli.finding import Finding
from api.cli.operating import add_data_dir
from engine.core.errors import MultiplaneError, OptionError

if TYPE_CHECKING:
    from engine.core.settings import AnySetting

LOW_DISK = 2
"""GB free below which the disk is reported as low: a few minutes of video at the highest quality."""

_SCRIPTS = {"Hani": "汉", "Hira": "あ", "Hang": "한", "Arab": "ع", "Hebr": "א"}
"""A character of each script (ISO 15924) that needs a font beside the shipped one."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser("doctor", help="say what works on this machine, and what is missing")
    add_data_dir(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 if the main job would not work, else 0."""
    looks = {
        "machine": _machine,
        "encoders": _encoders,
        "photos": _decoders,
        "samplers": lambda: [_sampler(), _torch()],
        "packs": _packs,
        "models": _models,
        "diffusion": diffusion_findings,
        "texts": _texts,
        "music": _music,
        "service": lambda: service_findings(options.data_dir),
        "settings": _settings,
    }
    findings = [finding for name, look in looks.items() for finding in _looked_at(name, look)]
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


def _packs() -> list[Finding]:
    from engine.packs import installed_packs, licence_problem, registry
    from engine.packs.model import FolderSource

    there = installed_packs()
    found = []
    for pack in registry().values():
        manifest = there.get(pack.id)
        if problem := licence_problem(pack.licence):
            found.append(Finding(f"pack {pack.id}", "missing", f"for {pack.about}: {problem}"))
        elif manifest is None:
            remedy = f"import {pack.id} FOLDER" if isinstance(pack.source, FolderSource) else f"pull {pack.id}"
            found.append(Finding(f"pack {pack.id}", "missing", f"for {pack.about}: multiplane packs {remedy}"))
        else:
            about = f"{manifest.title}, {manifest.size / 1e6:.1f} MB: for {pack.about}"
            found.append(Finding(f"pack {pack.id}", "ok", about))
    return found


def _models() -> list[Finding]:
    """What models run on, and which depth a photo would get. None of them is loaded."""
    from engine.packs import installed
    from models.depth.depth_anything import PACK as DEPTH_PACK
    from models.depth.depth_anything import check_files
    from models.matte.u2netp import PACK as MATTE_PACK
    from models.runtime import place
    from pipelines.parallax.packs import missing_libraries

    found = [Finding("models onnxruntime", "ok", metadata.version("onnxruntime"))]
    depth, matte = installed(DEPTH_PACK), installed(MATTE_PACK)
    libraries = missing_libraries()
    if depth is None:
        about = (
            f"guessed {'from the subject mask' if matte else 'without a subject mask'}; pack {DEPTH_PACK} measures it"
        )
        return [*found, Finding("depth of photos", "ok" if matte else "missing", about)]
    if libraries:
        about = f"pack {DEPTH_PACK} needs {' and '.join(libraries)} (extra 'gpu'); guessed until then"
        return [*found, Finding("depth of photos", "problem", about)]
    try:
        check_files(depth)
        where = place().device
    except MultiplaneError as error:
        return [*found, Finding("depth of photos", "problem", str(error))]
    return [*found, Finding("depth of photos", "ok", f"measured by pack {DEPTH_PACK} on {where}")]


def _texts() -> list[Finding]:
    """Whether a font is there for the scripts that the shipped one does not have."""
    from engine.packs import font_folders
    from engine.text import FontLibrary
    from engine.text.missing import EMOJI, REMEDIES
    from engine.text.script import guess_language

    library = FontLibrary(font_folders())
    found = []
    for sample, remedy in [
        ("\N{GRINNING FACE}", EMOJI),
        *((text, REMEDIES[script]) for script, text in _SCRIPTS.items()),
    ]:
        face = library.fallback(sample, color=remedy is EMOJI, language=guess_language(sample))
        # An emoji of one colour is drawn, but nobody would call that working.
        works = face is not None and (face.color or remedy is not EMOJI)
        about = f"multiplane packs pull {remedy.pack}, or Debian package {remedy.debian}"
        found.append(
            Finding(f"text {remedy.name}", "ok" if works else "missing", face.family if face and works else about)
        )
    return found


def _music() -> list[Finding]:
    from engine.audio.library import MusicLibrary
    from engine.packs import music_folders

    moods = MusicLibrary(music_folders()).moods()
    about = ", ".join(f"{name} ({count})" for name, count in moods.items())
    return [
        Finding("music", "ok", f"tracks by mood: {about}")
        if moods
        else Finding(
            "music", "missing", "multiplane packs pull music-moods, or name your own folders in MULTIPLANE_MUSIC"
        )
    ]


def _settings() -> list[Finding]:
    from api.config.declared import declared_settings
    from api.config.names import PREFIX, near_miss

    settings = declared_settings()
    known = [setting.variable for setting in settings]
    strangers = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    return [_setting(setting) for setting in settings] + [
        # A slip in a variable's name would otherwise be a setting that silently does nothing.
        Finding(name, "problem", f"there is no setting of this name: remove it.{near_miss(name, known)}")
        for name in strangers
    ]


def _setting(setting: "AnySetting") -> Finding:
    try:
        return Finding(setting.variable, "ok", f"{setting.shown()}: {setting.about}")
    except OptionError as error:
        return Finding(setting.variable, "problem", error.message)


def _looked_at(name: str, look: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    """What a look finds; a setting or a file of the site that stops it is a finding too."""
    try:
        return look()
    except MultiplaneError as error:
        return [Finding(name, "problem", error.message)]
