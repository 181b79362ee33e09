"""Who may look at metrics: machines of chosen networks."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from engine.core.errors import OptionError, quoted
from engine.core.settings import TextSetting

METRICS_FROM = TextSetting(
    "MULTIPLANE_METRICS_FROM", "127.0.0.0/8,::1/128", "networks that may read /metrics, with commas"
)


def metrics_networks() -> list[IPv4Network | IPv6Network]:
    """The networks of the setting.

    Raises:
        OptionError: it names something that is no network.
    """
    try:
        return [ip_network(part.strip(), strict=False) for part in METRICS_FROM.value().split(",") if part.strip()]
    except ValueError as error:
        raise OptionError(
            f"{METRICS_FROM.variable}: {quoted(METRICS_FROM.value())} names something that is no network: "
            "write 10.0.0.0/8."
        ) from error


def may_look(address: str) -> bool:
    """Whether an address is in one of them."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in metrics_networks())
