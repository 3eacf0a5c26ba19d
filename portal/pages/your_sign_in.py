"""How somebody signs in, and what they can change of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts import Account
from portal.forms.fields import FieldError
from portal.passkeys import Passkey
from portal.presenting import day

PASSWORD_REFUSED = (
    FieldError(
        "old",
        "The password or code is not right, was used before, or the account is locked for a while after too"
        " many wrong tries",
    ),
)
PASSKEY_NOT_ADDED = (FieldError(None, "We could not add that passkey. Try again, or use another device"),)
DONE = {
    "password": "Your password is changed. You are signed out everywhere else.",
    "codes": "Your new recovery codes count from now on. The old ones do not work any more.",
    "added": "Your passkey is added. You can sign in with it from now on.",
    "removed": "The passkey is removed. Nobody can sign in with it any more.",
}


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    """One passkey."""

    id: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class YourSignIn:
    """The page of somebody who signs in here."""

    codes_left: str
    passkeys: Sequence[PasskeyLine]
    passkeys_possible: bool
    recent: bool
    """Whether they came in a short while ago, and may change what opens the account."""


def your_sign_in(
    account: Account, passkeys: Sequence[Passkey], *, possible: bool, recent: bool
) -> YourSignIn:
    """The page."""
    left = len(account.recovery_codes)
    return YourSignIn(
        f"{left} recovery code{'' if left == 1 else 's'} left",
        [PasskeyLine(each.id.hex(), each.name, _used(each)) for each in passkeys],
        possible,
        recent,
    )


def _used(passkey: Passkey) -> str:
    used = "not used yet" if passkey.used_at is None else f"last used on {day(passkey.used_at)}"
    return f"Added on {day(passkey.made_at)}, {used}"
