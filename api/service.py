"""What every process of the service has: the database, the blobs, the signer, the data folder."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import OperationalError

from api.store.blobs import BlobStore
from api.store.database import Database, sqlite_url
from api.store.ids import USER_TOKEN
from api.store.migrate import migrate
from api.store.room import is_full
from api.store.signing import Signer
from engine.core.errors import OptionError
from engine.core.settings import FlagSetting, PathSetting, TextSetting


def _default_folder() -> Path:
    return Path.home() / ".local" / "share" / "multiplane"


DATA = PathSetting("MULTIPLANE_DATA", _default_folder, "data folder of the service: database and files")

DATABASE = TextSetting(
    "MULTIPLANE_DATABASE",
    "",
    "address of the database, postgresql://...; SQLite in the data folder by default",
    secret=True,
)

BLOBS = TextSetting(
    "MULTIPLANE_BLOBS", "", "address of the files' store as fsspec knows them (s3://...); the data folder by default"
)

PUBLIC_URL = TextSetting(
    "MULTIPLANE_PUBLIC_URL", "", "address under which clients reach the service; that of each request by default"
)

ACCOUNTS = FlagSetting(
    "MULTIPLANE_ACCOUNTS", True,
    "off: no accounts: one shared token (MULTIPLANE_SITE_TOKEN) and unlimited credits",
)  # fmt: skip

SITE_TOKEN = TextSetting(
    "MULTIPLANE_SITE_TOKEN", "", "the shared token of a site without accounts (nmv_usr_...)", secret=True
)


@dataclass(frozen=True, slots=True)
class Service:
    """Opened for one process: nothing of it may cross a fork.

    Attributes:
        folder: the data folder.
        database: the rows.
        blobs: the files.
        signer: of URLs.
    """

    folder: Path
    database: Database
    blobs: BlobStore
    signer: Signer

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_service(folder: Path | None = None) -> Service:
    """Open the data folder, which is made where it is not there; the tables are brought up to date.

    Raises:
        OptionError: the folder cannot be used, or a setting is wrong.
    """
    chosen = folder or DATA.value()
    assert chosen is not None
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        scratch = chosen / "scratch"
        scratch.mkdir(exist_ok=True)
    except OSError as error:
        raise OptionError(
            f"{chosen} cannot be used as the data folder: name another with --data-dir.", detail=str(error)
        ) from error
    database = Database(DATABASE.value() or sqlite_url(chosen))
    try:
        migrate(database)
    except OperationalError as error:
        if database.is_sqlite or is_full(error):
            raise
        raise OptionError(
            "The database of MULTIPLANE_DATABASE does not answer: check that it runs, its address and the password.",
            detail=type(error).__name__,
        ) from error
    blobs = _blobs(BLOBS.value() or f"file://{chosen.resolve() / 'blobs'}", scratch)
    return Service(chosen, database, blobs, Signer(chosen))


def _blobs(url: str, scratch: Path) -> BlobStore:
    try:
        return BlobStore(url, scratch)
    except (ImportError, ValueError) as error:
        raise OptionError(
            f"{BLOBS.variable} names a store that cannot be used here: write file:///FOLDER, or install what fsspec "
            "needs for it (s3fs for s3://).",
            detail=str(error),
        ) from error


def check_site_token() -> None:
    """Refuse a site without accounts whose shared token is missing or has not the form that clients send.

    Raises:
        OptionError: so it is.
    """
    if not ACCOUNTS.value() and not SITE_TOKEN.value().startswith(USER_TOKEN):
        raise OptionError(
            f"{ACCOUNTS.variable} is off, so {SITE_TOKEN.variable} must be set to the shared token: {USER_TOKEN} and "
            "at least 20 random letters and digits."
        )
