"""What the doctor says of generated motion: who generates, where, and what each quality leaves out."""

from importlib import metadata, util

from api.cli.finding import Finding
from engine.core.errors import WeightsError

LIBRARIES = ("torch", "diffusers", "transformers", "accelerate")


def diffusion_findings() -> list[Finding]:
    """Whether a photo can be brought to life here, by what, and what the qualities do."""
    from engine.motion import QUALITIES
    from models.recipes.presets import describe
    from pipelines.diffusion.backends import find_backends
    from pipelines.diffusion.finishers import finishing_names
    from pipelines.diffusion.quality import preset_of, quality_of_site

    there = [f"{name} {metadata.version(name)}" for name in LIBRARIES if util.find_spec(name) is not None]
    found = find_backends()
    findings = [Finding("diffusion libraries", "ok" if there else "missing", ", ".join(there) or "extra 'gpu'")]
    if found.missing:
        findings.append(Finding("generated motion", "missing", found.missing))
    for backend in found.backends:
        name = f"generated motion {backend.pack}"
        try:
            traits = backend.traits()
        except WeightsError as error:
            findings.append(Finding(name, "problem", error.message))
            continue
        if backend.placement is None:
            continue
        wide, high = traits.sizes[0]
        told = "told what moves" if traits.follows_text else "takes no text"
        about = (
            f"{traits.frames} pictures of {wide}x{high} for {traits.fps} a second, {told}, on "
            f"{backend.placement.device} in {backend.placement.dtype}; licence {backend.licence}"
        )
        findings.append(Finding(name, "ok", about))
    between, larger = finishing_names()
    findings.append(Finding("generated motion, finishing", "ok", f"pictures between: {between}; enlarging: {larger}"))
    for preset in map(preset_of, QUALITIES):
        default = " (this site's)" if preset.name == quality_of_site() else ""
        findings.append(Finding(f"quality {preset.name}", "ok", f"{' '.join(describe(preset))}{default}"))
    return findings
