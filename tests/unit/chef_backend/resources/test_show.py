"""Plans as a person and as a program read them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from engine import Engine

from chef_backend.base.secret import Secret
from chef_backend.resources.effects import Effect, ServiceEffect
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed
from chef_backend.resources.model import Action, Directory, File, Group, Resource, Symlink, User
from chef_backend.resources.show import as_json, as_text

RELOAD = (ServiceEffect("postgresql", Effect.RELOAD),)
RESTART = (ServiceEffect("etcd", Effect.RESTART),)


def configuration(port: int, password: str, mode: int) -> list[Resource]:
    return [
        Group(name="svc"),
        User(name="svc", group="svc", home=Path("/a")),
        Directory(path=Path("/a")),
        File(path=Path("/a/conf"), content=f"# settings\nport = {port}\n".encode(), effects=RELOAD),
        File(path=Path("/a/pass"), content=Secret(password), owner="svc", group="svc", mode=mode, effects=RESTART),
        Symlink(path=Path("/a/link"), target="conf"),
        Action(name="tell systemd", argv=("systemctl", "daemon-reload"), when=(Path("/a/conf"),)),
    ]


FIRST = """\
create    svc (group)
create    svc (user)
create    /a (folder root:root 0755)
create    /a/conf (file root:root 0644, postgresql: reload)
create    /a/pass (file svc:svc 0600, etcd: restart)
create    /a/link (link to conf)
run       tell systemd (systemctl daemon-reload)
          note: because of /a/conf

services:
  etcd        restart
  postgresql  reload
"""
SECOND = """\
update    /a/conf (file, postgresql: reload)
          note: edited since the last reconfigure (at 1970-01-01 00:00:00Z; its owner is root)
          --- is
          +++ will be
          @@ -1,2 +1,2 @@
          -\\x1b[31mmine
          -port = 1
          +# settings
          +port = 2
update    /a/pass (file, etcd: restart)
          mode 0600 → 0640
          (content differs, hidden)
run       tell systemd (systemctl daemon-reload)
          note: because of /a/conf

services:
  etcd        restart
  postgresql  reload
"""


def test_a_plan_reads_as_what_will_happen() -> None:
    """What is made, what differs (contents line by line, secrets never), why, and what services need."""
    host = FakeHost()
    assert as_text(Engine(host).run(configuration(1, "sesame-1", 0o600))) == FIRST
    edited = host.tree[Path("/a/conf")]
    host.tree[Path("/a/conf")] = replace(edited, content=b"\x1b[31mmine\nport = 1\n", sha256="other")
    plan = Engine(host).plan(configuration(2, "sesame-2", 0o640))
    assert as_text(plan) == SECOND
    assert "sesame" not in json.dumps(as_json(plan)) + repr(plan)
    shown = as_text(plan, hide_sensitive=False)
    assert "-sesame-1" in shown
    assert "+sesame-2" in shown


def test_a_plan_is_a_document_for_programs() -> None:
    """The same facts with stable names and a format number; an empty plan says so."""
    host = FakeHost()
    Engine(host).run(configuration(1, "sesame-1", 0o600))
    document = as_json(Engine(host).plan(configuration(2, "sesame-1", 0o600)))
    assert document == {
        "format": 1,
        "empty": False,
        "changes": [
            {
                "verb": "update",
                "kind": "file",
                "subject": "/a/conf",
                "differences": [{"what": "content"}],
                "effects": {"postgresql": "reload"},
                "note": "",
                "hidden": False,
                "content": ["--- is", "+++ will be", "@@ -1,2 +1,2 @@", " # settings", "-port = 1", "+port = 2"],
            },
            {
                "verb": "run",
                "kind": "action",
                "subject": "tell systemd",
                "differences": [],
                "effects": {},
                "note": "because of /a/conf",
                "hidden": False,
                "argv": ["systemctl", "daemon-reload"],
            },
        ],
        "notices": [],
        "effects": {"etcd": "restart", "postgresql": "reload"},
        "pending": {"etcd": "restart", "postgresql": "reload"},
    }
    empty = Engine(host).plan(configuration(1, "sesame-1", 0o600))
    assert as_json(empty)["empty"] is True
    assert as_text(empty).startswith("\nservices:")


def test_what_others_could_not_read_is_not_shown() -> None:
    """An operator's own closed file, in the way of one of ours, may hold anything."""
    host = FakeHost()
    host.add(Path("/f"), Observed(Kind.FILE, mode=0o600, content=b"hunter2"))
    plan = Engine(host).plan([File(path=Path("/f"), content=b"x")])
    assert "hunter2" not in as_text(plan) + json.dumps(as_json(plan))


def test_binary_and_long_contents_are_summed_up() -> None:
    """No screenful of bytes, no thousand lines."""
    host = FakeHost()
    Engine(host).run([File(path=Path("/f"), content=b"\xff\x00")])
    assert "(binary content, 2 bytes → 3 bytes)" in as_text(
        Engine(host).plan([File(path=Path("/f"), content=b"\xff\x00a")])
    )
    long = "".join(f"{number}\n" for number in range(500)).encode()
    Engine(host).run([File(path=Path("/f"), content=b"")])
    assert "lines more)" in as_text(Engine(host).plan([File(path=Path("/f"), content=long)]))
