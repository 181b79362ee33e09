"""The tables. Times are milliseconds since 1970 in UTC; texts of JSON are written by ``engine`` or ``json``.

What each table is for stands at its class; how rows are changed stands in the modules named after what they do.
"""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, MetaData, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.store.words import LongWords, Words

ID = 64
"""Longest id of our own making."""

Ms = BigInteger


class Base(DeclarativeBase):
    """All tables; constraints get names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class User(Base):
    """Whom things belong to.

    ``kind`` is ``anonymous``, ``registered`` or ``site``; ``plan`` is ``free`` or ``paid``. An anonymous user that was
    bound to an account lives on as ``merged_into``: its tokens open the account.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    kind: Mapped[str] = mapped_column(Words(16))
    plan: Mapped[str] = mapped_column(Words(16), default="free")
    email: Mapped[str | None] = mapped_column(Words(254), unique=True)
    password: Mapped[str | None] = mapped_column(Words(256))
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[int] = mapped_column(Ms)


class Token(Base):
    """A secret that somebody holds, by its SHA-256. ``kind`` is ``api``, ``claim`` or ``web``."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str] = mapped_column(Words(16))
    name: Mapped[str] = mapped_column(Words(200), default="")
    digest: Mapped[str] = mapped_column(Words(64), unique=True)
    scopes: Mapped[str] = mapped_column(Words(200), default="")
    session_id: Mapped[str | None] = mapped_column(Words(ID))
    created_at: Mapped[int] = mapped_column(Ms)
    expires_at: Mapped[int | None] = mapped_column(Ms)
    revoked_at: Mapped[int | None] = mapped_column(Ms)


class Issue(Base):
    """That an anonymous token was handed out: to which client, from which address."""

    __tablename__ = "issues"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    client: Mapped[str] = mapped_column(Words(64), index=True)
    address: Mapped[str] = mapped_column(Words(64), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    issued_at: Mapped[int] = mapped_column(Ms)


class Task(Base):
    """A project."""

    __tablename__ = "tasks"

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(Words(200))
    created_at: Mapped[int] = mapped_column(Ms)


class EditSession(Base):
    """A conversation about one draft: ``history`` is the draft with what was done, ``memory`` what was spoken of."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    language: Mapped[str] = mapped_column(Words(16), default="en")
    history: Mapped[str | None] = mapped_column(LongWords)
    memory: Mapped[str] = mapped_column(LongWords, default="{}")
    version: Mapped[int] = mapped_column(Integer, default=0)
    edits_paid: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(Ms)
    updated_at: Mapped[int] = mapped_column(Ms, index=True)
    deleted_at: Mapped[int | None] = mapped_column(Ms)


