"""What a file really is, from its first bytes; its name is never trusted.

The signatures are those of the formats' own specifications. Formats that we do not read are named too, so that the
refusal can say what the file is and what would work instead.
"""

from dataclasses import dataclass

SNIFF_BYTES = 4096
"""How many of the first bytes :func:`sniff` wants."""

READABLE = "JPEG, PNG, WEBP, HEIC, AVIF, TIFF, BMP or GIF"
"""The photo formats that we read, for messages."""

EXTENSIONS: dict[str, frozenset[str]] = {
    "JPEG": frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}),
    "PNG": frozenset({".png", ".apng"}),
    "WEBP": frozenset({".webp"}),
    "HEIC": frozenset({".heic", ".heif", ".heics", ".heifs", ".hif"}),
    "AVIF": frozenset({".avif", ".avifs"}),
    "TIFF": frozenset({".tif", ".tiff"}),
    "BMP": frozenset({".bmp", ".dib"}),
    "GIF": frozenset({".gif"}),
}
"""The usual extensions of each format, lower case."""


_GIVE_A_PHOTO = f"give a photo as {READABLE}."


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The verdict on a file's first bytes.

    Attributes:
        container: the family of header parser: a photo format, or ``"ISOBMFF"`` (HEIC or AVIF); empty when we do not
            read it.
        description: what the file is, with its article, for a refusal: ``"a PDF document"``; empty for a container
            that we parse.
        advice: what would work instead.
        timed: whether it is a video or a sound, for :func:`engine.media.kind.media_kind`.
        format: the name of a video's or sound's container: ``"MP4"``, ``"MP3"``, ...; empty where :attr:`timed` is not
            set.
    """

    container: str = ""
    description: str = ""
    advice: str = _GIVE_A_PHOTO
    timed: bool = False
    format: str = ""


_EXPORT = "export it as JPEG, PNG or TIFF first."
_DEVELOP = "develop it in a raw converter and export it as JPEG or 16-bit TIFF."
_VIDEO = "export one frame as JPEG or PNG, or put the video on the timeline of a draft (multiplane render)."
_SOUND = "give a photo here, or put the sound on an audio track of a draft (multiplane render)."
_UNPACK = "unpack it and give the photo inside."


def _refuse(description: str, advice: str = _GIVE_A_PHOTO) -> Sniffed:
    return Sniffed("", description, advice)


def _video(description: str, format_name: str) -> Sniffed:
    return Sniffed("", description, _VIDEO, timed=True, format=format_name)


def _sound(description: str, format_name: str) -> Sniffed:
    return Sniffed("", description, _SOUND, timed=True, format=format_name)


_PREFIXES: tuple[tuple[bytes, Sniffed], ...] = (
    (b"\xff\xd8\xff", Sniffed("JPEG")),
    (b"\x89PNG\r\n\x1a\n", Sniffed("PNG")),
    (b"GIF87a", Sniffed("GIF")),
    (b"GIF89a", Sniffed("GIF")),
    (b"BM", Sniffed("BMP")),
    (b"IIU\x00", _refuse("a Panasonic RAW photo (RW2)", _DEVELOP)),
    (b"IIRO", _refuse("an Olympus RAW photo (ORF)", _DEVELOP)),
    (b"IIRS", _refuse("an Olympus RAW photo (ORF)", _DEVELOP)),
    (b"MMOR", _refuse("an Olympus RAW photo (ORF)", _DEVELOP)),
    (b"FUJIFILMCCD-RAW", _refuse("a Fujifilm RAW photo (RAF)", _DEVELOP)),
    (b"FOVb", _refuse("a Sigma RAW photo (X3F)", _DEVELOP)),
    (b"II*\x00", Sniffed("TIFF")),
    (b"MM\x00*", Sniffed("TIFF")),
    (b"II+\x00", Sniffed("TIFF")),
    (b"MM\x00+", Sniffed("TIFF")),
    (b"\xff\x0a", _refuse("a JPEG XL picture", _EXPORT)),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", _refuse("a JPEG XL picture", _EXPORT)),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", _refuse("a JPEG 2000 picture", _EXPORT)),
    (b"\xff\x4f\xff\x51", _refuse("a JPEG 2000 picture", _EXPORT)),
    (b"II\xbc\x01", _refuse("a JPEG XR picture", _EXPORT)),
    (b"8BPS", _refuse("a Photoshop document (PSD)", _EXPORT)),
    (b"gimp xcf", _refuse("a GIMP document (XCF)", _EXPORT)),
    (b"v/1\x01", _refuse("an OpenEXR picture", _EXPORT)),
    (b"#?RADIANCE", _refuse("a Radiance HDR picture", _EXPORT)),
    (b"qoif", _refuse("a QOI picture", _EXPORT)),
    (b"DDS ", _refuse("a DDS texture", _EXPORT)),
    (b"BPG\xfb", _refuse("a BPG picture", _EXPORT)),
    (b"\x00\x00\x01\x00", _refuse("a Windows icon (ICO)", _EXPORT)),
    (b"icns", _refuse("an Apple icon (ICNS)", _EXPORT)),
    (b"AT&TFORM", _refuse("a DjVu document", _EXPORT)),
    (b"%PDF-", _refuse("a PDF document", "export the page as JPEG or PNG first.")),
    (b"%!PS", _refuse("a PostScript document", _EXPORT)),
    (b"\xc5\xd0\xd3\xc6", _refuse("a PostScript document", _EXPORT)),
    (b"\x1aE\xdf\xa3", _video("a Matroska or WebM video", "MATROSKA")),
    (b"FLV\x01", _video("a Flash video", "FLV")),
    (b"\x00\x00\x01\xba", _video("an MPEG video", "MPEG")),
    (b"\x00\x00\x01\xb3", _video("an MPEG video", "MPEG")),
    (b"0&\xb2u\x8ef\xcf\x11", _video("a Windows Media file", "ASF")),
    (b"ID3", _sound("an MP3 audio file", "MP3")),
    (b"fLaC", _sound("a FLAC audio file", "FLAC")),
    (b"OggS", _sound("an Ogg audio or video file", "OGG")),
    (b"FORM", _sound("an AIFF or IFF file", "AIFF")),
    (b"MThd", _refuse("a MIDI file", _GIVE_A_PHOTO)),
    (b"PK\x03\x04", _refuse("a ZIP archive or an office document", _UNPACK)),
    (b"PK\x05\x06", _refuse("an empty ZIP archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", _refuse("a 7-Zip archive", _UNPACK)),
    (b"Rar!\x1a\x07", _refuse("a RAR archive", _UNPACK)),
    (b"\x1f\x8b", _refuse("a gzip archive", _UNPACK)),
    (b"BZh", _refuse("a bzip2 archive", _UNPACK)),
    (b"\xfd7zXZ\x00", _refuse("an XZ archive", _UNPACK)),
    (b"(\xb5/\xfd", _refuse("a Zstandard archive", _UNPACK)),
    (b"\x7fELF", _refuse("a program", _GIVE_A_PHOTO)),
    (b"MZ", _refuse("a Windows program", _GIVE_A_PHOTO)),
    (b"SQLite format 3", _refuse("a database", _GIVE_A_PHOTO)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _refuse("an old office document", _EXPORT)),
)

_RIFF = {
    b"WEBP": Sniffed("WEBP"),
    b"AVI ": _video("an AVI video", "AVI"),
    b"WAVE": _sound("a WAV audio file", "WAV"),
}

_HEIF_BRANDS = frozenset(
    {b"mif1", b"msf1", b"mif2", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
    | {b"avif", b"avis", b"MA1A", b"MA1B", b"avci", b"avcs", b"jpeg", b"j2ki", b"vvic", b"unif"}
)
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A "})


def _sniff_isobmff(head: bytes) -> Sniffed:
    """ISO/IEC 14496-12 4.3: a file type box lists a major brand, a version, then compatible brands."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major} | {head[i : i + 4] for i in range(16, length - 3, 4)}
    if major == b"crx ":
        return _refuse("a Canon RAW photo (CR3)", _DEVELOP)
    if major == b"jxl ":
        return _refuse("a JPEG XL picture", _EXPORT)
    if major in (b"jp2 ", b"jpx "):
        return _refuse("a JPEG 2000 picture", _EXPORT)
    if major in _AUDIO_BRANDS:
        return _sound("an M4A audio file", "M4A")
    if brands & _HEIF_BRANDS:
        return Sniffed("ISOBMFF")
    return _video("an MP4 or QuickTime video", "MP4")


