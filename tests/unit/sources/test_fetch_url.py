"""Downloads: what each failure of a server leads to."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from omnibuild.errors import ChecksumMismatch, Interrupted, InvalidInput, SourceUnavailable
from omnibuild.sources.store import SourceStore

DATA = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(DATA).hexdigest()


def test_downloads_and_reports_progress(site: Any, fetch: Any) -> None:
    """The file lies under its sha256, and progress counts up to its size."""
    found = fetch.urls(DATA, site.serve("pkg-1.tar.gz", DATA))
    assert found.path == fetch.cache / "sources" / SHA256 / "pkg-1.tar.gz"
    assert found.path.read_bytes() == DATA
    assert (fetch.progress[-1].done_bytes, fetch.progress[-1].total_bytes) == (len(DATA), len(DATA))
    assert found.label == site.url("pkg-1.tar.gz")


def test_second_time_asks_nobody(site: Any, fetch: Any) -> None:
    """A cached source needs no network, --offline included."""
    fetch.urls(DATA, site.serve("a", DATA))
    asked = len(site.asked)
    assert fetch.urls(DATA, site.url("a"), offline=True).label == "cache"
    assert len(site.asked) == asked


def test_variables_are_replaced(site: Any, fetch: Any) -> None:
    """{version} in an address is the recipe's version; an unknown name is an error with its place."""
    site.serve("pkg-1.2.tar", DATA)
    assert fetch.urls(DATA, site.url("pkg-{version}.tar")).file_name == "pkg-1.2.tar"
    with pytest.raises(InvalidInput, match=r"sources\[0\]\.locations\[0\]: undefined variable \{versio\}"):
        fetch.urls(b"other", site.url("{versio}"))


def test_dead_host_leads_to_the_next_location(site: Any, fetch: Any, dead_url: str) -> None:
    """A refused connection is not retried; the next location delivers."""
    assert fetch.urls(DATA, dead_url, site.serve("b", DATA)).label == site.url("b")


def test_all_locations_failed(site: Any, fetch: Any, dead_url: str) -> None:
    """The error names each location with its reason."""
    with pytest.raises(SourceUnavailable) as caught:
        fetch.urls(DATA, dead_url, site.url("missing"), "http://no-such-host.invalid/a")
    assert f"{dead_url}: no connection: Connection refused" in caught.value.message
    assert f"{site.url('missing')}: HTTP 404 Not Found" in caught.value.message
    assert "no-such-host.invalid/a: the host name does not resolve" in caught.value.message
    assert "recipes/x/recipe.yml: sources[0]" in caught.value.message
    assert "--mirror-dir" in caught.value.hint


def test_offline_asks_nobody(site: Any, fetch: Any) -> None:
    """With --offline the error says why nothing was asked."""
    with pytest.raises(SourceUnavailable, match="--offline"):
        fetch.urls(DATA, site.serve("a", DATA), offline=True)
    assert site.asked == []


def test_wrong_bytes_are_kept_aside_and_never_used(site: Any, fetch: Any) -> None:
    """A mismatch names expected, actual, location and the kept file."""
    bad = b"not what was pinned"
    with pytest.raises(ChecksumMismatch) as caught:
        fetch.urls(DATA, site.serve("pkg.tar", bad))
    actual = hashlib.sha256(bad).hexdigest()
    kept = fetch.cache / "bad" / f"{actual}-pkg.tar"
    assert kept.read_bytes() == bad
    for part in (SHA256, actual, site.url("pkg.tar"), str(kept)):
        assert part in caught.value.message
    assert fetch.leftovers() == []


def test_wrong_bytes_then_right_ones_is_a_warning(site: Any, fetch: Any) -> None:
    """A later location with the pinned bytes is used, and the mismatch is reported."""
    found = fetch.urls(DATA, site.serve("evil.tar", b"bad"), site.serve("good.tar", DATA))
    assert found.path.read_bytes() == DATA
    assert found.label == site.url("good.tar")
    assert found.file_name == "evil.tar"
    assert len(found.warnings) == 1
    assert site.url("evil.tar") in found.warnings[0]


