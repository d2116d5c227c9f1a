"""What the service can be told: by the environment (prefix ``GRIDGEO_``) or by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "GRIDGEO_"


class Settings(BaseSettings):
    """Settings of one service; secrets come from the environment alone."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data: Path = Field(Path("gridgeo-data"), description="Folder of the embedded database.")
    database: SecretStr | None = Field(
        None, description="URL of a PostgreSQL database; without it SQLite in the data folder."
    )
    host: str = Field("127.0.0.1", description="Address to listen at.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen at; 0 for any free one.")
    workers: int = Field(1, ge=1, le=64, description="Processes that answer requests.")
    base_url: str = Field(
        "", description="Address the service is reached at, for links; else that of the request."
    )
    behind_proxy: bool = Field(
        False, description="Trust X-Forwarded-For and X-Forwarded-Proto of a proxy on this machine."
    )
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only; also where base_url begins with https."
    )
    max_upload_mb: int = Field(200, ge=1, le=10_000, description="Largest file taken, in MB.")
    max_body_kb: int = Field(256, ge=1, description="Largest body of any other request, in KB.")
    jobs: int = Field(1, ge=0, le=64, description="Processes that run jobs; 0 for none here.")
    queue_limit: int = Field(50, ge=1, description="Jobs that may wait; more are refused.")
    job_time_limit_s: float = Field(3600.0, gt=0, description="Longest a job may run, in seconds.")
    job_memory_mb: int = Field(8000, ge=256, description="Most memory a job may take, in MB.")
    job_nice: int = Field(
        10, ge=0, le=19, description="How far jobs stand back behind requests; 0 for not at all."
    )
    session_hours: float = Field(12.0, gt=0, description="How long a sign-in holds, in hours.")
    sign_in_attempts: int = Field(
        10,
        ge=1,
        description="Sign-ins that may fail in ten minutes from one address; under one name "
        "ten times as many.",
    )
    connections: int = Field(
        1000, ge=10, description="Connections a process holds at once; more are told to come later."
    )
    streams: int = Field(200, ge=1, description="Streams of events a process holds open at once.")
    head_timeout_s: float = Field(
        10.0, gt=0, description="Seconds a client gets to send the head of a request."
    )
    slow_client_s: float = Field(
        60.0,
        gt=0,
        description="Seconds a client may send nothing of a body, or less than 500 bytes a second; "
        "or take nothing.",
    )
    keep_alive_s: int = Field(
        15, ge=0, description="Seconds a connection without a request stays open."
    )
    oidc_issuer: str = Field("", description="Issuer of an OpenID Connect provider; none if empty.")
    oidc_client_id: str = Field("", description="Id of this service at the provider.")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there.")
    oidc_role: Literal["viewer", "worker", "planner"] = Field(
        "viewer", description="Role of a person who first comes in by OpenID Connect."
    )
    log_format: Literal["json", "text"] = Field("text", description="Form of the log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least important line that is logged."
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Token that /metrics is read with; without one only from this machine.",
    )
    shutdown_s: float = Field(
        20.0, ge=0, description="Seconds that requests under way get when the service stops."
    )

    @model_validator(mode="after")
    def _check_provider(self) -> Settings:
        if self.oidc_issuer:
            said = urlsplit(self.oidc_issuer)
            near = said.hostname in ("127.0.0.1", "::1", "localhost")
            if said.scheme != "https" and not (said.scheme == "http" and near):
                raise ValueError("oidc_issuer must be an address that begins with https://")
            if not self.oidc_client_id:
                raise ValueError("oidc_client_id must be given with oidc_issuer")
        return self

    @property
    def https(self) -> bool:
        """Whether browsers reach the service over HTTPS alone."""
        return self.secure_cookies or self.base_url.startswith("https:")

    @property
    def store(self) -> str | Path:
        """Where the store is: the URL of a database, or the folder of the embedded one."""
        return self.data if self.database is None else self.database.get_secret_value()
