"""Settings of the certificate for replication."""

from __future__ import annotations

from operator import attrgetter

from chef_backend.config.kinds.base import Nilable
from chef_backend.config.kinds.files import Joined, Path
from chef_backend.config.kinds.simple import Integer, Text
from chef_backend.config.setting import Setting, reload

_RELOADS = attrgetter("tls_reloads")
_NAME = Text("text of 1 to 64 characters", r".{1,64}")

ROWS = (
    Setting(
        "ssl.certificate",
        Nilable(Path()),
        None,
        "Certificate of your own; nil has one made from the settings below.",
        reload("postgresql"),
        reloads=_RELOADS,
        per_node=True,
    ),
    Setting(
        "ssl.certificate_key",
        Nilable(Path()),
        None,
        "Key of your own certificate.",
        reload("postgresql"),
        reloads=_RELOADS,
        per_node=True,
    ),
    Setting(
        "ssl.ciphers",
        Joined("cipher list as in OpenSSL's ciphers(1)", r"[A-Za-z0-9!+:@=_-]+"),
        "ECDHE+AESGCM:DHE+AESGCM:ECDHE+AES:!aNULL:!eNULL:!3DES:!MD5:!RC4",
        "Ciphers that are allowed, in order of preference.",
        reload("postgresql"),
        reloads=_RELOADS,
    ),
    Setting("ssl.company_name", _NAME, "YouCorp", "Organization in a certificate that is made here."),
    Setting(
        "ssl.country_name",
        Text("country code of two upper-case letters", r"[A-Z]{2}"),
        "US",
        "Country in a certificate that is made here.",
    ),
    Setting(
        "ssl.data_dir",
        Path(),
        "/var/opt/chef-backend/ssl/",
        "Folder for certificates that are made here.",
        fixed=True,
    ),
    Setting(
        "ssl.duration",
        Integer(1, 36500),
        3650,
        "How long a certificate that is made here is valid; it is renewed before it ends.",
        unit="days",
    ),
    Setting(
        "ssl.key_length",
        Integer(2048, 8192),
        2048,
        "Length of a key that is made here.",
        unit="bits",
    ),
    Setting(
        "ssl.organizational_unit_name", _NAME, "Operations", "Organizational unit in a certificate that is made here."
    ),
)
