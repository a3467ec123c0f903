"""By which addresses others reach this computer: the likely one first."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple

import ifaddr

VIRTUAL = ("vpn", "tun", "tap", "wg", "ppp", "utun", "docker", "veth", "br-", "virbr", "vmnet", "vbox", "virtual",
           "hyper-v", "vethernet", "wsl", "wireguard", "anyconnect", "zerotier", "tailscale", "loopback", "bluetooth")  # fmt: skip
"""Parts of the names of adapters behind which no room is."""

ELSEWHERE = ("192.0.2.1", 9)
"""An address of nobody (RFC 5737): the system is asked by which way it would go there; nothing is sent."""


class Address(NamedTuple):
    """An address of this computer, and the name of its adapter."""

    ip: str
    adapter: str

    @property
    def is_virtual(self) -> bool:
        """Whether the adapter is a VPN's or a virtual machine's, by its name."""
        return any(word in self.adapter.casefold() for word in VIRTUAL)


def addresses() -> list[Address]:
    """All IPv4 addresses by which others may reach this computer, the likely one first.

    First those of real adapters, of these the default route's; private networks before public ones.
    """
    found = [
        Address(
            str(ip.ip),
            f"{adapter.name} {adapter.nice_name}" if adapter.nice_name != adapter.name else adapter.name,
        )
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not ipaddress.ip_address(str(ip.ip)).is_loopback
    ]
    return in_order(found, default_route())


def in_order(found: list[Address], route: str | None) -> list[Address]:
    """The likely one first."""

    def rank(one: Address) -> tuple[bool, bool, bool, bool]:
        ip = ipaddress.ip_address(one.ip)
        return one.is_virtual, ip.is_link_local, one.ip != route, not ip.is_private

    return sorted(dict.fromkeys(found), key=rank)


def default_route() -> str | None:
    """The address by which this computer would leave its network; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(ELSEWHERE)
        except OSError:
            return None
        return str(way.getsockname()[0])
