"""What `ledgers.yml` may say, and in which order: it is what ACA-Py reads."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, RootModel, StringConstraints, model_validator
from yarl import URL

from staff_passport.doctor_findings import Finding
from staff_passport.doctor_settings import FileHere, Nym, Said
from staff_passport.located_yaml import LocatedYaml

SOURCES = ("genesis_file", "genesis_url", "genesis_transactions")


def _https(text: str) -> str:
    url = URL(text)
    if url.scheme != "https" or not url.host or url.user:
        raise ValueError("must be https: who answers decides which ledger this is")
    return text


Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$")]


class Ledger(Said):
    """One ledger, by ACA-Py's own names."""

    id: Name
    is_production: Annotated[bool, Field(strict=True)]
    is_write: Annotated[bool, Field(strict=True)] = False
    read_only: Annotated[bool, Field(strict=True)] = False
    genesis_file: FileHere | None = None
    genesis_url: Annotated[str, AfterValidator(_https)] | None = None
    genesis_transactions: str | None = None
    keepalive: Annotated[int, Field(ge=5, le=3600)] = 5  # seconds
    pool_name: Name | None = None
    socks_proxy: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$")] | None = None
    endorser_did: Nym | None = None
    endorser_alias: Literal["operator"] | None = None
    """What every organisation's wallet calls its connection to the operator."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        said = [name for name in SOURCES if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(f"one of {', '.join(SOURCES)} is needed, and here are {len(said)}")
        if (self.endorser_did is None) != (self.endorser_alias is None):
            raise ValueError("endorser_did and endorser_alias go together: say both, or neither")
        if self.endorser_did is not None and not self.is_write:
            raise ValueError("an endorser is for a ledger that is written to: is_write is not true")
        if self.is_write and self.read_only:
            raise ValueError("it cannot be written to and be read_only: say one of them")
        return self

    @property
    def pool(self) -> str:
        """Under which name ACA-Py keeps what it learned of the pool."""
        return self.pool_name or self.id


class Ledgers(RootModel[Annotated[list[Ledger], Field(min_length=1)]]):
    """The whole file."""


def faults_of_order(file: Path, ledgers: Ledgers, located: LocatedYaml) -> Iterator[Finding]:
    """Whether ACA-Py will write where it should, and names nothing twice."""
    every = ledgers.root
    yield from _faults_of_names(file, every, located)
    writers = [number for number, each in enumerate(every) if each.is_write]
    if not writers:
        yield Finding(file, located.line((0,)), "no ledger has is_write: true: agents write to one of them")
        return
    production = [number for number in writers if every[number].is_production]
    first = (production or writers)[0]
    if first != 0:
        kind = "production writer" if production else "writer"
        yield Finding(
            file,
            located.line((first,)),
            f"the {kind} {every[first].id} stands first: ACA-Py writes to another ledger otherwise",
        )
    if not production:
        yield from _faults_of_a_hidden_writer(file, every, located)


def _faults_of_a_hidden_writer(
    file: Path, every: Sequence[Ledger], located: LocatedYaml
) -> Iterator[Finding]:
    for number, each in enumerate(every):
        if each.is_production and each.read_only:
            yield Finding(
                file,
                located.line((number, "read_only")),
                f"ACA-Py would take {each.id} for the ledger to write to: it prefers production ones",
            )


def _faults_of_names(file: Path, every: Sequence[Ledger], located: LocatedYaml) -> Iterator[Finding]:
    ids, pools = set[str](), set[str]()
    for number, each in enumerate(every):
        if each.id in ids:
            yield Finding(file, located.line((number, "id")), f"the id {each.id} stands here twice")
        elif each.pool in pools:
            line = located.line((number, "pool_name"))
            yield Finding(file, line, f"the pool {each.pool} stands here twice")
        ids.add(each.id)
        pools.add(each.pool)
