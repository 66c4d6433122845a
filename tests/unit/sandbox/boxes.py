"""Real sandboxes on this host's own file tree, made without any recipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from omnibuild.sandbox.run import Sandbox, SandboxResult
from omnibuild.sandbox.spec import Bind, Isolation, Overlay, SandboxSpec, Step

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Box:
    """A sandbox's folders; ``run`` runs shell scripts in it as steps."""

    directory: Path
    isolation: Isolation
    owners: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("lower", "upper", "work", "view", "build"):
            (self.directory / name).mkdir(parents=True)

    @property
    def upper(self) -> Path:
        """What the steps wrote below /opt/probe."""
        return self.directory / "upper"

    @property
    def log(self) -> Path:
        """The steps' output."""
        return self.directory / "log"

    def lower(self, path: str, text: str = "", owner: str = "") -> None:
        """Put a file of a dependency in place."""
        file = self.directory / "lower" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if owner:
            self.owners[path] = owner

    def spec(self, *scripts: str, argv: tuple[str, ...] = ()) -> SandboxSpec:
        """Return the sandbox in which the scripts run one after the other."""
        base = str(self.directory)
        commands: list[tuple[str, ...]] = [("/bin/sh", "-euc", script) for script in scripts] or [argv]
        return SandboxSpec(
            isolation=self.isolation,
            rootfs="/",
            scratch=f"{base}/view",
            steps=tuple(Step(command, "/build", {"PATH": PATH}) for command in commands),
            overlay=Overlay("/opt/probe", f"{base}/lower", f"{base}/upper", f"{base}/work"),
            binds=(Bind(f"{base}/build", "/build", writable=True),),
            owners=self.owners,
        )

    def run(self, *scripts: str, argv: tuple[str, ...] = ()) -> SandboxResult:
        """Run to the end."""
        with self.log.open("ab") as stream:
            return Sandbox(self.spec(*scripts, argv=argv), stream).wait()

    def output(self, *scripts: str) -> str:
        """Run scripts that must succeed; return what they printed."""
        result = self.run(*scripts)
        text = self.log.read_text()
        assert result.failed_step is None, text
        return text
