"""How uvicorn is started so that it logs, names clients and names itself as the service wants."""

from typing import Any

from engine.core.settings import TextSetting

TRUSTED_PROXIES = TextSetting(
    "MULTIPLANE_TRUSTED_PROXIES",
    "127.0.0.1,::1",
    "reverse proxies (addresses or networks, with commas) whose X-Forwarded-For and -Proto are believed",
)
# This machine by default: a proxy in front of the service usually runs there, and without it every visitor would seem
# to come from this machine.


def uvicorn_options() -> dict[str, Any]:
    """Arguments for ``uvicorn.Config``: our log instead of its own, forwarded headers from trusted proxies only.

    ``set_up_logging`` must have been called: uvicorn's messages then go where ours go. Its access log is off, because
    :mod:`api.ops.access` writes one without query strings.
    """
    return {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": TRUSTED_PROXIES.value(),
    }
