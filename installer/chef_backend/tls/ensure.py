"""A good certificate in its place, made where it is due; one of the operator's own is never touched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.folders import Access
from chef_backend.config.model import Settings
from chef_backend.resources.host import Host
from chef_backend.secrets.modes import SSL_KEY
from chef_backend.tls.due import Reason, due
from chef_backend.tls.openssl import Maker
from chef_backend.tls.request import request


@dataclass(frozen=True, slots=True)
class Place:
    """Where the certificate and its key are, and the user and group that they belong to."""

    certificate: Path
    key: Path
    owner: str
    group: str


def ensure(settings: Settings, place: Place, maker: Maker, host: Host, now: float) -> Reason | None:
    """Make the certificate if it is due, and return why it was; PostgreSQL is to reload then.

    The folder and the accounts must be there. Raises CommandFailed, WriteFailed.
    """
    if settings.text_or_none("ssl.certificate") is not None:
        return None
    wanted = request(settings)
    reason = due(maker.look(place.certificate, place.key), now, wanted.days)
    if reason is not None:
        pair = maker.make(wanted)
        user, group = host.user(place.owner), host.group(place.group)
        if user is None or group is None:
            raise ValueError(f"no account {place.owner}:{place.group}")
        # The key first: a run that ends in between leaves a certificate of another key, which is due again.
        host.write_file(place.key, pair.key.reveal().encode(), Access(user.uid, group, SSL_KEY.mode))
        host.write_file(place.certificate, pair.certificate, Access(user.uid, group, 0o644))
    return reason