def test_truncated_download_is_resumed(site: Any, fetch: Any) -> None:
    """A broken transfer goes on at the byte where it broke, if the file is still the same."""
    etag = '"v1"'
    url = site.in_turn("a", site.broken_off(DATA, 300_000, ETag=etag), site.whole(DATA, ETag=etag))
    assert fetch.urls(DATA, url).path.read_bytes() == DATA
    assert site.asked == [("/a", None, None), ("/a", "bytes=300000-", etag)]


def test_a_new_process_resumes_too(site: Any, fetch: Any) -> None:
    """What arrived before a crash is not downloaded again."""
    url = site.in_turn("a", site.broken_off(DATA, 300_000, ETag='"v1"'), site.status(404))
    with pytest.raises(SourceUnavailable):
        fetch.urls(DATA, url)
    site.serve("a", DATA, ETag='"v1"')
    assert fetch.urls(DATA, url).path.read_bytes() == DATA
    assert site.asked[-1] == ("/a", "bytes=300000-", '"v1"')


def test_file_changed_between_attempts(site: Any, fetch: Any) -> None:
    """Another ETag means another file: it is downloaded from its start."""
    url = site.in_turn("a", site.broken_off(b"x" * 500_000, 300_000, ETag='"v1"'), site.whole(DATA, ETag='"v2"'))
    assert fetch.urls(DATA, url).path.read_bytes() == DATA


def test_spliced_file_is_fetched_again(site: Any, fetch: Any) -> None:
    """Without a validator a changed file shows by its sha256 only: one more download, from the start."""
    url = site.in_turn("a", site.broken_off(b"x" * len(DATA), 300_000), site.whole(DATA))
    assert fetch.urls(DATA, url).path.read_bytes() == DATA
    assert [asked[1] for asked in site.asked] == [None, "bytes=300000-", None]


def test_always_truncated(site: Any, fetch: Any) -> None:
    """A server that never delivers all is given up with the count of bytes, and no file is left."""
    with pytest.raises(SourceUnavailable, match=r"broke off after 0 of 1024000 bytes \(tried 3 times\)"):
        fetch.urls(DATA, site.in_turn("a", site.broken_off(DATA, 0)))
    assert fetch.leftovers() == []


def test_unavailable_then_there(site: Any, fetch: Any) -> None:
    """503 is retried."""
    url = site.in_turn("a", site.status(503), site.status(503, Retry_After="0"), site.whole(DATA))
    assert fetch.urls(DATA, url).path.read_bytes() == DATA


def test_unavailable_for_good(site: Any, fetch: Any) -> None:
    """503 to the end is the reason given."""
    with pytest.raises(SourceUnavailable, match="HTTP 503"):
        fetch.urls(DATA, site.in_turn("a", site.status(503)))
    assert len(site.asked) == 3


def test_redirects_are_followed(site: Any, fetch: Any) -> None:
    """A redirect delivers; a circle of them is an error of that location."""
    site.serve("real", DATA)
    site.routes["/moved"] = site.status(302, Location="/real")
    site.routes["/circle"] = site.status(302, Location="/circle")
    assert fetch.urls(DATA, site.url("moved")).path.read_bytes() == DATA
    with pytest.raises(SourceUnavailable, match="redirects"):
        fetch.urls(b"other", site.url("circle"))


def test_silent_server(site: Any, fetch: Any) -> None:
    """A connection that falls silent is dropped and the transfer goes on over a new one."""
    url = site.in_turn("a", site.silent(DATA, 1000), site.whole(DATA))
    assert fetch.urls(DATA, url, timeout_s=0.2).path.read_bytes() == DATA


def test_label_of_content_encoding_is_ignored(site: Any, fetch: Any) -> None:
    """The pin is for the file as transferred, even where a server labels a .tar.gz as encoded."""
    assert fetch.urls(DATA, site.serve("a.tar.gz", DATA, Content_Encoding="gzip")).path.read_bytes() == DATA


