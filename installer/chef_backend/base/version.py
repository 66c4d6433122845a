"""The version of the installed chef-backend distribution."""

from __future__ import annotations

from importlib import metadata

from chef_backend.base.errors import NotInstalled

DISTRIBUTION = "chef-backend"


def installed_version() -> str:
    """Return the version that the distribution's metadata states; NotInstalled if there is none."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise NotInstalled(
            f"no distribution {DISTRIBUTION} is installed for this Python",
            hint="reinstall the chef-backend package, and run /opt/chef-backend/bin/chef-backend-ctl",
        ) from None
