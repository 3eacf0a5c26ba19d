"""The ways to sign in, and what the page says when somebody is not let in."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from portal.forms.fields import FieldError
from portal.openid.refusals import Reason
from portal.sign_in_settings import SignIn

REFUSED = (
    FieldError(
        "email",
        "The e-mail address, password or code is not right, was used before, or the account is locked for a"
        " while after too many wrong tries",
    ),
)
"""One sentence for all of it: a stranger learns neither who has an account nor what was right."""
PASSKEY_REFUSED = (
    FieldError(None, "We could not sign you in with that passkey. Try again, or sign in another way"),
)
SAID = {
    Reason.CANCELLED: "You did not finish signing in with {name}. You can try again, or sign in another way",
    Reason.NOT_BEGUN_HERE: (
        "We could not match this to a sign-in that you began in this browser in the last ten minutes."
        " Sign in again"
    ),
    Reason.UNAVAILABLE: (
        "{name} is not answering at the moment. Try again in a few minutes, or sign in another way"
    ),
    Reason.NOT_UNDERSTOOD: (
        "{name} did not give us what we need to sign you in. Try again. If it happens again, tell"
        " whoever looks after this service"
    ),
    Reason.TOO_WEAK: (
        "You signed in with {name}, but not strongly enough for this service. Sign in there in a stronger"
        " way, such as with a smartcard, a security key or an authenticator app"
    ),
    Reason.NO_EMAIL: "{name} did not tell us your e-mail address, so we cannot know who you are",
    Reason.EMAIL_NOT_PROVEN: (
        "{name} has not checked that your e-mail address is yours. Confirm it there, then sign in again"
    ),
    Reason.ANOTHER_SUBJECT: (
        "{name} knows you under this e-mail address as another person than before. Ask whoever looks"
        " after this service to check it"
    ),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One button."""

    text: str
    action: str


@dataclass(frozen=True, slots=True)
class WaysToSignIn:
    """What the page offers."""

    providers: Sequence[Way]
    passkey: bool
    password: bool


def ways_to_sign_in(told: SignIn, *, passkeys: bool) -> WaysToSignIn:
    """As the settings have them."""
    providers = [
        Way(f"Sign in with {provider.name}", f"/sign-in/with/{name}")
        for name, provider in told.providers.items()
    ]
    return WaysToSignIn(providers, told.local and passkeys, told.local)


def not_signed_in_there(reason: Reason, name: str) -> tuple[FieldError, ...]:
    """What the page says of a provider."""
    return (FieldError(None, SAID[reason].format(name=name)),)


def status_of(reason: Reason) -> int:
    """That something does not answer is neither yes nor no."""
    if reason is Reason.UNAVAILABLE:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_CONTENT
