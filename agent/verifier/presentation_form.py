"""The form that a presentation must have before anything in it is resolved, verified or read."""

from collections.abc import Callable
from typing import Any

from agent.domain.ports.anoncreds_objects import ObjectIds

type Json = dict[str, Any]
type BelongTogether = Callable[[ObjectIds], bool]


def is_well_formed(proof: Json, asked: Json, belong_together: BelongTogether) -> bool:
    """Whether `proof` answers exactly what `asked` names, with credentials whose ids belong together.

    One group for each that was asked and none besides, each with exactly the names that were asked and with
    nothing beside a claim that nobody proved, each from an identifier of its own.
    """
    try:
        return _groups_are_those_asked(proof, asked) and _identifiers_are_sound(proof, asked, belong_together)
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


def _identifiers_are_sound(proof: Json, asked: Json, belong_together: BelongTogether) -> bool:
    identifiers = proof["identifiers"]
    used = sorted(
        group["sub_proof_index"] for group in proof["requested_proof"]["revealed_attr_groups"].values()
    )
    return (
        0 < len(identifiers) <= len(asked["requested_attributes"])
        and used == list(range(len(identifiers)))
        and all(belong_together(_ids(identifier)) for identifier in identifiers)
    )


def _ids(identifier: Json) -> ObjectIds:
    return ObjectIds(identifier["schema_id"], identifier["cred_def_id"], identifier["rev_reg_id"])
