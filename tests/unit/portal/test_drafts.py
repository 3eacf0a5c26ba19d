"""What was typed and could not be sent: for whoever typed it, and for nobody else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.accounts import AccountId
from portal.drafts import DraftId, Drafts, KeptDrafts, SealedDraft, draft_seal
from portal.sessions import Proof, Session, SessionToken, digest_of
from tests.support.portal_people import EMAIL, Clock

PATH = "/issue"
TYPED = {
    "surname": "O\u2019Hara-Ng",
    "form_token": "a token",
    "once": "a number",
    "comparison_code": "4117 5301",
}


class DraftsInMemory(KeptDrafts):
    """Drafts in a dictionary."""

    def __init__(self) -> None:
        self.all: dict[str, SealedDraft] = {}

    async def add(self, draft: SealedDraft) -> None:
        self.all[draft.digest] = draft

    async def find(self, digest: str, account: AccountId) -> SealedDraft | None:
        draft = self.all.get(digest)
        return draft if draft is not None and draft.account == account else None

    async def remove_before(self, instant: datetime) -> None:
        self.all = {digest: draft for digest, draft in self.all.items() if draft.at >= instant}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> DraftsInMemory:
    return DraftsInMemory()


@pytest.fixture
def drafts(clock: Clock, kept: DraftsInMemory) -> Drafts:
    return Drafts(kept, draft_seal(b"a key of forms, for tests alone"), clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    proof, token = Proof("an assurance", clock.now), SessionToken("a token")
    return Session(
        digest_of(token), AccountId("account-1"), EMAIL, clock.now, clock.now, proof, organisation="ZZNM1"
    )


async def test_what_was_typed_is_there_again_and_secrets_are_not(drafts: Drafts, session: Session) -> None:
    identifier = await drafts.keep(session, PATH, TYPED)

    assert await drafts.find(identifier, session, PATH) == {
        "surname": "O\u2019Hara-Ng",
        "once": "a number",  # so that what may have been done already is not done again
    }


async def test_it_is_there_after_signing_in_anew(drafts: Drafts, session: Session) -> None:
    identifier = await drafts.keep(session, PATH, TYPED)

    another = replace(session, digest=digest_of(SessionToken("another token")))

    assert await drafts.find(identifier, another, PATH)


@pytest.mark.parametrize(
    ("account", "organisation"),
    [("account-2", "ZZNM1"), ("account-1", "ZZCB1"), ("account-1", None)],
    ids=["somebody else", "another organisation", "no organisation"],
)
async def test_nobody_else_reads_it(
    drafts: Drafts, session: Session, account: str, organisation: str | None
) -> None:
    identifier = await drafts.keep(session, PATH, TYPED)

    other = replace(session, account=AccountId(account), organisation=organisation)
    assert await drafts.find(identifier, other, PATH) == {}


async def test_it_fills_no_other_form(drafts: Drafts, session: Session) -> None:
    identifier = await drafts.keep(session, PATH, TYPED)

    assert await drafts.find(identifier, session, "/people") == {}
    assert await drafts.find(DraftId("another"), session, PATH) == {}


async def test_it_is_kept_sealed_and_under_no_name_that_a_page_has(
    drafts: Drafts, kept: DraftsInMemory, session: Session
) -> None:
    identifier = await drafts.keep(session, PATH, TYPED)

    told = repr(kept.all)

    assert "Hara" not in told
    assert identifier not in told


async def test_it_is_forgotten_after_two_hours(
    drafts: Drafts, kept: DraftsInMemory, session: Session, clock: Clock
) -> None:
    identifier = await drafts.keep(session, PATH, TYPED)
    clock.now += timedelta(hours=2, seconds=1)

    assert await drafts.find(identifier, session, PATH) == {}

    await drafts.keep(session, PATH, {})
    assert len(kept.all) == 1
