"""Whether PostgreSQL can serve with what the settings say of TLS.

A running server that cannot goes on as before, and tells its log alone; it would not start again.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator

from chef_backend.base.errors import Conflict
from chef_backend.config.model import Settings
from chef_backend.postgresql.versions import Version
from chef_backend.resources.host import Host
from chef_backend.tls.due import Facts
from chef_backend.tls.ensure import Place
from chef_backend.tls.openssl import Maker

_OF_OWNER = stat.S_IRWXG | stat.S_IRWXO
_OF_ROOT = stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO


def require_usable(settings: Settings, place: Place, version: Version, maker: Maker, host: Host) -> None:
    """Raise Conflict with all that PostgreSQL would not start with; `place` is the certificate that it is to have."""
    problems = [*_ciphers(settings, maker), *_own(settings, place, version, maker, host)]
    if problems:
        raise Conflict(
            "\n  ".join(["PostgreSQL would not start with this; nothing was changed:", *problems]),
            hint="correct the certificate, or ssl.* in chef-backend.rb; then run this command again",
        )


def _ciphers(settings: Settings, maker: Maker) -> Iterator[str]:
    ciphers = settings.text("ssl.ciphers")
    if not maker.knows(ciphers):
        yield f"ssl.ciphers {ciphers}: OpenSSL knows none of them"


def _own(settings: Settings, place: Place, version: Version, maker: Maker, host: Host) -> Iterator[str]:
    if settings.text_or_none("ssl.certificate") is None:
        return
    facts = maker.look(place.certificate, place.key)
    problem = _of_files(facts)
    if problem:
        yield problem.format(certificate=f"ssl.certificate {place.certificate}", key=f"ssl.certificate_key {place.key}")
        return
    user = host.user(place.owner)
    if user is None:
        return  # its account is made by the reconfigure that this is asked for
    for path in (place.certificate, place.key):
        if not maker.may_read(path, place.owner):
            yield f"{place.owner}, whom PostgreSQL runs as, cannot read {path}"
    if not _is_closed(facts, user.uid, version):
        yield (
            f"{place.key} must be {place.owner}'s with mode 0600"
            + (", or root's with mode 0640 and its group" if version.key_may_be_roots else "")
            + f"; it is {facts.key_uid}'s with mode {facts.key_mode:04o}"
        )


def _of_files(facts: Facts) -> str:
    if not facts.has_certificate:
        return "{certificate} is not there"
    if not facts.has_key:
        return "{key} is not there"
    if facts.ends_at is None:
        return "{certificate} is no certificate"
    return "" if facts.matches else "{key} does not belong to {certificate}, or has a passphrase"


def _is_closed(facts: Facts, uid: int, version: Version) -> bool:
    """Tell what PostgreSQL asks of a key: https://www.postgresql.org/docs/15/ssl-tcp.html#SSL-SETUP."""
    if facts.key_uid == uid:
        return not facts.key_mode & _OF_OWNER
    return version.key_may_be_roots and facts.key_uid == 0 and not facts.key_mode & _OF_ROOT
