"""A wallet whose owner cheats with W3C credentials, each time in the way that the request's purpose names.

Run as `python -m tests.support.cheating_with_w3c [two-subjects] wallet --config FILE`.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import schemas
from signed_documents.encoding import multikey
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.linked_data_proofs import LoadContext, PinnedContexts
from signed_documents.w3c_documents import MadeFor, signed
from staff_passport.launch import main
from wallet.holder import offers
from wallet.holder.attachments import Form, request_for, w3c_credential
from wallet.holder.contexts import KnownContexts
from wallet.holder.w3c_credentials import W3cCredential, W3cCredentials

type Json = dict[str, Any]
type Present = Callable[[W3cCredentials, Mapping[str, W3cCredential], Json], Awaitable[Json]]

ANOTHER = "did:key:z6MkwXG2WjeQnNxSoynSGYU8V9j3QzP3JSqhdmkHc6SaVWoT"
OTHER_TERMS, MORE_TERMS = "https://terms.example.test/v1", "https://terms.example.test/more"
OWN_CONTEXTS: Mapping[str, Json] = {
    OTHER_TERMS: schemas.json_ld_context(schemas.all_definitions(), vocabulary=f"{OTHER_TERMS}#"),
    MORE_TERMS: {"@context": {"more": f"{MORE_TERMS}#more"}},
}
"""What the cheat publishes: the same names with other meanings, and a name of its own."""
_honestly: Present = W3cCredentials.present
_known = KnownContexts.load
_recorded: list[Json] = []


def for_another(**options: str) -> Present:
    """A presentation that was made for somebody else's request."""

    async def present(wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json) -> Json:
        return await _honestly(wallet, credentials, {**asked, "options": {**asked["options"], **options}})

    return present


def tampered(change: Callable[[Json], object]) -> Present:
    """The last credential changed, and the holder's own signature made over that."""

    async def present(wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json) -> Json:
        changed = {name: W3cCredential(one.id, deepcopy(one.document)) for name, one in credentials.items()}
        change(list(changed.values())[-1].document)
        return await _honestly(wallet, changed, asked)

    return present


async def after_signing(
    wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json
) -> Json:
    """A claim raised after the holder signed."""
    presentation = deepcopy(await _honestly(wallet, credentials, asked))
    presentation["verifiableCredential"][1]["credentialSubject"]["positionTitle"] = "Consultant"
    return presentation


async def replayed(wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json) -> Json:
    """The first presentation ever made, again."""
    _recorded.append(await _honestly(wallet, credentials, asked))
    return _recorded[0]


async def stolen(wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json) -> Json:
    """Somebody else's credentials, presented with a key of one's own."""
    honest = await _honestly(wallet, credentials, asked)
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    own = {name: told for name, told in honest.items() if name != "proof"}
    own["holder"] = f"did:key:{multikey(public)}"
    return await signed(
        own,
        SoftwareSigner(key, did_key_method(public)),
        MadeFor.verifier(**asked["options"]),
        created=datetime.now(UTC),
        load=await wallet._contexts.load(),
    )


async def without_checks(
    wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json
) -> Json:
    """A presentation with one credential left out."""
    return await _honestly(wallet, dict(list(credentials.items())[:-1]), asked)


def _subject(**claims: str) -> Callable[[Json], object]:
    return lambda document: document["credentialSubject"].update(claims)


def _status(**members: str) -> Callable[[Json], object]:
    return lambda document: document["credentialStatus"][0].update(members)


def _under_other_terms(document: Json) -> None:
    document["@context"][1] = OTHER_TERMS


CHEATS: Mapping[str, Present] = {
    "another-challenge": for_another(challenge="a challenge of another request"),
    "another-domain": for_another(domain="https://host.example.test"),
    "replayed": replayed,
    "after-signing": after_signing,
    "raised-claim": tampered(_subject(criminalRecordOutcome="not_required")),
    "added-claim": tampered(_subject(salary="100000")),
    "another-subject": tampered(_subject(id=ANOTHER)),
    "another-index": tampered(_status(statusListIndex="7")),
    "another-context": tampered(lambda document: document["@context"].append(MORE_TERMS)),
    "another-meaning": tampered(_under_other_terms),
    "stolen": stolen,
    "without-checks": without_checks,
}


async def present(wallet: W3cCredentials, credentials: Mapping[str, W3cCredential], asked: Json) -> Json:
    """As the purpose of the request says; honestly when it names no cheat."""
    purpose = asked["presentation_definition"]["input_descriptors"][0]["purpose"]
    return await CHEATS.get(purpose, _honestly)(wallet, credentials, asked)


async def know_own_contexts_too(contexts: KnownContexts) -> LoadContext:
    """A cheat signs over whatever it likes."""
    known, own = await _known(contexts), PinnedContexts(OWN_CONTEXTS)
    return lambda url, options: (own if url in OWN_CONTEXTS else known)(url, options)


def bind_to_two(offer: V20CredOffer, form: Form, subject: str) -> tuple[V20CredFormat, AttachDecorator]:
    """Ask for the identity for oneself, and for everything else in somebody else's name."""
    own = "StaffIdentityCredential" in w3c_credential(offer).get("type", ())
    return request_for(offer, form, subject if own else ANOTHER)


if __name__ == "__main__":
    if sys.argv[1] == "two-subjects":
        sys.argv.pop(1)
        vars(offers)["request_for"] = bind_to_two  # the cheat
    KnownContexts.load = know_own_contexts_too  # type: ignore[method-assign, assignment]  # the cheat
    W3cCredentials.present = present  # type: ignore[method-assign, assignment]  # the cheat
    main()
