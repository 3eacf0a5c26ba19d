"""With which certificate ESR is asked, and what happens when the files change, end or are wrong."""

import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from agent.esr_plugin.mutual_tls import TlsFileWrong, TlsIdentities, certificate_is_refused
from agent.esr_plugin.settings import Tls
from staff_passport.demo.local_authority import Certified, LocalAuthority

LOGGER = "agent.esr_plugin.mutual_tls"


@pytest.fixture
def authority(tmp_path: Path) -> LocalAuthority:
    return LocalAuthority.new(tmp_path / "esr")


@pytest.fixture
def files(authority: LocalAuthority) -> Tls:
    """Our own certificate, its key, and who certifies ESR."""
    ours = authority.certify("northmoor")
    return Tls(certificate=ours.certificate, key=ours.key, certificate_authority=authority.certificate)


def gone(file: Path) -> None:
    file.unlink()


def nonsense(file: Path) -> None:
    file.write_text("nonsense")


@pytest.mark.parametrize("setting", ["certificate", "key", "certificate_authority"])
@pytest.mark.parametrize("spoilt", [gone, nonsense])
def test_a_file_that_is_missing_or_wrong_at_the_start_is_named_in_one_line(
    files: Tls, setting: str, spoilt: Callable[[Path], None]
) -> None:
    file: Path = getattr(files, setting)
    spoilt(file)
    with pytest.raises(TlsFileWrong) as wrong:
        TlsIdentities(files)
    assert str(wrong.value).startswith(f"tls.{setting}: {file} ")
    assert "\n" not in str(wrong.value)


def test_the_key_of_another_certificate_is_refused(files: Tls, authority: LocalAuthority) -> None:
    another = authority.certify("another")
    with pytest.raises(TlsFileWrong, match=r"^tls\.key: .* is not the key of "):
        TlsIdentities(files.model_copy(update={"key": another.key}))


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(files: Tls) -> None:
    key = load_pem_private_key(files.key.read_bytes(), password=None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password"))
    files.key.write_bytes(locked)
    with pytest.raises(TlsFileWrong, match=r"^tls\.key: "):
        TlsIdentities(files)


async def test_nobody_but_the_configured_authority_is_believed_and_no_old_tls_is_spoken(files: Tls) -> None:
    context = (await TlsIdentities(files).current()).context
    (believed,) = context.get_ca_certs()
    assert believed["subject"] == ((("commonName", "Staff Passport local authority"),),)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_while_the_files_say_the_same_we_are_the_same(files: Tls) -> None:
    """Even where they were only just written, and so are read each time."""
    identities = TlsIdentities(files)
    first = await identities.current()
    files.certificate.write_bytes(files.certificate.read_bytes())
    assert await identities.current() is first


async def test_a_certificate_that_was_replaced_counts_at_once(files: Tls, authority: LocalAuthority) -> None:
    identities = TlsIdentities(files)
    first = await identities.current()
    authority.certify("northmoor", lasting=timedelta(days=180))
    second = await identities.current()
    assert second is not first
    assert second.context is not first.context
    assert second.ends - first.ends > timedelta(days=80)


async def test_halfway_through_a_change_we_stay_who_we_were_and_say_so_once(
    files: Tls, authority: LocalAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    identities = TlsIdentities(files)
    first = await identities.current()
    new = authority.certify("new", lasting=timedelta(days=180))
    with caplog.at_level(logging.ERROR, LOGGER):
        files.key.write_bytes(new.key.read_bytes())
        assert await identities.current() is first
        assert await identities.current() is first
    assert len(caplog.records) == 1
    files.certificate.write_bytes(new.certificate.read_bytes())
    assert (await identities.current()).ends > first.ends


async def test_a_file_that_goes_away_later_does_not_stop_us(files: Tls) -> None:
    identities = TlsIdentities(files)
    first = await identities.current()
    files.key.unlink()
    assert await identities.current() is first


async def test_a_certificate_that_ends_within_thirty_days_is_warned_of_once_a_day(
    files: Tls, authority: LocalAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    authority.certify("northmoor", lasting=timedelta(days=31))
    today = datetime.now(UTC)
    identities = TlsIdentities(files, clock=lambda: today)
    assert caplog.records == []
    today += timedelta(days=1, minutes=1)
    await identities.current()
    await identities.current()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    today += timedelta(days=1)
    await identities.current()
    assert len(caplog.records) == 2
    assert str(files.certificate) in caplog.text


async def test_a_certificate_that_has_ended_is_no_reason_not_to_start(
    files: Tls, authority: LocalAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    """Who revokes does not ask ESR, and must go on."""
    authority.certify("northmoor", lasting=timedelta(days=-1))
    assert TlsIdentities(files).has_ended()
    assert "ends on" in caplog.text


def shaken_hands(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> ssl.SSLError | None:
    """What the client hears of it when both have said all that they have to say."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (ours, theirs):
            try:
                side.do_handshake()
                side.read(1)
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                if side is ours:
                    return error
    return None


def an_esr(authority: LocalAuthority, served: Certified, *, at_most: ssl.TLSVersion) -> ssl.SSLContext:
    """A server that insists on a certificate by `authority`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.load_cert_chain(served.certificate, served.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = at_most
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("wrong", ["nothing", "ended", "a stranger's"])
async def test_an_alert_over_our_certificate_is_known_for_a_refusal(
    tmp_path: Path, files: Tls, authority: LocalAuthority, version: ssl.TLSVersion, wrong: str
) -> None:
    stranger = LocalAuthority.new(tmp_path / "stranger", "A stranger's authority")
    match wrong:
        case "ended":
            authority.certify("northmoor", lasting=timedelta(days=-1))
        case "a stranger's":
            shown = stranger.certify("northmoor")
            files = files.model_copy(update={"certificate": shown.certificate, "key": shown.key})
    server = an_esr(authority, authority.certify("esr", "esr.example"), at_most=version)
    client = (await TlsIdentities(files).current()).context

    error = shaken_hands(client, server, "esr.example")

    if wrong == "nothing":
        assert error is None
    else:
        assert error is not None
        assert certificate_is_refused(error)


async def test_an_esr_that_we_do_not_believe_has_not_refused_us(
    tmp_path: Path, files: Tls, authority: LocalAuthority
) -> None:
    stranger = LocalAuthority.new(tmp_path / "stranger", "A stranger's authority")
    for served, host in (
        (stranger.certify("esr", "esr.example"), "esr.example"),
        (authority.certify("esr", "esr.example"), "another.example"),
    ):
        server = an_esr(authority, served, at_most=ssl.TLSVersion.TLSv1_3)
        error = shaken_hands((await TlsIdentities(files).current()).context, server, host)
        assert isinstance(error, ssl.SSLCertVerificationError)
        assert not certificate_is_refused(error)
