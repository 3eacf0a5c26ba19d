"""An authenticator in software, which a test can make lie (WebAuthn, level 2)."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

USER_PRESENT, USER_VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey; what a test changes goes into its next answer."""

    def __init__(self, origin: str) -> None:
        self.origin, self.party = origin, origin.removeprefix("https://")
        self.id = secrets.token_bytes(32)
        self.private = generate_private_key(SECP256R1())
        self.handle = b""
        self.count = 0
        self.asks_who_it_is = True

    def makes(self, options: str) -> str:
        """What a browser sends for a new passkey."""
        told = json.loads(options)
        self.handle = _decoded(told["user"]["id"])
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public_key()
        statement = {"fmt": "none", "attStmt": {}, "authData": self._said(WITH_KEY) + attested}
        response = {
            "clientDataJSON": _encoded(self._client_data("webauthn.create", told)),
            "attestationObject": _encoded(cbor2.dumps(statement)),
        }
        return self._credential(response)

    def signs(self, options: str) -> str:
        """What a browser sends to sign in."""
        self.count += 1
        client_data = self._client_data("webauthn.get", json.loads(options))
        said = self._said(0)
        signature = self.private.sign(said + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": _encoded(client_data),
            "authenticatorData": _encoded(said),
            "signature": _encoded(signature),
            "userHandle": _encoded(self.handle),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, str]) -> str:
        identifier = _encoded(self.id)
        return json.dumps(
            {
                "id": identifier,
                "rawId": identifier,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )

    def _client_data(self, kind: str, told: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": told["challenge"], "origin": self.origin}).encode()

    def _said(self, flags: int) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.asks_who_it_is else 0)
        return hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        """As COSE has it (RFC 9053): an elliptic key of P-256 for ES256."""
        point = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
