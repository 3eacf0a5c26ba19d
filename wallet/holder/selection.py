"""Which of the person's credentials answer what a host asks: pure, so that every case can be tried."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wallet.holder.credentials import Format, HeldCredential, Status
from wallet.holder.identifiers import issuer_of
from wallet.holder.w3c_credentials import names_of, types_of

_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A number in a credential that is compared, not shown: `kind` is one of >=, >, <=, <."""

    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Attributes that are wanted from one credential, which satisfies at least one of `restrictions`."""

    referent: str
    names: tuple[str, ...]
    restrictions: tuple[Mapping[str, str], ...]
    predicate: Predicate | None


class Lack(StrEnum):
    """Why nothing answers an ask."""

    NONE_HELD = "none_held"
    REVOKED = "revoked"
    UNKNOWN = "unknown"  # there is one, and nobody can say whether it still holds


@dataclass(frozen=True, slots=True)
class Missing:
    """An ask that nothing answers."""

    referent: str
    names: tuple[str, ...]
    reason: Lack


@dataclass(frozen=True, slots=True)
class Selection:
    """The credential chosen for each referent, and what nothing answers."""

    chosen: Mapping[str, HeldCredential]
    missing: tuple[Missing, ...]


def asks_of(request: Mapping[str, Any]) -> tuple[Ask, ...]:
    """The asks of an AnonCreds presentation request (AnonCreds 1.0, presentation request)."""
    attributes = [_ask(*each) for each in request["requested_attributes"].items()]
    predicates = [_ask(*each) for each in request["requested_predicates"].items()]
    return (*attributes, *predicates)


def asks_of_definition(definition: Mapping[str, Any]) -> tuple[Ask, ...]:
    """The asks of a DIF presentation definition, as far as they are for types of credentials and claims."""
    return tuple(
        Ask(
            each["id"],
            names_of(each),
            tuple({"type": name} for name in types_of(each)) or ({"type": ""},),
            predicate=None,
        )
        for each in definition["input_descriptors"]
    )


def select_w3c(asks: Sequence[Ask], held: Sequence[HeldCredential]) -> Selection:
    """For each ask the newest credential in W3C's form, rather one that still holds.

    One that was revoked is better than nothing: who presents it knows, and the host is to judge.
    """
    newest_first = _newest_first(held, Format.W3C)
    chosen: dict[str, HeldCredential] = {}
    missing: list[Missing] = []
    for ask in asks:
        answering = [
            one for one in newest_first if any(one.type == each["type"] for each in ask.restrictions)
        ]
        answering = [one for one in answering if set(ask.names) <= set(one.attributes)]
        valid = [one for one in answering if one.status is Status.VALID]
        if answering:
            chosen[ask.referent] = (valid or answering)[0]
        else:
            missing.append(Missing(ask.referent, ask.names, Lack.NONE_HELD))
    return Selection(chosen, tuple(missing))


def select(asks: Sequence[Ask], held: Sequence[HeldCredential]) -> Selection:
    """For each ask the newest AnonCreds credential that answers it and still holds."""
    newest_first = _newest_first(held, Format.ANONCREDS)
    chosen: dict[str, HeldCredential] = {}
    missing: list[Missing] = []
    for ask in asks:
        answering = [credential for credential in newest_first if answers(credential, ask)]
        valid = [credential for credential in answering if credential.status is Status.VALID]
        if valid:
            chosen[ask.referent] = valid[0]
        else:
            missing.append(Missing(ask.referent, ask.names, _lack(answering)))
    return Selection(chosen, tuple(missing))


def answers(credential: HeldCredential, ask: Ask) -> bool:
    """Whether `credential` has what is asked, whatever its status."""
    own = {plain_name(name): value for name, value in credential.attributes.items()}
    if not all(plain_name(name) in own for name in ask.names):
        return False
    if ask.predicate and not _holds(ask.predicate, own[plain_name(ask.names[0])]):
        return False
    return not ask.restrictions or any(_satisfies(credential, each) for each in ask.restrictions)


def _newest_first(held: Sequence[HeldCredential], form: Format) -> list[HeldCredential]:
    kept = [credential for credential in held if credential.format is form]
    return sorted(kept, key=lambda credential: credential.stored_at, reverse=True)


def _ask(referent: str, wanted: Mapping[str, Any]) -> Ask:
    names = wanted.get("names") or [wanted["name"]]
    predicate = Predicate(wanted["p_type"], int(wanted["p_value"])) if "p_type" in wanted else None
    return Ask(referent, tuple(names), tuple(wanted.get("restrictions") or ()), predicate)


def _lack(answering: Sequence[HeldCredential]) -> Lack:
    if any(credential.status is Status.UNKNOWN for credential in answering):
        return Lack.UNKNOWN
    return Lack.REVOKED if answering else Lack.NONE_HELD


def _holds(predicate: Predicate, value: str) -> bool:
    try:
        return _COMPARISONS[predicate.kind](int(value), predicate.value)
    except (KeyError, ValueError):
        return False


def _satisfies(credential: HeldCredential, restriction: Mapping[str, str]) -> bool:
    """Whether every term holds; a term that we do not know does not."""
    facts = {
        "schema_id": credential.schema_id,
        "schema_issuer_did": issuer_of(credential.schema_id or ""),
        "schema_issuer_id": issuer_of(credential.schema_id or ""),
        "schema_name": credential.type,
        "cred_def_id": credential.cred_def_id,
        "issuer_did": credential.issuer,
        "issuer_id": credential.issuer,
        "rev_reg_id": credential.revocation_registry_id,
    }
    for name, value in credential.attributes.items():
        facts |= {f"attr::{name}::value": value, f"attr::{name}::marker": "1"}
    return all(term in facts and facts[term] == wanted for term, wanted in restriction.items())


def plain_name(name: str) -> str:
    """A name as AnonCreds compares it: without spaces, in lower case."""
    return name.replace(" ", "").lower()
