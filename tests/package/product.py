"""The built product's packages, and the scripts that use what they install as an operator would."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
PREFIX = "/opt/chef-backend/embedded"

# Everything below runs inside a clean root: no network, nothing but the package and what the
# minimal system has.
POSTGRESQL = f"""
install -d -o chef_pgsql -g chef_pgsql /tmp/pg
su chef_pgsql -s /bin/sh -c '
  {PREFIX}/bin/initdb -D /tmp/pg/data -A trust -N >/tmp/pg/initdb.log
  {PREFIX}/bin/pg_ctl -D /tmp/pg/data -o "-c unix_socket_directories=/tmp/pg -c listen_addresses=127.0.0.1" \
    -l /tmp/pg/log -w start >/dev/null
  {PREFIX}/bin/psql -h 127.0.0.1 -d postgres -Atc "select 6*7"
  {PREFIX}/bin/python3 -c "
import psycopg2
with psycopg2.connect(host=\\"127.0.0.1\\", dbname=\\"postgres\\") as link, link.cursor() as cursor:
    cursor.execute(\\"select version()\\")
    print(cursor.fetchone()[0])
"
  {PREFIX}/bin/pg_ctl -D /tmp/pg/data -m fast -w stop >/dev/null
'
"""

ETCD = f"""
install -d -o chef-backend -g chef-backend /tmp/etcd
su chef-backend -s /bin/sh -c '
  client=http://127.0.0.1:2379 peer=http://127.0.0.1:2380
  {PREFIX}/bin/etcd --enable-v2 --data-dir /tmp/etcd/data --listen-client-urls $client --advertise-client-urls $client \
    --listen-peer-urls $peer --initial-advertise-peer-urls $peer --initial-cluster default=$peer >/tmp/etcd/log 2>&1 &
  export ETCDCTL_ENDPOINTS=$client ETCDCTL_DIAL_TIMEOUT=2s ETCDCTL_COMMAND_TIMEOUT=2s
  for try in $(seq 60); do {PREFIX}/bin/etcdctl endpoint health >/dev/null 2>&1 && break; sleep 0.2; done
  [ $try -lt 60 ] || tail -5 /tmp/etcd/log
  {PREFIX}/bin/etcdctl put greeting hello
  {PREFIX}/bin/etcdctl get greeting
  {PREFIX}/bin/python3 -c "
import requests
print(requests.get(\\"http://127.0.0.1:2379/version\\", timeout=5).text)
print(requests.get(\\"http://127.0.0.1:2379/v2/members\\", timeout=5).text)
"
'
"""

ELASTICSEARCH = f"""
install -d -o chef-backend -g chef-backend /tmp/es /tmp/es/data /tmp/es/logs
cp -r {PREFIX}/elasticsearch/config.dist /tmp/es/config
printf 'path.data: /tmp/es/data\\npath.logs: /tmp/es/logs\\nhttp.host: 127.0.0.1\\n' >/tmp/es/config/elasticsearch.yml
sed -i -e '/^-Xm[sx]/d' -e '/AlwaysPreTouch/d' -e 's|logs/gc.log|/tmp/es/logs/gc.log|' /tmp/es/config/jvm.options
chown -R chef-backend /tmp/es/config
su chef-backend -s /bin/sh -c '
  export JAVA_HOME={PREFIX}/open-jre ES_PATH_CONF=/tmp/es/config ES_TMPDIR=/tmp/es ES_JAVA_OPTS="-Xms256m -Xmx256m"
  {PREFIX}/elasticsearch/bin/elasticsearch >/tmp/es/log 2>&1 &
  {PREFIX}/bin/python3 -c "
import time, requests
for _ in range(900):
    try:
        print(requests.get(\\"http://127.0.0.1:9200/\\", timeout=5).text)
        break
    except requests.ConnectionError:
        time.sleep(0.1)
else:
    print(open(\\"/tmp/es/log\\").read()[-3000:])
"
'
"""

# Every ELF file of the prefix but the Java runtime's, whose programs load each other's needs.
ELVES = f"""
{PREFIX}/bin/python3 -c "
import os, stat
for folder, _, names in os.walk('{PREFIX}'):
    for path in (os.path.join(folder, name) for name in names if '/open-jre' not in folder):
        if stat.S_ISREG(os.lstat(path).st_mode) and open(path, 'rb').read(4) == b'\\x7fELF':
            print(path)
"
"""

# ldd is the judge here, not our own check: what does the loader of this very system find?
LINKED = f"""
({ELVES}) | while read -r file; do ldd "$file" 2>/dev/null | sed "s|^|$file |"; done | awk '
  /not found/ {{ print }}
  $3 == "=>" && $4 !~ "^{PREFIX}/" && $2 !~ /^(libc|libm|libdl|libpthread|librt|libutil|libresolv)\\.so/ {{ print }}
'
"""


@dataclass(frozen=True)
class Product:
    """The packages that `make package` left."""

    deb: Path
    rpm: Path


def find_product() -> Product | str:
    """Return the packages in $CHEF_BACKEND_DIST or dist/, or what is missing."""
    folder = Path(os.environ.get("CHEF_BACKEND_DIST") or REPOSITORY / "dist")
    found = {suffix: sorted(folder.glob(f"chef-backend*.{suffix}")) for suffix in ("deb", "rpm")}
    if not all(found.values()):
        return f"no chef-backend deb and rpm in {folder}: run `make package` first"
    return Product(found["deb"][-1], found["rpm"][-1])