def test_file_url(fetch: Any, tmp_path: Any) -> None:
    """file:// is copied, also offline; a missing one is a reason."""
    file = tmp_path / "a b.tar"
    file.write_bytes(DATA)
    assert fetch.urls(DATA, file.as_uri(), offline=True).file_name == "a b.tar"
    with pytest.raises(SourceUnavailable, match="no such file"):
        fetch.urls(b"x", "file:///nowhere/x")


def test_other_schemes_and_malformed(fetch: Any) -> None:
    """Only http, https and file are read."""
    for url in ("ftp://example.org/a", "no url", "http:///a", "http://[bad/a"):
        with pytest.raises(SourceUnavailable, match="URL"):
            fetch.urls(DATA, url)


def test_password_is_not_shown(fetch: Any) -> None:
    """Credentials in an address reach no message."""
    with pytest.raises(SourceUnavailable) as caught:
        fetch.urls(DATA, "http://user:hunter2@no-such-host.invalid/a")
    assert "hunter2" not in caught.value.message


def test_two_fetchers_at_once(site: Any, fetch: Any) -> None:
    """Threads that want one source download it once; all get it."""
    url = site.serve("a", DATA)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fetch.urls(DATA, url), range(4)))
    assert {source.path for source in found} == {fetch.cache / "sources" / SHA256 / "a"}
    assert len(site.asked) == 1


def test_damaged_cache_is_noticed(site: Any, fetch: Any) -> None:
    """A cached file with other bytes is set aside with a warning, and fetched anew."""
    path = fetch.urls(DATA, site.serve("a", DATA)).path
    path.chmod(0o644)
    path.write_bytes(b"rotten")
    found = fetch.urls(DATA, site.url("a"))
    assert found.path.read_bytes() == DATA
    assert "damaged" in found.warnings[0]


def test_cached_file_is_hashed_once_a_process(site: Any, fetch: Any) -> None:
    """One store does not read a verified file again."""
    store = SourceStore(fetch.cache)
    path = fetch.urls(DATA, site.serve("a", DATA), store=store).path
    path.chmod(0o644)
    path.write_bytes(b"changed")
    assert store.find(SHA256, pytest.fail) == path


def test_cancel(site: Any, fetch: Any) -> None:
    """Setting the event ends a fetch between two chunks."""
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        fetch.urls(DATA, site.serve("a", DATA), cancel=cancel)


def test_location_with_its_own_digest(site: Any, fetch: Any, dead_url: str) -> None:
    """A repacked location's bytes are compared with its own sha256, and the result says which were used."""
    source = {
        "sha256": SHA256,
        "locations": [
            {"url": dead_url},
            {"url": site.serve("r", b"repacked"), "sha256": hashlib.sha256(b"repacked").hexdigest()},
        ],
    }
    found = fetch(source)
    assert (found.sha256, found.file_name) == (hashlib.sha256(b"repacked").hexdigest(), "r")
    assert fetch(source).label == "cache"


def test_mirror_folder(fetch: Any, tmp_path: Any) -> None:
    """--mirror-dir serves by sha256 in three layouts, offline."""
    for name, file in (("flat", SHA256), ("cache", f"{SHA256}/any"), ("sums", "sub/x.tar")):
        target = tmp_path / name / file
        target.parent.mkdir(parents=True)
        target.write_bytes(DATA)
    (tmp_path / "sums" / "SHA256SUMS").write_text(f"{'0' * 64}  y\n{SHA256} *sub/x.tar\n")
    for name in ("flat", "cache", "sums"):
        fetch.cache = tmp_path / f"cache-{name}"
        found = fetch.urls(DATA, "http://no-such-host.invalid/x.tar", offline=True, mirror_dirs=(tmp_path / name,))
        assert found.path.read_bytes() == DATA
        assert found.file_name == "x.tar"


def test_mirror_folder_with_wrong_bytes(site: Any, fetch: Any, tmp_path: Any) -> None:
    """A mirror is believed as little as any location."""
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / SHA256).write_bytes(b"bad")
    found = fetch.urls(DATA, site.serve("a", DATA), mirror_dirs=(tmp_path / "mirror",))
    assert found.path.read_bytes() == DATA
    assert "mirror" in found.warnings[0]
