"""Bitstring Status Lists (W3C Recommendation, May 2025): one bit a credential, signed and short-lived.

A list is a VCDM 2.0 credential with an eddsa-jcs-2022 proof. A credential has one number and one index for
all purposes, so that its entry in the list of each is known from any of them.
"""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from pydid import DIDDocument

from signed_documents.contexts import CREDENTIALS_V2
from signed_documents.did_documents import assertion_key
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer
from signed_documents.proofs import claimed_method, make_proof, verify_proof

SMALLEST = 131_072
"""Entries: fewer would say too much of whose credential is looked up (section 7.1)."""
LARGEST = 8 * 1024 * 1024
"""Entries: what a stranger's list may expand to, one megabyte."""
LONGEST_LIFE = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)
STATUS = "status"
_CONTEXT = [CREDENTIALS_V2]
_TYPES = ["VerifiableCredential", "BitstringStatusListCredential"]
_ENTRY = "BitstringStatusListEntry"
_MULTIBASE_BASE64URL = "u"
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,7}")


class StatusPurpose(StrEnum):
    """What a set bit means."""

    REVOCATION = "revocation"  # for good
    SUSPENSION = "suspension"  # until it is taken back


@dataclass(frozen=True, slots=True)
class StatusListId:
    """`https://{host}/{path of the issuer's DID}/status/{purpose}/{number}`."""

    base_url: str
    purpose: StatusPurpose
    number: int

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises `DocumentRefused` for what is not the address of a status list of ours."""
        match url.rsplit("/", 3):
            case [base_url, str(folder), str(purpose), str(number)] if folder == STATUS:
                if purpose in set(StatusPurpose) and _NUMBER.fullmatch(number):
                    return cls(base_url, StatusPurpose(purpose), int(number))
        raise DocumentRefused(Reason.BAD_IDENTIFIER, "this does not name a status list")

    @classmethod
    def of(cls, issuer: WebvhDid, purpose: StatusPurpose, number: int) -> Self:
        """The list of an issuer: it stands beside the issuer's DID, where nobody else can publish."""
        return cls(issuer.base_url, purpose, number)

    def __str__(self) -> str:
        return f"{self.base_url}/{STATUS}/{self.purpose}/{self.number}"


@dataclass(frozen=True, slots=True)
class StatusListEntry:
    """One credential's bit in one list."""

    list: StatusListId
    index: int

    @classmethod
    def parse(cls, identifier: str) -> Self:
        """The entry called `{list}#{index}`. Raises `DocumentRefused`."""
        url, _, index = identifier.partition("#")
        if not _INDEX.fullmatch(index):
            raise DocumentRefused(Reason.BAD_IDENTIFIER, "this does not name an entry of a status list")
        return cls(StatusListId.parse(url), int(index))

    @classmethod
    def read(cls, entry: object) -> Self:
        """The entry of a credential's `credentialStatus`, every member of which must agree.

        Raises `DocumentRefused`.
        """
        if not isinstance(entry, dict) or entry.get("type") != _ENTRY:
            raise DocumentRefused(Reason.MALFORMED, "this is no entry of a bitstring status list")
        read = cls.parse(f"{entry.get('statusListCredential')}#{entry.get('statusListIndex')}")
        if entry != read.to_json():
            raise DocumentRefused(Reason.MALFORMED, "the entry contradicts itself")
        return read

    def __str__(self) -> str:
        return f"{self.list}#{self.index}"

    def to_json(self) -> JsonObject:
        """The entry as it stands in a credential's `credentialStatus`."""
        return {
            "id": str(self),
            "type": _ENTRY,
            "statusPurpose": self.list.purpose.value,
            "statusListIndex": str(self.index),
            "statusListCredential": str(self.list),
        }


