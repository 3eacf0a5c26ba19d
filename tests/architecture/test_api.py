"""The API as it is documented, and what must hold for every route."""

from pathlib import Path

from openapi_spec_validator import validate

from agent.openapi import TABLES, as_yaml, document

ROOT = Path(__file__).parents[2]


def test_the_openapi_document_is_valid() -> None:
    validate(document())


def test_the_documented_api_is_current() -> None:
    kept = (ROOT / "docs/api/openapi.yml").read_text(encoding="utf-8")

    assert kept == as_yaml(), "run `make api` and commit docs/api/openapi.yml"


def test_whoever_acts_for_good_may_call_twice() -> None:
    """What makes or ends something is idempotent, or is a try that must count, or does no harm again."""
    counted = {
        "/passports/{passport}/compared-code",
        "/passports/{passport}/one-time-code",
        "/esr/searches",
        "/esr/search-batches",
    }
    harmless = {
        "/organisation/did",
        "/organisation/did/registry-linkage",
        "/organisation/did/registry-linkage/withdrawal",
        "/organisation/did/trust-registry",
        "/witness/key",
        "/organisation/ledger-did",
        "/national-schemas",
        "/passport-previews",
        "/organisation/credential-definitions",
        "/audit/checkpoints",
        "/organisation/activation",
        "/organisation/registration",
        "/organisation/registration/operator",
        "/applications/{application}/call-back",
        "/applications/{application}/restoration-request",
        "/people/{person}/changes",
        "/subject-requests/{request}/erasure",
        "/retention/runs",
        "/tasks/{task}/taking-up",
        "/esr/imports",
        "/notifications/{notification}/message",
        "/notifications/{notification}/delivery",
        "/esr/search-alerts/{search_alert}/acknowledgement",
        "/trust-list/organisations/{organisation}/changes",
        "/trust-list/organisations/{organisation}/restoration-request",
        "/trust-list/organisations/{organisation}/succession",
        "/trust-list/publications",
        "/trust-list/root",
    }
    moves_on_once = {
        "/organisation/registration/email-proven",
        "/organisation/registration/submission",
        "/invitation-acceptances",
        "/people/{person}/suspension",
        "/people/{person}/restoration",
        "/people/{person}/removal",
        "/applications/{application}/approval",
        "/applications/{application}/refusal",
        "/applications/{application}/closure",
        "/applications/{application}/suspension",
        "/applications/{application}/restoration",
        "/applications/{application}/succession",
        "/trust-list/organisations/{organisation}/suspension",
        "/trust-list/organisations/{organisation}/restoration",
        "/mass-revocations/{revocation}/agreement",
        "/mass-revocations/{revocation}/refusal",
        "/tasks/{task}/completion",
        "/esr/weak-matches/{search}/confirmation",
        "/esr/weak-matches/{search}/refusal",
    }
    """From one state to the next: the second call is told where it stands, and changes nothing."""
    posts = [route for table in TABLES for route in table.routes if route.method == "POST"]

    once_only = [route.path for route in posts if not route.idempotent]

    assert set(once_only) == counted | harmless | moves_on_once, "say `idempotent=True`, or here why not"


def test_no_two_routes_are_one() -> None:
    said = [(route.method, route.path) for table in TABLES for route in table.routes]

    assert len(said) == len(set(said))
