"""What the portal is told when it starts."""

from copy import deepcopy
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from agent_client import PortalKey
from portal.settings import Settings

KEY = PortalKey.new()


def told(**changed: Any) -> dict[str, Any]:
    return deepcopy(
        {
            "origin": "https://portal.northmoor.example",
            "port": 8080,
            "database": {"url": "postgresql://portal:secret@db:5432/portal"},
            "totp_key": Fernet.generate_key().decode(),
            "form_key": "f" * 32,
            "signing": {"id": "portal-1", "key": KEY.private_pem},
            "organisations": {
                "ZZNM1": {"name": "Northmoor", "agent": "http://agent:8021", "api_key": "k" * 16}
            },
        }
        | changed
    )


def an_organisation(**let_in: str) -> dict[str, Any]:
    return {"ZZNM1": {"name": "Northmoor", "agent": "http://agent:8021", **let_in}}


def a_provider(**changed: Any) -> dict[str, Any]:
    told = {
        "name": "Invented Smartcards",
        "issuer": "https://sign-in.example/tenant",
        "client_id": "portal",
        "client_secret": "s" * 16,
        "assurance": {"claim": "acr", "accepted": ["strong"]},
    }
    return {name: value for name, value in (told | changed).items() if value is not None}


def test_what_the_guide_says_is_enough() -> None:
    settings = Settings.model_validate(told())

    assert settings.sessions.idle_minutes == 30
    assert not settings.demonstration


def test_browsers_on_this_machine_need_no_tls() -> None:
    assert Settings.model_validate(told(origin="http://127.0.0.1:8080")).origin == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://portal.northmoor.example"},
        {"origin": "https://portal.northmoor.example/hr"},
        {"totp_key": "short"},
        {"form_key": "short"},
        {"signing": {"id": "portal-1", "key": "no PEM"}},
        {"organisations": {}},
        {"organisations": an_organisation()},
        {"organisations": an_organisation(api_key="k" * 16, token="t" * 16)},
        {"database": {"url": "sqlite://"}},
        {"colour": "blue"},
        {"sign_in": {"local": False}},
        {"sign_in": {"providers": {"CIS 2": a_provider()}}},
        {"sign_in": {"providers": {"card": a_provider(issuer="http://sign-in.example")}}},
        {"sign_in": {"providers": {"card": a_provider(issuer="https://sign-in.example?x=1")}}},
        {"sign_in": {"providers": {"card": a_provider(client_secret=None)}}},
        {"sign_in": {"providers": {"card": a_provider(client_key={"id": "one", "key": KEY.private_pem})}}},
        {"sign_in": {"providers": {"card": a_provider(scopes=["email"])}}},
        {"sign_in": {"providers": {"card": a_provider(algorithms=["HS256"])}}},
        {"sign_in": {"providers": {"card": a_provider(algorithms=["none"])}}},
        {"sign_in": {"providers": {"card": a_provider(assurance={"claim": "acr", "accepted": []})}}},
        {"sign_in": {"providers": {"card": a_provider(assurance=None)}}},
        {"sign_in": {"providers": {"card": a_provider(pages_at="http://sign-in.example")}}},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(told(**wrong))


def test_a_provider_alone_may_let_people_in() -> None:
    settings = Settings.model_validate(told(sign_in={"local": False, "providers": {"card": a_provider()}}))

    assert settings.sign_in.providers["card"].pages_origin == "https://sign-in.example"


def test_an_error_names_its_setting() -> None:
    wrong = {"providers": {"card": a_provider(issuer="http://sign-in.example")}}

    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(told(sign_in=wrong))

    assert refused.value.errors()[0]["loc"] == ("sign_in", "providers", "card", "issuer")


def test_no_secret_is_shown() -> None:
    shown = repr(Settings.model_validate(told()))

    assert "PRIVATE KEY" not in shown
    assert "secret" not in shown


PERSONA = {"email": "Ottilie@northmoor.example", "name": "Ottilie", "what": "HR at Northmoor"}


def test_a_demonstration_on_this_machine_may_have_personas() -> None:
    here = told(origin="http://127.0.0.1:8080", demonstration=True, personas=[PERSONA])

    (persona,) = Settings.model_validate(here).personas

    assert persona.email == "ottilie@northmoor.example"


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://127.0.0.1:8080"},
        {"demonstration": True},
        {"origin": "http://127.0.0.1:8080", "demonstration": True, "host": "0.0.0.0"},  # noqa: S104
    ],
    ids=["no demonstration", "another origin", "every address"],
)
def test_nobody_signs_in_without_a_password_anywhere_else(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="personas"):
        Settings.model_validate(told(personas=[PERSONA], **changed))
