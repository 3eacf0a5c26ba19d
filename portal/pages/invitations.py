"""The links that came by e-mail: each says for which organisation it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.forms.fields import FieldError


class LinkKind(StrEnum):
    """What a link is for, as its path begins."""

    INVITATION = "invitations"
    EMAIL_PROOF = "email-proofs"


SAY_WHERE = tuple(f"/{kind}/" for kind in LinkKind)
"""How the paths begin of pages that say themselves which organisation they are about."""


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What is asked before a link is used up, for what a mail scanner opens must not be."""

    heading: str
    sentence: str
    button: str
    otherwise: str
    """What to do with a link that cannot be used."""


PAGES: Mapping[LinkKind, LinkPage] = {
    LinkKind.INVITATION: LinkPage(
        "You are invited to act for an organisation",
        "If you accept, you act for this organisation from now on, as far as its administrators let you. The"
        " link can be used once.",
        "Accept the invitation",
        "Ask an administrator of the organisation to send you another invitation",
    ),
    LinkKind.EMAIL_PROOF: LinkPage(
        "Is this your e-mail address?",
        "You opened a link that was sent to the e-mail address of whoever registers this organisation.",
        "Yes, it is mine",
        "Have another link sent, from the page of the registration",
    ),
}


def cannot_be_used(page: LinkPage, sentences: tuple[str, ...]) -> tuple[FieldError, ...]:
    """Why, in the agent's words, and what to do then."""
    return tuple(FieldError(None, each) for each in (*sentences, page.otherwise))
