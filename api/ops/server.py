"""How uvicorn is started so that it logs, names clients and names itself as the service wants."""

from ipaddress import ip_network
from typing import Any

from engine.core.errors import OptionError, quoted
from engine.core.settings import Setting, TextSetting

DRAIN = Setting(
    "MULTIPLANE_DRAIN_S", 15, "s", 0, 3600, "time that connections and workers get to end when the service is stopped"
)

TRUSTED_PROXIES = TextSetting(
    "MULTIPLANE_TRUSTED_PROXIES",
    "127.0.0.1,::1",
    "reverse proxies whose X-Forwarded-For and -Proto are believed: addresses or networks, with commas; none: nobody's",
)
# This machine by default: a proxy in front of the service usually runs there, and without it every visitor would seem
# to come from this machine.


def trusted_proxies() -> list[str]:
    """The addresses and networks of the setting.

    Raises:
        OptionError: one of them is neither.
    """
    text = TRUSTED_PROXIES.value()
    parts = [part.strip() for part in text.split(",") if part.strip()] if text.lower() != "none" else []
    found = []
    for part in parts:
        try:
            network = ip_network(part, strict=False)
        except ValueError as error:
            raise OptionError(
                f"{TRUSTED_PROXIES.variable}: {quoted(part)} is neither an address nor a network: "
                "write 10.0.0.5 or 10.0.0.0/24, or none."
            ) from error
        # uvicorn wants networks without host bits, and would take any other text for a name that never comes.
        found.append(str(network) if "/" in part else part)
    return found


def uvicorn_options() -> dict[str, Any]:
    """Arguments for ``uvicorn.Config``: our log instead of its own, forwarded headers from trusted proxies only.

    ``set_up_logging`` must have been called: uvicorn's messages then go where ours go. Its access log is off, because
    :mod:`api.ops.access` writes one without query strings.

    Raises:
        OptionError: a setting is not usable.
    """
    proxies = trusted_proxies()
    return {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": proxies,
    }
