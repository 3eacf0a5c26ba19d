"""How somebody signs in: their password, recovery codes and passkeys."""

import logging

from starlette.responses import Response

from portal.accounts import Account
from portal.arrivals import give_session
from portal.errors import CannotBeRead, NotFound, NotPermitted, NotSignedIn
from portal.forms.fields import FieldError, by_field, summary
from portal.forms.your_sign_in import PasskeyForm, PasswordForm
from portal.own_sign_in import CodesNotOurs
from portal.pages.your_sign_in import DONE, PASSKEY_NOT_ADDED, PASSWORD_REFUSED, your_sign_in
from portal.passkeys import Owner, PasskeyRefused, passkey_id
from portal.permissions import PageTable
from portal.sessions import Proof
from portal.sign_in import ASSURANCE, SignInRefused
from portal.visits import ATTEMPT_COOKIE, SignedInVisit, see_other, set_cookie

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()


@PAGES.signed_in("GET", "/your-sign-in")
async def show(visit: SignedInVisit) -> Response:
    """How they sign in, and what they can change."""
    account = await _account_here(visit)
    if account is None:
        provider = visit.portal.settings.sign_in.providers.get(visit.session.proof.provider or "")
        return visit.render("your_sign_in.html", provider=None if provider is None else provider.name)
    passkeys, own = visit.portal.passkeys, visit.portal.own_sign_in
    page = your_sign_in(
        account,
        await passkeys.kept.of(account.id),
        possible=passkeys.are_possible,
        recent=own.is_recent(visit.session),
    )
    done = DONE.get(visit.request.query_params.get("done", ""))
    return visit.render("your_sign_in.html", page=page, done=done)


@PAGES.signed_in("GET", "/your-sign-in/password")
async def ask_password(visit: SignedInVisit) -> Response:
    """Ask for another password."""
    await _account(visit)
    return _password_page(visit)


@PAGES.signed_in("POST", "/your-sign-in/password")
async def change_password(visit: SignedInVisit) -> Response:
    """Change it, and end every other session."""
    account, form = await _account(visit), PasswordForm.read(visit.form, visit.session.email)
    if form.errors:
        return _password_page(visit, form.errors)
    own = visit.portal.own_sign_in
    try:
        await own.change_password(account.id, old=form.old, code=form.code, new=form.new)
    except SignInRefused:
        return _password_page(visit, PASSWORD_REFUSED)
    LOGGER.info("%s: account %s has another password", visit.request.state.reference, account.id)
    answer = see_other("/your-sign-in?done=password")
    proof = Proof(ASSURANCE, own.now())
    give_session(answer, await visit.portal.sessions.begin_alone(visit.session, proof))
    return answer


@PAGES.signed_in("GET", "/your-sign-in/recovery-codes")
async def show_codes(visit: SignedInVisit) -> Response:
    """Show new ones, which count once they are kept."""
    account = await _account_of_recent(visit)
    return visit.render("recovery_codes.html", new=visit.portal.own_sign_in.new_codes(account.id))


@PAGES.signed_in("POST", "/your-sign-in/recovery-codes")
async def keep_codes(visit: SignedInVisit) -> Response:
    """From now on they count."""
    account = await _account_of_recent(visit)
    try:
        await visit.portal.own_sign_in.keep_codes(account.id, visit.form.get("codes", ""))
    except CodesNotOurs as error:
        raise CannotBeRead("recovery_codes") from error
    LOGGER.info("%s: account %s has other recovery codes", visit.request.state.reference, account.id)
    return see_other("/your-sign-in?done=codes")


@PAGES.signed_in("GET", "/your-sign-in/passkeys/new")
async def ask_passkey(visit: SignedInVisit) -> Response:
    """Ask what a new passkey is called."""
    await _account_of_recent(visit)
    return _passkey_page(visit)


@PAGES.signed_in("POST", "/your-sign-in/passkeys/options")
async def passkey_options(visit: SignedInVisit) -> Response:
    """What the browser makes a passkey with, as JSON."""
    account = await _account_of_recent(visit)
    asked = await visit.portal.passkeys.ask_to_add(Owner(account.id, account.email))
    answer = Response(asked.options, media_type="application/json")
    set_cookie(answer, ATTEMPT_COOKIE, asked.token, same_site="lax")
    return answer


@PAGES.signed_in("POST", "/your-sign-in/passkeys/new")
async def add_passkey(visit: SignedInVisit) -> Response:
    """Keep one more."""
    account, form = await _account_of_recent(visit), PasskeyForm.read(visit.form)
    if form.errors:
        return _passkey_page(visit, form.errors, form.name)
    owner = Owner(account.id, account.email)
    try:
        await visit.portal.passkeys.add(visit.attempt, form.credential, owner, form.name)
    except PasskeyRefused as refused:
        LOGGER.info("%s: passkey not added: %s", visit.request.state.reference, refused)
        return _passkey_page(visit, PASSKEY_NOT_ADDED, form.name)
    LOGGER.info("%s: account %s has one more passkey", visit.request.state.reference, account.id)
    return see_other("/your-sign-in?done=added")


@PAGES.signed_in("POST", "/your-sign-in/passkeys/remove")
async def remove_passkey(visit: SignedInVisit) -> Response:
    """Forget one."""
    account, passkey = await _account_of_recent(visit), passkey_id(visit.form.get("passkey", ""))
    if passkey is None:
        raise CannotBeRead("passkey_id")
    await visit.portal.passkeys.kept.remove(account.id, passkey)
    LOGGER.info("%s: account %s has one passkey less", visit.request.state.reference, account.id)
    return see_other("/your-sign-in?done=removed")


async def _account_here(visit: SignedInVisit) -> Account | None:
    """How the person signs in here, if that is how they came in: a provider's word changes nothing of it."""
    if visit.session.proof.provider is not None:
        return None
    return await visit.portal.own_sign_in.account(visit.session.account)


async def _account(visit: SignedInVisit) -> Account:
    account = await _account_here(visit)
    if account is None:
        raise NotPermitted("signs_in_elsewhere")
    return account


async def _account_of_recent(visit: SignedInVisit) -> Account:
    account = await _account(visit)
    if not visit.portal.own_sign_in.is_recent(visit.session):
        raise NotSignedIn("not_signed_in_recently")
    return account


def _password_page(visit: SignedInVisit, errors: tuple[FieldError, ...] = ()) -> Response:
    status = 422 if errors else 200
    return visit.render(
        "change_password.html", status=status, errors=by_field(errors), summary=summary(errors)
    )


def _passkey_page(visit: SignedInVisit, errors: tuple[FieldError, ...] = (), name: str = "") -> Response:
    if not visit.portal.passkeys.are_possible:
        raise NotFound("passkeys_are_off")
    return visit.render(
        "new_passkey.html",
        status=422 if errors else 200,
        name=name,
        errors=by_field(errors),
        summary=summary(errors),
    )
