"""Which licences this site accepts."""

from engine.core.settings import TextSetting
from engine.packs.model import Licence

EVERY_LICENCE = "*"

PERMISSIVE = ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "OFL-1.1", "Unlicense", "Zlib")
"""Accepted unless the site says otherwise: videos made with such files may be sold, and name nobody. Licences that
forbid uses or ask for credit (non-commercial, attribution, a model's own terms) are the site's to decide on."""

ACCEPTED = TextSetting(
    "MULTIPLANE_LICENCES",
    ",".join(PERMISSIVE),
    f"licences of packs that this site accepts: SPDX identifiers with commas, {EVERY_LICENCE} for every one",
)


def licence_problem(licence: Licence) -> str | None:
    """Why this site does not accept a licence, in one sentence; None: it does."""
    accepted = {part.strip().casefold() for part in ACCEPTED.value().split(",")}
    refused = [part for part in licence.parts if part.casefold() not in accepted]
    if EVERY_LICENCE in accepted or not refused:
        return None
    limits = f" ({licence.limits})" if licence.limits else ""
    return (
        f"its licence is {licence.name}{limits}, and this site does not accept {' and '.join(refused)}: "
        f"who decides on that can add it to {ACCEPTED.variable}."
    )
