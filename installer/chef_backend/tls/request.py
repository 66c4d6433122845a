"""What a certificate that is made here says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chef_backend.config.model import Settings

# https://datatracker.ietf.org/doc/html/rfc5280#appendix-A.1, ub-common-name
_COMMON_NAME_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Request:
    """A self-signed certificate to be made."""

    common_name: str
    organization: str
    unit: str
    country: str
    bits: int
    days: int

    def subject(self) -> str:
        """Return the subject as `openssl req -subj` takes it."""
        parts = (("C", self.country), ("O", self.organization), ("OU", self.unit), ("CN", self.common_name))
        return "".join(f"/{name}={_escaped(value)}" for name, value in parts)


def request(settings: Settings) -> Request:
    """Return what the settings ask for; a host name that is too long for a certificate is cut."""
    return Request(
        common_name=settings.text("fqdn")[:_COMMON_NAME_MAX],
        organization=settings.text("ssl.company_name"),
        unit=settings.text("ssl.organizational_unit_name"),
        country=settings.text("ssl.country_name"),
        bits=settings.integer("ssl.key_length"),
        days=settings.integer("ssl.duration"),
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\/+=" else char for char in text)