class Blob(Base):
    """A file of the blob store, and since when it is known: the sweeper spares what is young."""

    __tablename__ = "blobs"

    ref: Mapped[str] = mapped_column(Words(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(Ms, index=True)


class Asset(Base):
    """A file of a session: uploaded, fetched or generated. ``key`` is the unguessable part of its URL, ``poster`` a
    blob with a small picture of it, which may go before it does. ``made`` is set where a model made it: JSON of
    :meth:`pipelines.diffusion.clip.GeneratedClip.to_json`, and its ``notes``.
    """

    __tablename__ = "assets"

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    key: Mapped[str] = mapped_column(Words(ID), unique=True)
    filename: Mapped[str] = mapped_column(Words(255))
    kind: Mapped[str] = mapped_column(Words(16))
    content_type: Mapped[str] = mapped_column(Words(100))
    blob: Mapped[str] = mapped_column(ForeignKey("blobs.ref"), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(Integer, default=0)
    height: Mapped[int] = mapped_column(Integer, default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    fps_milli: Mapped[int] = mapped_column(Integer, default=0)
    origin: Mapped[str] = mapped_column(Words(16), default="upload")
    prompt: Mapped[str] = mapped_column(LongWords, default="")
    poster: Mapped[str | None] = mapped_column(Words(64), index=True)
    made: Mapped[str | None] = mapped_column(LongWords)
    created_at: Mapped[int] = mapped_column(Ms)
    deleted_at: Mapped[int | None] = mapped_column(Ms)


class Turn(Base):
    """One message of the user and what came of it. ``state`` is ``running``, ``done`` or ``failed``."""

    __tablename__ = "turns"
    __table_args__ = (
        Index("uq_turns_running", "session_id", unique=True, sqlite_where=text("state = 'running'"),
              postgresql_where=text("state = 'running'")),
        Index("ix_turns_session", "session_id", "created_at"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    text: Mapped[str] = mapped_column(LongWords)
    state: Mapped[str] = mapped_column(Words(16))
    charged: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[int] = mapped_column(Ms)
    ended_at: Mapped[int | None] = mapped_column(Ms)


class Event(Base):
    """Something that a turn has to say, in order: JSON of :mod:`api.store.turns`."""

    __tablename__ = "events"

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[str] = mapped_column(LongWords)
    created_at: Mapped[int] = mapped_column(Ms)


class Job(Base):
    """Work for a worker; see :mod:`api.store.jobs`."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_next", "lane", "state", "priority", "rank", "created_at", "id"),
        Index("ix_jobs_of_user", "user_id", "lane", "state", "rank"),
        Index("ix_jobs_lease", "state", "lease_until"),
        Index("uq_jobs_exclusive", "exclusive", unique=True, sqlite_where=text("state = 'running'"),
              postgresql_where=text("state = 'running'")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    kind: Mapped[str] = mapped_column(Words(32))
    lane: Mapped[str] = mapped_column(Words(16))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    turn_id: Mapped[str | None] = mapped_column(ForeignKey("turns.id"), index=True)
    exclusive: Mapped[str | None] = mapped_column(Words(100))
    state: Mapped[str] = mapped_column(Words(16))
    priority: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[str] = mapped_column(LongWords)
    result: Mapped[str | None] = mapped_column(LongWords)
    error: Mapped[str | None] = mapped_column(LongWords)
    stage: Mapped[str] = mapped_column(Words(64), default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    kills: Mapped[int] = mapped_column(Integer, default=0)
    worker: Mapped[str | None] = mapped_column(Words(ID))
    fence: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[int | None] = mapped_column(Ms)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(Ms)
    started_at: Mapped[int | None] = mapped_column(Ms)
    ended_at: Mapped[int | None] = mapped_column(Ms)


class Render(Base):
    """An export, under the id that the client chose."""

    __tablename__ = "renders"

    id: Mapped[str] = mapped_column(Words(200), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    digest: Mapped[str] = mapped_column(Words(64))
    key: Mapped[str] = mapped_column(Words(ID), unique=True)
    blob: Mapped[str | None] = mapped_column(ForeignKey("blobs.ref"), index=True)
    poster: Mapped[str | None] = mapped_column(Words(64), index=True)
    created_at: Mapped[int] = mapped_column(Ms, index=True)


class Balance(Base):
    """What an account of a user holds: always the sum of its entries (tested). The outer world has no balances: they
    would be rows that everybody waits for.
    """

    __tablename__ = "balances"

    account: Mapped[str] = mapped_column(Words(100), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class Transfer(Base):
    """A movement of credits. ``slot`` and ``reference`` are unique together: nothing moves twice for one reason."""

    __tablename__ = "transfers"
    __table_args__ = (UniqueConstraint("slot", "reference"), Index("ix_transfers_user", "user_id", "created_at"))

    id: Mapped[str] = mapped_column(Words(ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    slot: Mapped[str] = mapped_column(Words(16))
    reference: Mapped[str] = mapped_column(Words(200))
    cause: Mapped[str] = mapped_column(Words(64))
    created_at: Mapped[int] = mapped_column(Ms)


class Entry(Base):
    """One side of a transfer; those of a transfer sum to nothing."""

    __tablename__ = "entries"

    transfer_id: Mapped[str] = mapped_column(ForeignKey("transfers.id"), primary_key=True)
    account: Mapped[str] = mapped_column(Words(100), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
