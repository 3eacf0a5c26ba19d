"""What the sandbox is told, and what it will not be told."""

from typing import Any

import pytest
from pydantic import ValidationError

from esr_sandbox.settings import Settings

CLIENT = {"client_id": "northmoor", "client_secret": "northmoor-secret", "vpd": "901"}
TLS = {"certificate": "ours.pem", "key": "ours.key", "client_authority": "theirs.pem"}
PRINTED = ":".join(["0A"] * 32)
"""As OpenSSL prints a fingerprint."""


def read(client: dict[str, Any], **others: Any) -> Settings:
    return Settings.model_validate({"clients": [CLIENT | client], **others})


@pytest.mark.parametrize("told", [PRINTED, "0a" * 32])
def test_a_client_is_bound_to_a_certificate_by_its_fingerprint_however_it_is_printed(told: str) -> None:
    (client,) = read({"certificate_sha256": told}, tls=TLS).clients
    assert client.certificate_sha256 == "0a" * 32


def test_what_is_no_sha_256_binds_to_nothing() -> None:
    with pytest.raises(ValidationError, match="SHA-256"):
        read({"certificate_sha256": "0a" * 20}, tls=TLS)


def test_a_certificate_that_the_sandbox_would_never_see_cannot_be_asked_for() -> None:
    with pytest.raises(ValidationError, match="needs tls"):
        read({"certificate_sha256": PRINTED})


@pytest.mark.parametrize("name", TLS)
def test_a_sandbox_with_tls_has_all_of_it(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        read({}, tls={key: value for key, value in TLS.items() if key != name})
