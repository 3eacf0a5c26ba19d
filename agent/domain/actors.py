"""Who acts, for which organisation, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from agent.domain.workforce import EmployeeNumber, OdsCode


class Permission(StrEnum):
    """What one may do to one kind of thing: `resource:action`."""

    ORGANISATION_READ = "organisation:read"
    ORGANISATION_PUBLISH = "organisation:publish"  # make the DID, schemas, credential definitions
    ESR_SEARCH = "esr:search"
    PASSPORT_READ = "passport:read"
    PASSPORT_CREATE = "passport:create"
    PASSPORT_CONFIRM = "passport:confirm"
    CREDENTIAL_OFFER = "credential:offer"
    CREDENTIAL_REVOKE = "credential:revoke"
    REVIEW_READ = "review:read"
    REVIEW_REQUEST = "review:request"
    AUDIT_READ = "audit:read"
    AUDIT_EXPORT = "audit:export"
    AUDIT_CHECKPOINT = "audit:checkpoint"


class Role(StrEnum):
    """Named sets of permissions."""

    ADMINISTRATOR = "administrator"
    NOMINATED_USER = "nominated_user"
    AUDITOR = "auditor"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.ORGANISATION_READ,
            Permission.ORGANISATION_PUBLISH,
            Permission.AUDIT_READ,
            Permission.AUDIT_CHECKPOINT,
        }
    ),
    Role.NOMINATED_USER: frozenset(
        {
            Permission.ORGANISATION_READ,
            Permission.ESR_SEARCH,
            Permission.PASSPORT_READ,
            Permission.PASSPORT_CREATE,
            Permission.PASSPORT_CONFIRM,
            Permission.CREDENTIAL_OFFER,
            Permission.CREDENTIAL_REVOKE,
            Permission.REVIEW_READ,
            Permission.REVIEW_REQUEST,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.ORGANISATION_READ,
            Permission.AUDIT_READ,
            Permission.AUDIT_EXPORT,
            Permission.AUDIT_CHECKPOINT,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or machine whose identity was proven for this very act; made by the look-up alone."""

    id: str
    organisation: OdsCode
    permissions: frozenset[Permission]
    employee_number: EmployeeNumber | None  # their own, recorded by an administrator

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds `permission`."""
        return permission in self.permissions