def _sniff_text(head: bytes) -> Sniffed | None:
    try:
        text = head.decode("utf-8-sig" if not head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-16")
    except UnicodeDecodeError as error:
        # A multi-byte character may be cut by the end of what was read.
        if error.start < len(head) - 4 or len(head) < SNIFF_BYTES:
            return None
        text = head[: error.start].decode("utf-8-sig")
    if any(ord(c) < 32 and c not in "\t\n\r\f\x1b" for c in text):
        return None
    start = text.lstrip().lower()
    if "<svg" in start:
        return _refuse("an SVG drawing", "export it as PNG first.")
    if start.startswith(("<!doctype html", "<html")):
        return _refuse("a web page, not a picture", "download the picture itself.")
    return _refuse("a text file")


def sniff(head: bytes) -> Sniffed:
    """Name a file by its first bytes.

    Args:
        head: the first :data:`SNIFF_BYTES` bytes, or the whole of a shorter file.

    Returns:
        the verdict; ``description`` says so when the content is not known.
    """
    if head.startswith((b"II*\x00", b"MM\x00*")) and head[8:10] == b"CR":
        return _refuse("a Canon RAW photo (CR2)", _DEVELOP)
    for prefix, verdict in _PREFIXES:
        if head.startswith(prefix):
            return verdict
    if head.startswith(b"RIFF") and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp" and len(head) >= 12:
        return _sniff_isobmff(head)
    if head[4:8] in (b"moov", b"mdat", b"wide", b"skip") and len(head) >= 12:
        return _video("a QuickTime video", "MOV")
    text = _sniff_text(head)
    if text is not None:
        return text
    if len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6, 0xE0) and head[1] & 0xE0 == 0xE0:
        return _sound("an MP3 or AAC audio file", "MPA")
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return _video("an MPEG transport stream", "MPEG-TS")
    return _refuse("not a picture in any format that we know")
