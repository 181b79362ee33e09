"""The kinds of file that an upload may be, and which one it is by its content.

A name or a declared type decides nothing: a JPG named ``.png`` is taken as the JPG that it is. They only lead to a
refusal where they claim something that runs or is shown as a page, since then somebody hopes that it will be, and where
the name says photo and the content is none, or the other way around: whoever sent it meant another file.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from api.intake.display_names import display_name
from engine.core.errors import FileNotSupported
from engine.media.sniff import SNIFF_BYTES, Sniffed, sniff

Family = Literal["photo", "video", "audio"]
"""What an upload becomes on the timeline; an animation counts as a photo until it is found to move."""

WANTED = "give JPG, PNG, WEBP, HEIC, AVIF, TIFF, BMP, GIF, MP4, MOV, WEBM, MKV, AVI, MP3, M4A, WAV, FLAC, AAC or OGG."
"""The kinds that we take, for messages; MPEG, FLV, WMV and AIFF are taken too, and nobody needs to be led to them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of upload.

    Attributes:
        name: what people call it: ``"JPG"``, ``"MP4"``.
        mime: its media type, as we send it.
        family: what it becomes.
        extensions: lower case, with the dot; the first is the usual one.
    """

    name: str
    mime: str
    family: Family
    extensions: tuple[str, ...] = field(repr=False)


JPG = Kind("JPG", "image/jpeg", "photo", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"))
PNG = Kind("PNG", "image/png", "photo", (".png", ".apng"))
WEBP = Kind("WEBP", "image/webp", "photo", (".webp",))
HEIC = Kind("HEIC", "image/heic", "photo", (".heic", ".heif", ".heics", ".heifs", ".hif"))
AVIF = Kind("AVIF", "image/avif", "photo", (".avif", ".avifs"))
TIFF = Kind("TIFF", "image/tiff", "photo", (".tif", ".tiff"))
BMP = Kind("BMP", "image/bmp", "photo", (".bmp", ".dib"))
GIF = Kind("GIF", "image/gif", "photo", (".gif",))
MP4 = Kind("MP4", "video/mp4", "video", (".mp4", ".m4v", ".3gp", ".3g2", ".mp4v"))
MOV = Kind("MOV", "video/quicktime", "video", (".mov", ".qt"))
WEBM = Kind("WEBM", "video/webm", "video", (".webm",))
MKV = Kind("MKV", "video/x-matroska", "video", (".mkv", ".mka", ".mk3d"))
AVI = Kind("AVI", "video/x-msvideo", "video", (".avi",))
MPEG_TS = Kind("MPEG-TS", "video/mp2t", "video", (".ts", ".mts", ".m2ts"))
MPEG = Kind("MPEG", "video/mpeg", "video", (".mpg", ".mpeg", ".vob"))
FLV = Kind("FLV", "video/x-flv", "video", (".flv",))
WMV = Kind("WMV", "video/x-ms-wmv", "video", (".wmv", ".wma", ".asf"))
OGV = Kind("OGV", "video/ogg", "video", (".ogv",))
MP3 = Kind("MP3", "audio/mpeg", "audio", (".mp3", ".mp2"))
M4A = Kind("M4A", "audio/mp4", "audio", (".m4a", ".m4b"))
WAV = Kind("WAV", "audio/wav", "audio", (".wav", ".wave"))
FLAC = Kind("FLAC", "audio/flac", "audio", (".flac",))
AAC = Kind("AAC", "audio/aac", "audio", (".aac",))
OGG = Kind("OGG", "audio/ogg", "audio", (".ogg", ".oga", ".opus"))
AIFF = Kind("AIFF", "audio/aiff", "audio", (".aif", ".aiff", ".aifc"))

KINDS = (
    *(JPG, PNG, WEBP, HEIC, AVIF, TIFF, BMP, GIF),
    *(MP4, MOV, WEBM, MKV, AVI, MPEG_TS, MPEG, FLV, WMV, OGV),
    *(MP3, M4A, WAV, FLAC, AAC, OGG, AIFF),
)
"""All that is taken."""

SOUND_TYPES = {
    **{kind.mime: kind.mime for kind in KINDS if kind.family == "audio"},
    MP4.mime: M4A.mime,
    MOV.mime: M4A.mime,
    WEBM.mime: "audio/webm",
    MKV.mime: "audio/x-matroska",
    WMV.mime: "audio/x-ms-wma",
    OGV.mime: OGG.mime,
}
"""The media type of a container that turns out to hold only sound."""

_BY_SIGNATURE = {
    **{"JPEG": JPG, "PNG": PNG, "WEBP": WEBP, "TIFF": TIFF, "BMP": BMP, "GIF": GIF},
    **{"MOV": MOV, "AVI": AVI, "MPEG-TS": MPEG_TS, "MPEG": MPEG, "FLV": FLV, "ASF": WMV},
    **{"MP3": MP3, "M4A": M4A, "WAV": WAV, "FLAC": FLAC},
}

_ACTIVE_EXTENSIONS = frozenset(
    {".html", ".htm", ".xhtml", ".shtml", ".svg", ".svgz", ".xml", ".xsl", ".js", ".mjs", ".css", ".php", ".phtml"}
    | {".jsp", ".asp", ".aspx", ".cgi", ".exe", ".dll", ".com", ".msi", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".hta"}
    | {".sh", ".py", ".pl", ".rb", ".jar", ".apk", ".app", ".so", ".lnk", ".url", ".desktop", ".swf"}
)
_ACTIVE_TYPES = frozenset(
    {"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript"}
    | {"application/javascript", "application/x-javascript", "application/x-httpd-php", "application/x-msdownload"}
    | {"application/x-sh", "application/java-archive", "application/x-shockwave-flash"}
)
"""What runs, or is shown as a page with scripts in it; no medium is honestly called so."""


def judge(path: Path, name: str, declared: str | None) -> Kind:
    """Which kind an uploaded file is, by its first bytes; nothing is decoded.

    Args:
        path: where it lies.
        name: what the client calls it; for messages, and for what it claims.
        declared: the media type that the client gives; None without one.

    Raises:
        FileNotSupported: empty, of no kind that we take, called something that runs, or called a photo and none (or the
            other way around).
    """
    head = _head(path, name)
    verdict = sniff(head)
    kind = _kind(verdict, head)
    if kind is None:
        raise FileNotSupported(
            f"{display_name(name)}: this is {verdict.description or 'of no kind that we take'}; {WANTED}"
        )
    if PurePosixPath(name.strip().lower()).suffix in _ACTIVE_EXTENSIONS or _bare(declared) in _ACTIVE_TYPES:
        raise FileNotSupported(
            f"{display_name(name)}: its name or type says that it is a program or a web page, while it "
            f"holds {kind.name}; send it under its own name and type."
        )
    if _contradicts(PurePosixPath(name.strip().lower()).suffix, kind):
        raise FileNotSupported(
            f"{display_name(name)}: its name does not fit what it holds, which is {kind.name}; send the file that you "
            "mean, under its own name."
        )
    return kind


def _contradicts(extension: str, kind: Kind) -> bool:
    """Whether a name is that of a photo and the content is none, or the other way around.

    Sites call short videos ``.gif``, so that extension fits both; videos and sounds share their containers.
    """
    if extension in GIF.extensions:
        return False
    families = {each.family for each in KINDS if extension in each.extensions}
    return bool(families) and ("photo" in families) != (kind.family == "photo")


def _head(path: Path, name: str) -> bytes:
    try:
        # Never through a link, and without waiting for a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileNotSupported(
            f"{display_name(name)}: it could not be read; send it again.", detail=str(error)
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotSupported(f"{display_name(name)}: it is not a regular file; send a file.")
        head = os.pread(descriptor, SNIFF_BYTES, 0)
    finally:
        os.close(descriptor)
    if not head:
        raise FileNotSupported(f"{display_name(name)}: the file is empty; send it again.")
    return head


def _kind(verdict: Sniffed, head: bytes) -> Kind | None:
    """The kind of what was sniffed; a container that several kinds share is told apart by what stands in it."""
    if verdict.container == "ISOBMFF":
        return AVIF if head[8:12] in (b"avif", b"avis", b"MA1A", b"MA1B") or b"avif" in head[16:64] else HEIC
    if verdict.format == "MP4":
        return MOV if head[8:12] == b"qt  " else MP4
    if verdict.format == "MATROSKA":
        # The DocType (EBML id 0x4282) stands in the first header.
        at = head.find(b"\x42\x82")
        return WEBM if at >= 0 and head[at + 3 : at + 7] == b"webm" else MKV
    if verdict.format == "OGG":
        return OGV if b"\x80theora" in head else OGG
    if verdict.format == "MPA":
        # ISO/IEC 13818-7: in an ADTS header the two layer bits are 0.
        return AAC if head[1] & 0x06 == 0 else MP3
    if verdict.format == "AIFF":
        return AIFF if head[8:12] in (b"AIFF", b"AIFC") else None
    return _BY_SIGNATURE.get(verdict.container or verdict.format)


def _bare(declared: str | None) -> str:
    """A media type without its parameters."""
    return (declared or "").partition(";")[0].strip().lower()
