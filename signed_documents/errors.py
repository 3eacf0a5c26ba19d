"""Why a document cannot be used: it is not there, nobody answered, or it does not verify."""

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a document that was answered, for machines."""

    MALFORMED = "malformed"
    BAD_IDENTIFIER = "bad_identifier"
    OTHER_IDENTIFIER = "other_identifier"  # a document with another id than the one asked for
    WRONG_DIGEST = "wrong_digest"
    WRONG_TYPE = "wrong_type"
    OTHER_ISSUER = "other_issuer"  # the content names an issuer who is not the DID in the id
    OTHER_SIGNER = "other_signer"
    KEY_NOT_ASSERTED = "key_not_asserted"  # the key does not stand under `assertionMethod`
    UNSUPPORTED_PROOF = "unsupported_proof"
    BAD_SIGNATURE = "bad_signature"
    BAD_LOG = "bad_log"  # the chain of entries does not verify
    BAD_TIME = "bad_time"  # an entry is not later than the one before, or of a time to come
    BAD_MOVE = "bad_move"  # a DID went elsewhere without being portable, or without saying from where
    BAD_UPDATE_KEYS = "bad_update_keys"  # nobody could sign the next entry, or somebody by no key
    KEY_NOT_COMMITTED = "key_not_committed"  # the entry before did not announce the update key
    KEY_NOT_AUTHORISED = "key_not_authorised"  # whose key signed the entry may not
    UNKNOWN_METHOD = "unknown_method"  # another version of did:webvh than we verify
    BAD_WITNESSES = "bad_witnesses"  # the rule for witnesses cannot stand
    NEEDS_WITNESSES = "needs_witnesses"  # too few witnesses approved
    DEACTIVATED = "deactivated"
    ROLLED_BACK = "rolled_back"  # older than what was seen before
    FORKED = "forked"  # it does not lead on from what was seen before
    BAD_STATUS_LIST = "bad_status_list"
    EXPIRED = "expired"
    UNKNOWN_CONTEXT = "unknown_context"  # a JSON-LD context that nobody pinned
    OTHER_CHALLENGE = "other_challenge"
    OTHER_DOMAIN = "other_domain"
    FORBIDDEN_ADDRESS = "forbidden_address"
    TOO_LARGE = "too_large"


class SignedDocumentError(Exception):
    """Anything that keeps a document from being used."""


class DocumentNotFound(SignedDocumentError):
    """The host answered that there is no such document."""


class DocumentUnavailable(SignedDocumentError):
    """The host did not answer, or could not: neither yes nor no. Trying again may help."""


class DocumentRefused(SignedDocumentError):
    """The host answered, and what it said does not verify. Trying again will not help."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
