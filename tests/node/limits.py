"""What a node needs of the machine that the tests run on, and a way around what that machine does not give.

Elasticsearch starts on no address but the loopback unless it may open 65536 files and map 262144 areas:
https://www.elastic.co/guide/en/elasticsearch/reference/6.8/bootstrap-checks.html
"""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

FILES = 65_536
MAP_COUNT = 262_144
SHIM = "/usr/local/lib/nofile-shim.so"

# Tells that as many files may be opened as are asked for; the few that a test opens are no more than the limit.
_SOURCE = """
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
int getrlimit64(__rlimit_resource_t what, struct rlimit64 *limit) {
    int code = syscall(SYS_prlimit64, 0, what, (void *)0, limit);
    if (!code && what == RLIMIT_NOFILE && limit->rlim_cur < 65536) limit->rlim_cur = limit->rlim_max = 65536;
    return code;
}
int getrlimit(__rlimit_resource_t what, struct rlimit *limit) { return getrlimit64(what, (struct rlimit64 *)limit); }
"""


def too_few_files() -> bool:
    """Tell whether containers here cannot open what Elasticsearch wants to."""
    return 0 <= resource.getrlimit(resource.RLIMIT_NOFILE)[1] < FILES


def build_shim(folder: Path) -> Path:
    """Return a library that, preloaded, tells a higher limit than there is."""
    built = folder / Path(SHIM).name
    argv = ["gcc", "-shared", "-fPIC", "-O2", "-x", "c", "-o", str(built), "-"]
    subprocess.run(argv, input=_SOURCE, text=True, check=True, timeout=60)
    return built


def raise_map_count() -> None:
    """Raise vm.max_map_count, which is one for all containers, where this user may."""
    setting = Path("/proc/sys/vm/max_map_count")
    try:
        if int(setting.read_text()) < MAP_COUNT:
            setting.write_text(f"{MAP_COUNT}\n")
    except PermissionError:
        pass  # Elasticsearch's own refusal then says what to do.


def small_config(address: str) -> str:
    """Return a chef-backend.rb for one of several nodes on a machine of a developer's."""
    lines = [f"publish_address '{address}'", "elasticsearch.heap_size 256", "postgresql.shared_buffers '64MB'"]
    # A third of what its start costs goes into code that is fast in an hour's time.
    lines.append("elasticsearch.jvm_opts '-XX:TieredStopAtLevel=1'")
    if too_few_files():
        lines.append(f"elasticsearch.environment {{ 'LD_PRELOAD' => '{SHIM}' }}")
    return "\n".join(lines) + "\n"
