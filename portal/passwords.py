"""Passwords: hashed by argon2id (RFC 9106), a few at a time."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
ROUNDS, KIBIBYTES, LANES = 3, 19 * 1024, 1
"""A round more than OWASP asks for with so much memory (Password Storage Cheat Sheet)."""
GROUPS, GROUP = 5, 5
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class Passwords:
    """Hashes and checks, away from the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(ROUNDS, KIBIBYTES, LANES)
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        return self._hasher.hash(password)

    async def hash_aside(self, password: str) -> str:
        """The same, away from the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.hash, password)

    async def is_right(self, password: str, kept: str | None) -> bool:
        """Whether it is the one; for somebody unknown, never, and that takes as long."""
        checked = asyncio.get_running_loop().run_in_executor(
            self._threads, self._verify, kept or self._nobodys, password
        )
        return await checked and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False)


def new_password() -> str:
    """A password nobody chose: 125 bits, to be kept in a password manager."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
