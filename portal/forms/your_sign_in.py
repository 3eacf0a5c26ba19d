"""What somebody keys to change how they sign in."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.accounts import Email
from portal.forms.fields import FieldError
from portal.forms.sign_in import LONGEST

SHORTEST_PASSWORD = 12
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class PasswordForm:
    """Read, and not yet checked."""

    old: str
    code: str
    new: str
    email: Email

    @classmethod
    def read(cls, sent: Mapping[str, str], email: Email) -> "PasswordForm":
        """Whatever was sent; the password must not be made of `email`."""
        return cls(sent.get("old", ""), sent.get("code", "").strip(), sent.get("new", ""), email)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why."""
        asked = {
            "old": (self.old, "Enter the password that you have now"),
            "code": (self.code, "Enter a security code or a recovery code"),
        }
        missing = tuple(
            FieldError(field, sentence)
            for field, (value, sentence) in asked.items()
            if not 0 < len(value) <= LONGEST
        )
        weak = self._weakness()
        return missing if weak is None else (*missing, FieldError("new", weak))

    def _weakness(self) -> str | None:
        # Long rather than odd: no rule about kinds of characters (NIST SP 800-63B, 3.1.1.2).
        if len(self.new) < SHORTEST_PASSWORD:
            return f"Your new password must have {SHORTEST_PASSWORD} characters or more"
        if len(self.new) > LONGEST:
            return f"Your new password must have {LONGEST} characters or fewer"
        if len(set(self.new)) <= SHORTEST_PASSWORD // 3 or self.email.partition("@")[0] in self.new.lower():
            return "Choose a password that is harder to guess"
        if self.new == self.old:
            return "Choose a password that is not the one that you have now"
        return None


@dataclass(frozen=True, slots=True)
class PasskeyForm:
    """Read, and not yet checked."""

    name: str
    credential: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "PasskeyForm":
        """Whatever was sent."""
        return cls(" ".join(sent.get("name", "").split()), sent.get("credential", ""))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is missing."""
        if not self.name:
            return (FieldError("name", "Enter a name for this passkey, such as the device that it is on"),)
        if len(self.name) > LONGEST_NAME:
            return (FieldError("name", f"The name must have {LONGEST_NAME} characters or fewer"),)
        if not self.credential:
            return (FieldError(None, "Your browser made no passkey. Try again"),)
        return ()
