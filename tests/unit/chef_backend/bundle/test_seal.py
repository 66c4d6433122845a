"""A bundle encrypted: for whom, whether that works before anything is collected, and that it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from seals import FakeRunner

from chef_backend.base.errors import ChefBackendError, Conflict
from chef_backend.bundle.seal import Age, Certificate, seal_for

KEY = "age1" + "q" * 58
OPENSSL = Path("/opt/chef-backend/embedded/bin/openssl")
TEXT = "-----BEGIN CMS-----\nx\n-----END CMS-----\n"


def test_a_recipient_is_a_file_or_an_age_key(tmp_path: Path) -> None:
    """Anything else is refused, with what is expected."""
    (tmp_path / "support.pem").touch()
    age = "-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----"
    assert isinstance(seal_for(KEY, FakeRunner(age), OPENSSL), Age)
    assert isinstance(seal_for(str(tmp_path / "support.pem"), FakeRunner(TEXT), OPENSSL), Certificate)
    with pytest.raises(Conflict, match="no such file") as raised:
        seal_for("joe@example.org", FakeRunner(), OPENSSL)
    assert "certificate" in raised.value.hint


def test_it_is_tried_out_first(tmp_path: Path) -> None:
    """Whoever names a wrong file is told before minutes of collecting."""
    (tmp_path / "support.pem").touch()
    with pytest.raises(Conflict, match="nothing was collected"):
        seal_for(str(tmp_path / "support.pem"), FakeRunner(fails=True), OPENSSL)


@pytest.mark.parametrize("out", ["", "x\n-----END CMS-----\n", "-----BEGIN CMS-----\nx"])
def test_half_an_encrypted_bundle_is_none(out: str) -> None:
    """The beginning of a very large one is lost."""
    with pytest.raises(ChefBackendError, match="too large"):
        Certificate(FakeRunner(out), OPENSSL, Path("/c.pem")).close(b"x")


def test_the_operator_is_shown_how_to_open_it() -> None:
    """With the certificate that the recipient knows."""
    shown = Certificate(FakeRunner(TEXT), OPENSSL, Path("/c.pem")).open_with("bundle.tar.gz.cms")
    assert shown.startswith("openssl cms -decrypt -binary -inform PEM -in bundle.tar.gz.cms ")
    assert shown.endswith("-recip /c.pem -out bundle.tar.gz")
    assert Age(FakeRunner(), KEY).open_with("bundle.tar.gz.age").endswith("--output bundle.tar.gz bundle.tar.gz.age")


def test_an_expired_certificate_is_recognised() -> None:
    """It still works, so that is no error."""
    runner = FakeRunner("subject=CN = support\nnotAfter=Nov 25 12:00:00 2026 GMT\nsha256 Fingerprint=AB:CD\n")
    seal = Certificate(runner, OPENSSL, Path("/c.pem"))
    assert seal.describe() == "subject=CN = support, notAfter=Nov 25 12:00:00 2026 GMT, sha256 Fingerprint=AB:CD"
    assert seal.is_over(1_795_608_001)
    assert not seal.is_over(1_795_607_999)
    assert not Age(runner, KEY).is_over(2e10)
