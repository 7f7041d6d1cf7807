"""Settings: environment variables with the prefix `NAMEMEM_`, or a `.env` file beside you.

Every field is documented here; `docs/settings.md` repeats it and a test keeps the two together.
A wrong value stops the start with a message that names the variable.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from namemem.errors import InvalidSettings
from namemem.webhooks import secret_bytes


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "namemem"


class Settings(BaseSettings):
    """All settings; construct with `load_settings()` to get readable errors."""

    model_config = SettingsConfigDict(
        env_prefix="NAMEMEM_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder for the SQLite database and downloaded models.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL, such as postgresql://user:password@host/namemem. "
        "Empty: SQLite in the data directory.",
    )
    transcriber: Literal["auto", "whisper", "sphinx"] = Field(
        default="auto",
        description="Who writes down the words. auto: Whisper where its weights are or can be "
        "fetched, else the embedded pocketsphinx.",
    )
    whisper_model: str = Field(
        default="tiny.en", description="Whisper model name, or path of a checkpoint."
    )
    phone_recognizer: str = Field(
        default="auto", description="Phone recogniser: auto, or a registered name."
    )
    phone_encoder: str = Field(
        default="tiny.en",
        description="Whisper model whose encoder feeds the phone recogniser: name, or path of a "
        "checkpoint.",
    )
    phone_checkpoint: str = Field(
        default="facebook/wav2vec2-lv-60-espeak-cv-ft",
        description="CTC phone model for the recogniser wav2vec2: hub name, or folder.",
    )
    phone_device: str = Field(
        default="cpu", description="Device of the recogniser wav2vec2: cpu, or cuda."
    )
    preview_engine: Literal["espeak-ng", "piper", "kokoro"] = Field(
        default="espeak-ng", description="Voice of /v1/speak and say: espeak-ng, piper, or kokoro."
    )
    preview_model: str = Field(
        default="", description="ONNX file of Piper's or Kokoro's voice, which you fetch yourself."
    )
    preview_voices: str = Field(
        default="",
        description="Kokoro's file of styles. Empty: voices-v1.0.bin beside the model.",
    )
    fetch_models: bool = Field(
        default=True, description="Whether missing model weights may be downloaded at start."
    )
    api_keys: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Comma-separated space:key pairs, such as museum:s3cret,robot2:other, each "
        "with every scope. Better: namemem keys create. With neither no key is asked for, and "
        "there is one space, default.",
    )
    allow_anonymous: bool = Field(
        default=False,
        description="Without any key, serve other machines too. Otherwise only callers on this "
        "machine are.",
    )
    wrong_keys_per_minute: int = Field(
        default=10,
        ge=0,
        le=10_000,
        description="Wrong keys a network address may try in a minute, before 429. 0: any number.",
    )
    rate_limit: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Requests a key may make in a minute, introductions aside; then 429. 0: any "
        "number.",
    )
    rate_limit_introductions: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Introductions and retakes a key may send in a minute; then 429. 0: any "
        "number.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated origins of web pages that may call, such as "
        "https://robot.example; * for all. Empty: none.",
    )
    behind_https: bool = Field(
        default=False,
        description="Callers reach the service by HTTPS alone: browsers are told to keep to it.",
    )
    audit_days: float = Field(
        default=365.0,
        ge=0,
        le=36_500,
        description="Days after which an entry of the audit log is deleted. 0: never.",
    )
    max_audio_seconds: float = Field(
        default=30.0, gt=0, le=600, description="Longest recording accepted, in seconds."
    )
    max_upload_mb: float = Field(
        default=25.0, gt=0, le=500, description="Largest upload accepted, in megabytes (10^6)."
    )
    max_json_kb: int = Field(
        default=512,
        ge=16,
        le=100_000,
        description="Largest request that is no upload, in kilobytes (10^3).",
    )
    max_uploads_mb: int = Field(
        default=400,
        ge=1,
        le=1_000_000,
        description="All request bodies in memory together, in megabytes (10^6); then 503.",
    )
    upload_seconds: float = Field(
        default=120.0, gt=0, le=3600, description="Seconds a request body may take; then 408."
    )
    stall_seconds: float = Field(
        default=15.0,
        gt=0,
        le=600,
        description="Seconds in which a caller may send no byte of a body, or read none of an "
        "answer.",
    )
    header_seconds: float = Field(
        default=10.0, gt=0, le=600, description="Seconds a request's headers may take; then 408."
    )
    max_header_kb: int = Field(
        default=32,
        ge=4,
        le=1024,
        description="Largest request line and headers together, in kilobytes (10^3); then 431.",
    )
    max_connections: int = Field(
        default=800,
        ge=1,
        le=100_000,
        description="Open connections; beyond that the answer is 503. The process needs as many "
        "file descriptors (ulimit -n).",
    )
    max_listeners: int = Field(
        default=400,
        ge=0,
        le=100_000,
        description="Connections of /v1/listen at the same time, within MAX_CONNECTIONS. 0: none.",
    )
    listen_idle_seconds: float = Field(
        default=300.0,
        gt=0,
        le=86_400,
        description="Seconds after which a listening connection is closed over which nothing came.",
    )
    keep_alive_seconds: int = Field(
        default=5,
        ge=1,
        le=3600,
        description="Seconds a connection stays open for the next request.",
    )
    keep_audio: Literal["none", "clip"] = Field(
        default="none",
        description="Whether recordings are kept when the caller does not say: none, or clip.",
    )
    audio_ttl_days: float = Field(
        default=30.0,
        gt=0,
        le=36_500,
        description="Days after which a kept recording is erased. Shortened, it also holds for "
        "those that are kept already.",
    )
    require_consent_for_audio: bool = Field(
        default=False,
        description="Whether recordings are kept only with the field consent, for audio.",
    )
    clip_key: str = Field(
        default="",
        repr=False,
        description="Key that kept recordings are encrypted with, from namemem clips new-key. "
        "Empty: they are not encrypted.",
    )
    clip_old_keys: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        repr=False,
        description="Comma-separated earlier keys, which older recordings are still read with.",
    )
    scrub_minutes: float = Field(
        default=10.0,
        ge=0,
        le=525_600,
        description="PostgreSQL: minutes that erasures may wait until large tables are rewritten "
        "without them, which locks each table meanwhile.",
    )
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Introductions heard at the same time. 0: one per processor core, at most 4.",
    )
    queue_size: int = Field(
        default=16,
        ge=0,
        le=10_000,
        description="Introductions that may wait for a worker; beyond that the answer is 503.",
    )
    deadline_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Seconds from a recording's arrival to its answer, waiting included; then 503. "
        "A caller may ask for less: Prefer: wait=2.",
    )
    probe_seconds: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Seconds for which a worker that is probed may do nothing, or compute, without "
        "an answer; then it counts as stuck and is replaced.",
    )
    worker_nice: int = Field(
        default=10,
        ge=0,
        le=19,
        description="How much lower the workers' priority is than the server's, so that reading "
        "stays fast while they hear (Unix).",
    )
    hearing: Literal["local", "queue"] = Field(
        default="local",
        description="Who hears. local: this server's own workers; queue: namemem worker processes, "
        "on any machine, over PostgreSQL.",
    )
    max_queued: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="Introductions of one space (mode=async) that may wait; beyond that the answer "
        "is 503.",
    )
    job_ttl_hours: float = Field(
        default=24.0,
        gt=0,
        le=24 * 365,
        description="Hours after which a waiting recording is given up and erased, and after which "
        "a job that has ended is forgotten.",
    )
    job_lease_seconds: float = Field(
        default=30.0,
        ge=1,
        le=3600,
        description="Seconds without a sign of life after which a dead worker's job is taken by "
        "another.",
    )
    job_tries: int = Field(
        default=5,
        ge=1,
        le=100,
        description="How often hearing a recording is tried when its worker dies; then the job "
        "has failed.",
    )
    webhook_secrets: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Comma-separated space:secret pairs that webhooks are signed with, such as "
        "default:whsec_…, each 24 to 64 bytes in base64. Empty: no webhooks.",
    )
    webhook_private: bool = Field(
        default=False,
        description="Whether webhooks may go to this machine and to private networks.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="Log lines as JSON, or as text for people. auto: text on a terminal.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Who reads /metrics sends it: Authorization: Bearer <token>. Empty: only "
        "callers on this machine may read them, and need no token.",
    )
    traces: Literal["none", "otlp"] = Field(
        default="none",
        description="otlp: OpenTelemetry spans, sent where OTEL_EXPORTER_OTLP_ENDPOINT says "
        "(extra otel).",
    )

    @field_validator("clip_old_keys", mode="before")
    @classmethod
    def _split_old_keys(cls, value: object) -> object:
        """`key,key` → [key, key]."""
        if not isinstance(value, str):
            return value
        return [key.strip() for key in value.split(",") if key.strip()]

    @field_validator("api_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        """`space:key,space:key` → {key: space}."""
        if not isinstance(value, str):
            return value
        keys: dict[str, str] = {}
        pairs = [pair.strip() for pair in value.split(",") if pair.strip()]
        if value.strip() and not pairs:
            raise ValueError("write space:key pairs; to ask for no key, leave it empty")
        for pair in pairs:
            space, colon, key = pair.partition(":")
            if not colon or not space.strip() or len(key.strip()) < 8:
                raise ValueError("write space:key pairs, each key at least 8 characters long")
            if key.strip() in keys:
                raise ValueError(
                    f"one key stands there twice, for {keys[key.strip()]} and for {space.strip()}; "
                    "a key opens one space, so give each a key of its own"
                )
            keys[key.strip()] = space.strip()
        return keys

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        """`https://a,https://b` → ("https://a", "https://b")."""
        if not isinstance(value, str):
            return value
        origins = tuple(one.strip().rstrip("/") for one in value.split(",") if one.strip())
        for origin in origins:
            if origin != "*" and not re.fullmatch(r"https?://[^/\s?#@]+", origin):
                raise ValueError("write origins such as https://robot.example or *")
        return origins

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split_secrets(cls, value: object) -> object:
        """`space:secret,space:secret` → {space: secret}."""
        if not isinstance(value, str):
            return value
        secrets: dict[str, str] = {}
        for pair in (pair.strip() for pair in value.split(",")):
            space, colon, secret = (part.strip() for part in pair.partition(":"))
            if not pair:
                continue
            if not colon or not space:
                raise ValueError("write space:secret pairs, such as default:whsec_…")
            secret_bytes(secret)
            if space in secrets:
                raise ValueError(f"{space} stands there twice; a space has one secret")
            secrets[space] = secret
        return secrets

    @property
    def url(self) -> str:
        """The database to use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'namemem.db'}"

    @property
    def worker_count(self) -> int:
        """How many introductions are heard at the same time."""
        return self.workers or max(1, min(4, os.cpu_count() or 1))


def load_settings(**overrides: object) -> Settings:
    """Reads the settings.

    Raises:
        InvalidSettings: a value that cannot be; the message names the variable.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"NAMEMEM_{'_'.join(str(p) for p in e['loc']).upper()}: {e['msg']}"
            for e in error.errors()
        ]
        raise InvalidSettings("These settings are wrong. " + " · ".join(lines)) from error
