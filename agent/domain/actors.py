"""Who acts, for which organisation, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agent.domain.workforce import EmployeeNumber, OdsCode


class Permission(StrEnum):
    """What one may do to one kind of thing: `resource:action`."""

    ORGANISATION_READ = "organisation:read"
    ORGANISATION_REGISTER = "organisation:register"  # say who we are, to the operator
    ORGANISATION_ACTIVATE = "organisation:activate"
    ORGANISATION_PUBLISH = "organisation:publish"  # make the DID, schemas, credential definitions
    TERMS_ACCEPT = "terms:accept"
    PERSON_READ = "person:read"
    PERSON_MANAGE = "person:manage"
    ADMINISTRATOR_NOMINATE = "administrator:nominate"
    USER_NOMINATE = "user:nominate"
    INVITATION_ACCEPT = "invitation:accept"
    APPLICATION_READ = "application:read"
    APPLICATION_DECIDE = "application:decide"
    TRUST_LIST_READ = "trust-list:read"
    TRUST_LIST_DECIDE = "trust-list:decide"  # who stands in it, and its publication
    NOTIFICATION_DELIVER = "notification:deliver"
    ESR_SEARCH = "esr:search"
    WEAK_MATCH_DECIDE = "weak-match:decide"
    SEARCH_ALERT_READ = "search-alert:read"
    SEARCH_ALERT_ACKNOWLEDGE = "search-alert:acknowledge"
    ESR_IMPORT = "esr:import"  # held by machines: files come in whoever is there
    ESR_IMPORT_READ = "esr-import:read"
    PASSPORT_READ = "passport:read"
    PASSPORT_CREATE = "passport:create"
    PASSPORT_CONFIRM = "passport:confirm"
    CREDENTIAL_OFFER = "credential:offer"
    CREDENTIAL_REVOKE = "credential:revoke"
    REVIEW_READ = "review:read"
    REVIEW_REQUEST = "review:request"
    SETTINGS_MANAGE = "settings:manage"  # local ones, which an organisation chooses for itself
    TASK_READ = "task:read"
    TASK_COMPLETE = "task:complete"
    PERSONAL_DATA_EXPORT = "personal-data:export"
    PERSONAL_DATA_ERASE = "personal-data:erase"
    RETENTION_READ = "retention:read"
    RETENTION_RUN = "retention:run"
    AUDIT_READ = "audit:read"
    AUDIT_EXPORT = "audit:export"
    AUDIT_CHECKPOINT = "audit:checkpoint"


class Role(StrEnum):
    """Named sets of permissions."""

    OPERATOR = "operator"
    HR_DIRECTOR = "hr_director"  # or the deputy whom they nominated to register the organisation
    ADMINISTRATOR = "administrator"
    NOMINATED_USER = "nominated_user"
    VERIFIER = "verifier"
    AUDITOR = "auditor"


EVERYBODY = frozenset({Permission.ORGANISATION_READ})
"""What every role may."""
NEWCOMER = frozenset({Permission.INVITATION_ACCEPT})
"""What anybody may who signed in and is nobody here yet."""
_REVIEWS = frozenset({Permission.REVIEW_READ, Permission.REVIEW_REQUEST})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: EVERYBODY
    | {
        Permission.ORGANISATION_PUBLISH,
        Permission.APPLICATION_READ,
        Permission.APPLICATION_DECIDE,
        Permission.TRUST_LIST_READ,
        Permission.TRUST_LIST_DECIDE,
    },
    Role.HR_DIRECTOR: EVERYBODY
    | {
        Permission.ORGANISATION_REGISTER,
        Permission.ORGANISATION_ACTIVATE,
        Permission.TERMS_ACCEPT,
        Permission.PERSON_READ,
        Permission.PERSON_MANAGE,
        Permission.ADMINISTRATOR_NOMINATE,
    },
    Role.ADMINISTRATOR: EVERYBODY
    | {
        Permission.ORGANISATION_ACTIVATE,
        Permission.ORGANISATION_PUBLISH,
        Permission.PERSON_READ,
        Permission.PERSON_MANAGE,
        Permission.ADMINISTRATOR_NOMINATE,
        Permission.USER_NOMINATE,
        Permission.SETTINGS_MANAGE,
        Permission.ESR_IMPORT_READ,
        Permission.TASK_READ,
        Permission.PERSONAL_DATA_EXPORT,
        Permission.PERSONAL_DATA_ERASE,
        Permission.RETENTION_READ,
        Permission.RETENTION_RUN,
        Permission.SEARCH_ALERT_READ,
        Permission.SEARCH_ALERT_ACKNOWLEDGE,
        Permission.AUDIT_READ,
        Permission.AUDIT_CHECKPOINT,
    },
    Role.NOMINATED_USER: EVERYBODY
    | _REVIEWS
    | {
        Permission.ESR_SEARCH,
        Permission.WEAK_MATCH_DECIDE,
        Permission.PASSPORT_READ,
        Permission.PASSPORT_CREATE,
        Permission.PASSPORT_CONFIRM,
        Permission.CREDENTIAL_OFFER,
        Permission.CREDENTIAL_REVOKE,
        Permission.TASK_READ,
        Permission.TASK_COMPLETE,
    },
    Role.VERIFIER: EVERYBODY | _REVIEWS,
    Role.AUDITOR: EVERYBODY
    | {
        Permission.RETENTION_READ,
        Permission.SEARCH_ALERT_READ,
        Permission.AUDIT_READ,
        Permission.AUDIT_EXPORT,
        Permission.AUDIT_CHECKPOINT,
    },
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that any of the roles may."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or machine whose identity was proven for this very act; made by the look-up alone."""

    id: str
    organisation: OdsCode
    permissions: frozenset[Permission]
    employee_number: EmployeeNumber | None  # their own, recorded by an administrator
    person: str | None = None  # who it is, whatever name they sign in with; None for a machine or a newcomer

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds `permission`."""
        return permission in self.permissions
