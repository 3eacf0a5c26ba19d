"""The portal's own tables: who may sign in, and who is. No staff data."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "portal"


class Table(DeclarativeBase):
    """A table in the portal's schema."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        },
    )
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True)}  # noqa: RUF012  # read by SQLAlchemy


class AccountRow(Table):
    """Somebody who may have sessions, however they sign in; whatever is theirs goes with it."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class LocalSignInRow(Table):
    """How somebody signs in here: a password, and what stands beside it."""

    __tablename__ = "local_sign_in"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id, ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str]
    totp_secret: Mapped[bytes]
    totp_step: Mapped[int] = mapped_column(BigInteger)
    recovery_codes: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    wrong_tries: Mapped[int]
    locked_until: Mapped[datetime | None]


class PasskeyRow(Table):
    """A passkey of somebody who signs in here; it goes with that."""

    __tablename__ = "passkey"

    id: Mapped[bytes] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(LocalSignInRow.account, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ProviderSubjectRow(Table):
    """What a provider calls the person of an account."""

    __tablename__ = "provider_subject"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id, ondelete="CASCADE"), primary_key=True)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]


class SessionRow(Table):
    """A session; it goes with its account."""

    __tablename__ = "session"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id, ondelete="CASCADE"), index=True)
    signed_in_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    assurance: Mapped[str]
    proven_at: Mapped[datetime]
    provider: Mapped[str | None]
    organisation: Mapped[str | None]


class DraftRow(Table):
    """What was typed and could not be sent, sealed; it goes with its account."""

    __tablename__ = "draft"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id, ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)


class AttemptRow(Table):
    """A sign-in that is under way."""

    __tablename__ = "attempt"

    digest: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    to: Mapped[str]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class SignInTryRow(Table):
    """One try to sign in, by the keyed hash of the address that it came from."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_address", "address", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    address: Mapped[str]
    at: Mapped[datetime]
