"""Every path of a node, below a root that tests move: the contract that other people's tools rely on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The files and folders of the node whose file system begins at `root`."""

    root: Path = Path("/")

    @property
    def install(self) -> Path:
        """What the package holds."""
        return self.root / "opt/chef-backend"

    @property
    def embedded(self) -> Path:
        """The prefix of the components."""
        return self.install / "embedded"

    @property
    def embedded_bin(self) -> Path:
        """The components' programs."""
        return self.embedded / "bin"

    @property
    def ctl(self) -> Path:
        """The operator's command."""
        return self.install / "bin/chef-backend-ctl"

    @property
    def sv(self) -> Path:
        """Definitions of services, enabled or not."""
        return self.install / "sv"

    @property
    def service(self) -> Path:
        """Links to the definitions of the enabled services; what the supervisor watches."""
        return self.install / "service"

    @property
    def init(self) -> Path:
        """A program for each service, named after it: sv under the service's name."""
        return self.install / "init"

    @property
    def license(self) -> Path:
        """The licence to be accepted."""
        return self.install / "LICENSE"

    @property
    def version_manifest(self) -> Path:
        """What the package was built from."""
        return self.install / "version-manifest.json"

    @property
    def etc(self) -> Path:
        """The operator's configuration."""
        return self.root / "etc/chef-backend"

    @property
    def config(self) -> Path:
        """What the operator writes."""
        return self.etc / "chef-backend.rb"

    @property
    def secrets(self) -> Path:
        """The cluster's passwords, alike on all nodes."""
        return self.etc / "chef-backend-secrets.json"

    @property
    def running(self) -> Path:
        """The merged settings of the last reconfigure."""
        return self.etc / "chef-backend-running.json"

    @property
    def data(self) -> Path:
        """What the services and the node keep."""
        return self.root / "var/opt/chef-backend"

    @property
    def license_accepted(self) -> Path:
        """Exists when the licence was accepted."""
        return self.data / ".license.accepted"

    @property
    def state(self) -> Path:
        """What reconfigure remembers; root's alone."""
        return self.data / "reconfigure"

    @property
    def receipt(self) -> Path:
        """What the last reconfigure wrote, with checksums and owners."""
        return self.state / "receipt.json"

    @property
    def identity(self) -> Path:
        """Who this node is: its GUID."""
        return self.state / "identity.json"

    @property
    def unfinished(self) -> Path:
        """Exists while a command that makes this node a member has begun and not ended."""
        return self.state / "unfinished.json"

    @property
    def ssl(self) -> Path:
        """Keys and certificates."""
        return self.data / "ssl"

    @property
    def etcd(self) -> Path:
        """Etcd's own folder; its data is in `data` there."""
        return self.data / "etcd"

    @property
    def etcd_member(self) -> Path:
        """What etcd knows: its log and its database."""
        return self.etcd / "data/member"

    @property
    def elasticsearch(self) -> Path:
        """Elasticsearch's own folder, of data, plugins, scripts and tmp."""
        return self.data / "elasticsearch"

    @property
    def leaderl(self) -> Path:
        """The leader daemon's own folder."""
        return self.data / "leaderl"

    @property
    def leaderl_data(self) -> Path:
        """Where leaderl keeps its configuration and its sentinels."""
        return self.leaderl / "data"

    @property
    def leaderl_config(self) -> Path:
        """The leader daemon's configuration, with the passwords."""
        return self.leaderl_data / "sys.config"

    @property
    def no_start_pgsql(self) -> Path:
        """While it exists PostgreSQL must not start: a deposed leader's data is not yet in step."""
        return self.leaderl_data / "no-start-pgsql"

    @property
    def unsynced(self) -> Path:
        """While it exists a copy from a leader began and did not end well."""
        return self.leaderl_data / "unsynced"

    @property
    def logs(self) -> Path:
        """The services' logs, a folder each."""
        return self.root / "var/log/chef-backend"

    @property
    def command_logs(self) -> Path:
        """Logs of the long commands of operators, a file each; only root enters."""
        return self.logs / "chef-backend-ctl"

    @property
    def backups(self) -> Path:
        """Backups; never removed."""
        return self.root / "var/opt/chef-backup"

    @property
    def home(self) -> Path:
        """Where only root looks, and no command of ours deletes."""
        return self.root / "root"

    @property
    def run(self) -> Path:
        """What must not outlive a boot."""
        return self.root / "run/chef-backend"

    @property
    def leaderl_run(self) -> Path:
        """What leaderl keeps for the time of a boot."""
        return self.run / "leaderl"

    @property
    def may_start_pgsql(self) -> Path:
        """Without it a leader's data is not served: leaderl has not said yet that this node leads."""
        return self.leaderl_run / "postgresql-may-start"

    @property
    def lock(self) -> Path:
        """Held by whoever changes this node."""
        return self.run / "reconfigure.lock"

    @property
    def backup_lock(self) -> Path:
        """Held by whoever makes a backup, which takes minutes and changes nothing else."""
        return self.run / "backup.lock"

    @property
    def systemd_unit(self) -> Path:
        """The unit that runs the supervisor."""
        return self.root / "usr/lib/systemd/system/chef-backend-runsvdir-start.service"

    @property
    def sysctl(self) -> Path:
        """Kernel settings; read before an administrator's own."""
        return self.root / "usr/lib/sysctl.d/10-chef-backend.conf"

    def postgresql(self, version: str) -> Path:
        """PostgreSQL's own folder of a major version ("9.5", "15")."""
        return self.data / "postgresql" / version

    def postgresql_data(self, version: str) -> Path:
        """PostgreSQL's data directory."""
        return self.postgresql(version) / "data"

    def log(self, service: str, version: str = "") -> Path:
        """The folder of a service's log; PostgreSQL has one for each major version."""
        return self.logs / service / version

    def etcd_environment(self) -> Path:
        """Etcd's environment, a file for each variable; where operators look for its tuning."""
        return self.service / "etcd/env"
