"""Settings: environment variables with the prefix `NAMEMEM_`, or a `.env` file beside you.

Every field is documented here; `docs/settings.md` repeats it and a test keeps the two together.
A wrong value stops the start with a message that names the variable.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from namemem.errors import InvalidSettings


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
        description="Comma-separated space:key pairs, such as museum:s3cret,robot2:other. "
        "Empty: no key is asked for, and there is one space, default.",
    )
    max_audio_seconds: float = Field(
        default=30.0, gt=0, le=600, description="Longest recording accepted, in seconds."
    )
    max_upload_mb: float = Field(
        default=25.0, gt=0, le=500, description="Largest upload accepted, in megabytes (10^6)."
    )
    keep_audio: Literal["none", "clip"] = Field(
        default="none",
        description="Whether recordings are kept when the caller does not say: none, or clip.",
    )
    audio_ttl_days: float = Field(
        default=30.0, gt=0, description="Days after which a kept recording is erased."
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
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged."
    )

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
            keys[key.strip()] = space.strip()
        return keys

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
