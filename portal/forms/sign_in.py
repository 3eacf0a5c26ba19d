"""What somebody keys to sign in."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.accounts import Email
from portal.forms.fields import FieldError

LONGEST = 256
"""More than any address, password or code has."""


@dataclass(frozen=True, slots=True)
class SignInForm:
    """Read, and not yet checked."""

    email: Email
    password: str
    code: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "SignInForm":
        """Whatever was sent."""
        email = Email(sent.get("email", "").strip().lower())
        return cls(email, sent.get("password", ""), sent.get("code", "").strip())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why."""
        asked = {
            "email": (self.email, "Enter your e-mail address"),
            "password": (self.password, "Enter your password"),
            "code": (self.code, "Enter a security code or a recovery code"),
        }
        return tuple(
            FieldError(field, sentence if not value else "This is longer than it can be")
            for field, (value, sentence) in asked.items()
            if not 0 < len(value) <= LONGEST
        )