@dataclass(frozen=True, slots=True)
class Bitstring:
    """Bits by index, the first one the leftmost of the first byte."""

    data: bytes

    @classmethod
    def of(cls, set_bits: Iterable[int], *, length: int = SMALLEST) -> Self:
        """A bitstring of `length` bits (a multiple of eight) in which exactly `set_bits` are set.

        Raises `ValueError` for an index out of range.
        """
        data = bytearray(length // 8)
        for index in set_bits:
            if not 0 <= index < length:
                raise ValueError("an index out of range")
            data[index >> 3] |= 0x80 >> (index & 7)
        return cls(bytes(data))

    @classmethod
    def decode(cls, text: object) -> Self:
        """Read an `encodedList`: multibase base64url of GZIP. Raises `DocumentRefused`."""
        if not isinstance(text, str) or not text.startswith(_MULTIBASE_BASE64URL):
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list is not encoded as multibase base64url")
        body = text[1:]
        try:
            packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            data = unpacking.decompress(packed, LARGEST // 8)
        except (binascii.Error, ValueError, zlib.error) as error:
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list cannot be unpacked") from error
        if not unpacking.eof or len(data) < SMALLEST // 8:
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list is too short or too long")
        return cls(data)

    def encode(self) -> str:
        """The `encodedList`; the same bits give the same text."""
        packed = gzip.compress(self.data, mtime=0)
        return _MULTIBASE_BASE64URL + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def __len__(self) -> int:
        return len(self.data) * 8

    def __getitem__(self, index: int) -> bool:
        """Raises `DocumentRefused` for an index that the list does not have."""
        if not 0 <= index < len(self):
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list has no such index")
        return bool(self.data[index >> 3] & (0x80 >> (index & 7)))

    def covers(self, earlier: "Bitstring") -> bool:
        """Whether every bit that is set in `earlier` is set here too, and the length is the same."""
        mine, theirs = int.from_bytes(self.data), int.from_bytes(earlier.data)
        return len(self.data) == len(earlier.data) and mine & theirs == theirs


@dataclass(frozen=True, slots=True)
class SignedStatusList:
    """A list that `verify_status_list` accepted, now or before it was stored; nothing else makes one."""

    id: StatusListId
    issuer: WebvhDid
    valid_from: datetime
    valid_until: datetime
    bits: Bitstring


async def sign_status_list(
    bits: Bitstring, identifier: StatusListId, *, issuer: str, signer: Signer, now: datetime, life: timedelta
) -> JsonObject:
    """The status list credential, valid from `now` for `life`."""
    document: JsonObject = {
        "@context": list(_CONTEXT),
        "id": str(identifier),
        "type": list(_TYPES),
        "issuer": issuer,
        "validFrom": _instant(now),
        "validUntil": _instant(now + life),
        "credentialSubject": {
            "id": f"{identifier}#list",
            "type": "BitstringStatusList",
            "statusPurpose": identifier.purpose.value,
            "encodedList": bits.encode(),
        },
    }
    return {**document, "proof": await make_proof(document, signer, created=now, context=_CONTEXT)}


def verify_status_list(document: object, expected: StatusListId, signer: DIDDocument) -> SignedStatusList:
    """`document` as a verified value, if it is `expected` and signed by the DID beside which it stands.

    `signer` is the verified, current document of its issuer. Says nothing of time: see `require_current`.
    Raises `DocumentRefused` with the reason.
    """
    told = _identified(document, expected)
    issuer = _issuer(told, expected)
    if str(signer.id) != str(issuer):
        raise DocumentRefused(Reason.OTHER_ISSUER, "the status list is another issuer's")
    method = claimed_method(told.get("proof"))
    if method.partition("#")[0] != str(issuer):
        raise DocumentRefused(Reason.OTHER_SIGNER, "another DID signed the status list")
    verify_proof(told, told["proof"], assertion_key(signer, method))
    return _read(told, expected)


def stored_status_list(document: object, expected: StatusListId) -> SignedStatusList:
    """What `verify_status_list` accepted before it was stored, read again by whoever stored it.

    Its signature is not asked about: the key may have been taken out since, and that does not undo it.
    """
    return _read(_identified(document, expected), expected)


def _identified(document: object, expected: StatusListId) -> JsonObject:
    if not isinstance(document, dict) or document.get("type") != _TYPES:
        raise DocumentRefused(Reason.WRONG_TYPE, "this is not a status list credential")
    if document.get("id") != str(expected):
        raise DocumentRefused(Reason.OTHER_IDENTIFIER, "this is another status list")
    return document


def _issuer(document: JsonObject, expected: StatusListId) -> WebvhDid:
    issuer = WebvhDid.parse(str(document.get("issuer")))
    if issuer.base_url != expected.base_url:
        raise DocumentRefused(Reason.OTHER_ISSUER, "the status list is another issuer's")
    return issuer


def _read(document: JsonObject, expected: StatusListId) -> SignedStatusList:
    return SignedStatusList(
        expected,
        _issuer(document, expected),
        _moment(document.get("validFrom")),
        _moment(document.get("validUntil")),
        _bits(document.get("credentialSubject"), expected),
    )


def require_current(status_list: SignedStatusList, now: datetime) -> None:
    """Raise `DocumentRefused` (`EXPIRED`) for a list that ran out, begins later, or lives too long."""
    if status_list.valid_from > now + CLOCK_SKEW or status_list.valid_until <= now:
        raise DocumentRefused(Reason.EXPIRED, "the status list is not valid now")
    if status_list.valid_until - status_list.valid_from > LONGEST_LIFE:
        raise DocumentRefused(Reason.EXPIRED, "the status list is valid for longer than any may be")


def _bits(subject: object, expected: StatusListId) -> Bitstring:
    if not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "there is no list in it")
    if subject.get("statusPurpose") != expected.purpose:
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list is for another purpose")
    return Bitstring.decode(subject.get("encodedList"))


def _instant(moment: datetime) -> str:
    """With microseconds: two versions within one second must be told apart."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list does not say when it is valid")
    return moment
