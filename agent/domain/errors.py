"""One tree of errors, each with a code for machines and a sentence for people."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One rule that was broken: its code, a sentence, and who can mend it."""

    code: str
    sentence: str
    mended_by: str | None = None


class StaffPassportError(Exception):
    """Anything that stops a use case. `code` never changes once published; `sentence` may."""

    code = "internal_error"

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code


class InvalidInput(StaffPassportError):
    """What was sent cannot be read; `fields` says where and why, never what was sent."""

    code = "invalid_input"

    def __init__(
        self, sentence: str, *, fields: Mapping[str, str] | None = None, code: str | None = None
    ) -> None:
        super().__init__(sentence, code=code)
        self.fields = dict(fields or {})


class NotAuthenticated(StaffPassportError):
    """Nobody proved who acts; why is told to the log alone."""

    code = "not_authenticated"


class NotPermitted(StaffPassportError):
    """The person is known, and may not do this."""

    code = "not_permitted"


class NotFound(StaffPassportError):
    """There is no such thing in this organisation, or the caller may not know of it."""

    code = "not_found"


class Conflict(StaffPassportError):
    """The thing is not in a state in which this can be done."""

    code = "conflict"


class Refused(StaffPassportError):
    """A policy said no; `refusals` names every rule that was broken."""

    code = "refused"

    def __init__(self, sentence: str, refusals: tuple[Refusal, ...], *, code: str | None = None) -> None:
        super().__init__(sentence, code=code)
        self.refusals = refusals


class PolicyRefused(Refused):
    """The subject breaks rules of the policy called `policy`."""

    def __init__(self, policy: str, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(f"Refused: {' '.join(r.sentence for r in refusals)}", refusals)
        self.policy = policy


class EmptyPolicy(StaffPassportError):
    """A policy with no rule would allow anything, so it cannot exist."""

    code = "empty_policy"


class LimitReached(StaffPassportError):
    """It was done so often that it has to wait: so many seconds."""

    code = "limit_reached"

    def __init__(self, sentence: str, *, code: str | None = None, retry_after: int) -> None:
        super().__init__(sentence, code=code)
        self.retry_after = retry_after


class Unavailable(StaffPassportError):
    """Something we depend on did not answer: neither yes nor no. Trying again may help."""

    code = "unavailable"

    def __init__(self, sentence: str, *, code: str | None = None, retry_after: int = 30) -> None:
        super().__init__(sentence, code=code)
        self.retry_after = retry_after
