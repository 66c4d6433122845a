"""Host names, addresses and who may connect."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface

from chef_backend.config.kinds.base import WrongValue, items_of, read_each, text_of
from chef_backend.config.literals import Literal

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
# https://www.postgresql.org/docs/15/auth-pg-hba-conf.html
KEYWORDS = ("samehost", "samenet", "all")
_NETWORK = "a network such as '10.0.0.0/24'"
_NUMERIC = re.compile(r"[\d.]+")
_PREFIXED = re.compile(r"/\d{1,3}\Z")
_CLOSE = 0.8


@dataclass(frozen=True, slots=True)
class HostName:
    """A host's name in lower case."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "host name in lower case"

    def read(self, literal: Literal) -> str:
        """Return the name; WrongValue for upper case and what is no name."""
        name = text_of(literal, self.words())
        if not _HOST.fullmatch(name):
            lower = name.lower()
            raise WrongValue(literal, f"a {self.words()}", f"write '{lower}'" if _HOST.fullmatch(lower) else "")
        return name


@dataclass(frozen=True, slots=True)
class Address:
    """An IPv4 or IPv6 address, in the spelling that other programs show."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "IP address"

    def read(self, literal: Literal) -> str:
        """Return the address; WrongValue for host names, networks and slips."""
        text = text_of(literal, "an IP address")
        try:
            return str(ip_address(text))
        except ValueError:
            hint = "write the address without its network part" if "/" in text else "for example '192.0.2.10'"
            raise WrongValue(literal, "an IP address", hint) from None


@dataclass(frozen=True, slots=True)
class Clients:
    """Addresses that pg_hba.conf lets in."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "list of networks, host names, 'samehost', 'samenet', 'all'"

    def read(self, literal: Literal) -> tuple[str, ...]:
        """Return the entries in their order; WrongValue at the first that PostgreSQL would not read."""
        entries = items_of(literal, "a " + self.words())
        if not entries:
            raise WrongValue(literal, "at least one entry", "the default is ['samehost', 'samenet']")
        return read_each(entries, _client)


def _client(literal: Literal) -> str:
    text = text_of(literal, "a network, a host name, 'samehost', 'samenet' or 'all'")
    if text in KEYWORDS:
        return text
    close = difflib.get_close_matches(text.lower(), KEYWORDS[:2], 1, _CLOSE)
    if close or text.lower() in KEYWORDS:
        raise WrongValue(literal, _NETWORK, f"did you mean '{close[0] if close else text.lower()}'?")
    if _HOST.fullmatch(text.lower().removeprefix(".")) and not _NUMERIC.fullmatch(text):
        return text
    try:
        ip_interface(text)
    except ValueError:
        raise WrongValue(literal, _NETWORK) from None
    if not _PREFIXED.search(text):
        address = text.partition("/")[0]
        hint = f"a single host is written '{address}/{ip_address(address).max_prefixlen}'"
        raise WrongValue(literal, _NETWORK, hint if "/" not in text else "write the number of bits behind /")
    return text
