"""Where the planner's model is: the settings that name it. Nothing here opens a connection."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.core.errors import OptionError
from engine.core.settings import Setting, TextSetting

URL = TextSetting(
    "MULTIPLANE_PLANNER_URL", "", "address of a language model's OpenAI-compatible server (http://host:port/v1); off"
)

MODEL = TextSetting("MULTIPLANE_PLANNER_MODEL", "default", "name of the model that the server is asked for")

KEY = TextSetting("MULTIPLANE_PLANNER_KEY", "", "key that the server wants, where it wants one", secret=True)

TIMEOUT = Setting(
    "MULTIPLANE_PLANNER_TIMEOUT_S", 20, "s", 0.1, 600, "longest wait for the model before the rules answer"
)

MAX_REPLY = Setting("MULTIPLANE_PLANNER_MAX_KB", 512, "KB", 1, 65_536, "largest reply of the model that is read")

PATH = "/chat/completions"


class PlannerError(Exception):
    """The model gave nothing that can be used; the reason is for the log, the user gets the rules' answer."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is.

    Attributes:
        scheme: ``http`` or ``https``.
        host, port: as the address names them.
        path: of the chat completions.
        model, key: see the settings.
        timeout: seconds for the whole of a request.
        max_bytes: of the reply.
    """

    scheme: str
    host: str
    port: int
    path: str
    model: str
    key: str
    timeout: float
    max_bytes: int


def endpoint() -> Endpoint | None:
    """The endpoint that the settings name; None where they name none.

    Raises:
        OptionError: the address is not one, or a setting is out of its range.
    """
    url = URL.value()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise OptionError(f"{URL.variable} is no address: write it as http://host:port/v1.", detail=url) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise OptionError(f"{URL.variable} is no address: write it as http://host:port/v1.", detail=url)
    path = parts.path.rstrip("/")
    path = path if path.endswith(PATH) else path + PATH
    return Endpoint(
        parts.scheme, parts.hostname, port, path, MODEL.value(), KEY.value(), TIMEOUT.value(),
        MAX_REPLY.int_value() * 1000,
    )  # fmt: skip
