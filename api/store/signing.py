"""Signed URLs that expire: whoever has one may read that file until then, without a token.

HMAC-SHA-256 (RFC 2104) over path and time of expiry. The secret lies in the data folder, or in ``MULTIPLANE_SECRET``
where several machines serve the same database.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from api.store.blobs import sync_folder
from api.store.clock import SECOND, now_ms
from engine.core.settings import Setting, TextSetting

SECRET = TextSetting(
    "MULTIPLANE_SECRET", "", "secret that URLs are signed with; one in the data folder by default", secret=True
)

URL_HOURS = Setting("MULTIPLANE_URL_HOURS", 168, "hours", 0.01, 87_600, "how long the URL of a file or a video works")

SECRET_FILE = "secret.key"

SECRET_BYTES = 32


class Signer:
    """Signs paths and checks signatures.

    Args:
        folder: the data folder, where the secret is kept unless the setting names one.
    """

    def __init__(self, folder: Path) -> None:
        given = SECRET.value()
        self._key = hashlib.sha256(given.encode()).digest() if given else _kept_secret(folder / SECRET_FILE)

    def sign(self, path: str) -> str:
        """The query that makes a path good for ``MULTIPLANE_URL_HOURS``: ``e=EXPIRY&s=SIGNATURE``."""
        # Whole hours, so that the same file has the same URL for a while and is kept in caches.
        hour = 3600
        expiry = (now_ms() // SECOND // hour + 1) * hour + round(URL_HOURS.value() * hour)
        return f"e={expiry}&s={self._signature(path, expiry)}"

    def is_good(self, path: str, expiry: str, signature: str) -> bool:
        """Whether a signature belongs to a path and is not too old."""
        if not expiry.isascii() or not expiry.isdigit() or len(expiry) > len("99999999999"):
            return False
        wanted = self._signature(path, int(expiry))
        given = signature.encode("utf-8", "replace")
        return hmac.compare_digest(wanted.encode(), given) and int(expiry) * SECOND > now_ms()

    def _signature(self, path: str, expiry: int) -> str:
        return hmac.new(self._key, f"{expiry}\n{path}".encode(), hashlib.sha256).hexdigest()


def _kept_secret(path: Path) -> bytes:
    """The secret of a data folder, made where there is none; who comes second takes what the first made."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(SECRET_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
        sync_folder(path.parent)  # another secret after a loss of power would make every URL worthless
    return path.read_bytes()
