import pytest
from pydantic import ValidationError

from agent.process import acapy_settings
from agent.settings import OrganisationSection, Settings
from agent_client import PortalKey

POSTGRES = "postgresql://account:password@127.0.0.1:5432/database"


def settings(**sections: object) -> Settings:
    told = {
        "organisation": {
            "ods_code": "ZZNM1",
            "name": "Northmoor Teaching Hospitals",
            "first_people": {
                "director@northmoor.example": {
                    "name": "The director",
                    "email": "director@northmoor.example",
                    "roles": ["hr_director"],
                }
            },
            "portal": "https://portal.staff-passport.example",
            "terms": "docs/terms",
            "portal_keys": {"portal-1": PortalKey.new().public_pem},
            "audit_salt": "a salt of a test, long enough",
        },
        "admin": {"port": 8031, "api_key": "--a-key-that-looks-like-a-flag"},
        "didcomm": {"port": 8030, "endpoint": "http://127.0.0.1:8030"},
        "database": {"url": POSTGRES},
        "wallet": {"key": "-another that does so", "storage": POSTGRES},
        "trust": {"root": "root.json", "folder": "trust-list"},
        "registry": {},
    }
    return Settings.model_validate(told | sections)


def the_one(read: Settings) -> OrganisationSection:
    assert read.organisation is not None
    return read.organisation


def test_a_secret_may_begin_with_a_hyphen() -> None:
    read = acapy_settings(settings())

    assert read["admin.admin_api_key"] == "--a-key-that-looks-like-a-flag"
    assert read["wallet.key"] == "-another that does so"


def test_the_link_of_an_invitation_leads_where_the_settings_say() -> None:
    page = "http://127.0.0.1:8042/invitation"
    didcomm = {"port": 8030, "endpoint": "http://127.0.0.1:8030", "invitation_page": page}

    assert acapy_settings(settings(didcomm=didcomm))["invite_base_url"] == page
    assert "invite_base_url" not in acapy_settings(settings())


def test_nothing_is_accepted_offered_or_issued_automatically() -> None:
    read = acapy_settings(settings())

    assert not [name for name, value in read.items() if name.startswith("debug.auto") and value]


def test_a_portal_key_that_is_none_is_refused_at_start() -> None:
    organisation = the_one(settings()).model_dump() | {"portal_keys": {"portal-1": "a public key"}}

    with pytest.raises(ValidationError, match="must be the PEM of an Ed25519 public key"):
        settings(organisation=organisation)
