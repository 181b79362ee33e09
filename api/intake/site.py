"""What a site allows when files are fetched by their URLs: networks, ports and times."""

from ipaddress import ip_network

from api.intake.addresses import Network
from engine.core.errors import OptionError, quoted
from engine.core.settings import Setting, TextSetting

FETCH_NETWORKS = TextSetting(
    "MULTIPLANE_FETCH_NETWORKS",
    "",
    "networks of the studio's own that files may be fetched from (10.1.0.0/16, with commas); public ones always may",
)

FETCH_WORKERS = Setting(
    "MULTIPLANE_FETCH_WORKERS", 2, "workers", 0, 64, "addresses that are fetched at a time; 0: this site fetches none"
)

FETCH_PORTS = TextSetting(
    "MULTIPLANE_FETCH_PORTS", "80,443,8080,8443", "ports that files may be fetched from, with commas"
)

FETCH_SECONDS = Setting("MULTIPLANE_FETCH_SECONDS", 120, "s", 0.1, 3600, "longest time to fetch one file by its URL")

FETCH_CONNECT_SECONDS = Setting(
    "MULTIPLANE_FETCH_CONNECT_SECONDS", 10, "s", 0.1, 120, "longest wait for a connection to fetch a file through"
)

LAST_PORT = 65535


def opened_networks() -> tuple[Network, ...]:
    """The networks that this site opens.

    Raises:
        OptionError: something among them is no network.
    """
    return tuple(_network(part) for part in _parts(FETCH_NETWORKS))


def allowed_ports() -> frozenset[int]:
    """The ports that this site fetches from.

    Raises:
        OptionError: something among them is no port.
    """
    return frozenset(_port(part) for part in _parts(FETCH_PORTS))


def _parts(setting: TextSetting) -> list[str]:
    return [part.strip() for part in setting.value().split(",") if part.strip()]


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise OptionError(
            f"{FETCH_NETWORKS.variable}: {quoted(text)} is no network: give its first address and its length, "
            "such as 10.1.0.0/16."
        ) from error


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PORT)) else 0
    if not 1 <= port <= LAST_PORT:
        raise OptionError(f"{FETCH_PORTS.variable}: {quoted(text)} is no port: give numbers from 1 to {LAST_PORT}.")
    return port
