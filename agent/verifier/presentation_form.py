"""The form that a presentation must have before anything in it is resolved, verified or read."""

from typing import Any

type Json = dict[str, Any]


def is_well_formed(proof: Json, asked: Json) -> bool:
    """Whether `proof` answers exactly what `asked` names, with credentials of issuers on did:webvh.

    One group for each that was asked and none besides, each with exactly the names that were asked and with
    nothing beside a claim that nobody proved, each from an identifier of its own; and each revocation
    registry under the DID of its credential definition.
    """
    try:
        return _groups_are_those_asked(proof, asked) and _identifiers_are_sound(proof, asked)
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _groups_are_those_asked(proof: Json, asked: Json) -> bool:
    shown, wanted = proof["requested_proof"], asked["requested_attributes"]
    groups = shown["revealed_attr_groups"]
    others = ("revealed_attrs", "self_attested_attrs", "unrevealed_attrs", "predicates")
    return (
        groups.keys() <= wanted.keys()
        and not any(shown.get(other) for other in others)
        and all(set(group["values"]) == set(wanted[name]["names"]) for name, group in groups.items())
        and all(_is_revealed(value) for group in groups.values() for value in group["values"].values())
    )


def _is_revealed(value: Json) -> bool:
    """A claim, and the number by which it was signed; what stands beside them nobody proved."""
    return value.keys() == {"raw", "encoded"} and all(isinstance(each, str) for each in value.values())


def _identifiers_are_sound(proof: Json, asked: Json) -> bool:
    identifiers = proof["identifiers"]
    used = sorted(
        group["sub_proof_index"] for group in proof["requested_proof"]["revealed_attr_groups"].values()
    )
    return (
        0 < len(identifiers) <= len(asked["requested_attributes"])
        and used == list(range(len(identifiers)))
        and all(_is_sound(identifier) for identifier in identifiers)
    )


def _is_sound(identifier: Json) -> bool:
    """Every id on did:webvh, and the registry beside its credential definition."""
    definition, registry = identifier["cred_def_id"], identifier["rev_reg_id"]
    ids = (identifier["schema_id"], definition, registry)
    return (
        all(isinstance(each, str) and each.startswith("did:webvh:") for each in ids)
        and definition.partition("/")[0] == registry.partition("/")[0]
    )
