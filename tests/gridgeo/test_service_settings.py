"""Settings: every one in the table, what is misspelt told, no secret shown."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from served import COMMAND, ROOT, environment

import gridgeo.service
from gridgeo.service import Settings
from gridgeo.service.serving import environment_of
from gridgeo.service.settings_table import settings_table, strange_names

TABLE = Path(gridgeo.service.__file__).parent / "deploy" / "SETTINGS.md"


def run(*words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=environment(**settings), cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_the_table_in_the_documents_is_that_of_the_program():
    """To renew it: print settings_table() into the file, below its head."""
    assert settings_table() in TABLE.read_text(encoding="utf-8")


def test_every_setting_has_a_meaning_and_a_row():
    rows = re.findall(r"^\| `GRIDGEO_(\w+)` \| .+ \| (.+) \|$", settings_table(), re.MULTILINE)
    assert [name.lower() for name, _ in rows] == list(Settings.model_fields)
    assert all(meaning.endswith(".") for _, meaning in rows)


def test_what_is_in_force_is_told_without_secrets():
    done = run(
        "--settings", "--port", "8123", workers=3, database="postgresql://u:geheim@h/d",
        metrics_token="sixteen letters and more", oidc_client_secret="tief",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| `GRIDGEO_PORT` | 8000 | 8123 |" in done.stdout
    assert "| `GRIDGEO_WORKERS` | 1 | 3 |" in done.stdout
    assert done.stdout.count("set, not shown") == 3
    for secret in ("geheim", "sixteen letters", "tief"):
        assert secret not in done.stdout + done.stderr


def test_a_name_that_is_no_setting_is_told_with_the_one_it_is_near():
    done = run("--settings", wrokers=2, data="x")
    assert done.returncode == 0
    told = " ".join(done.stderr.split())
    assert told.startswith("Warning: GRIDGEO_WROKERS in the environment is no setting")
    assert "GRIDGEO_WORKERS may be meant" in told
    assert strange_names(["GRIDGEO_PORT", "gridgeo_data", "GRIDGEO_JOB_STORE", "HOME"]) == []
    assert strange_names(["GRIDGEO_"]) != []


def test_a_folder_that_is_said_goes_before_a_database_of_the_environment():
    done = run("--settings", "--data", "here", database="postgresql://u:geheim@h/d")
    assert "| `GRIDGEO_DATABASE` | none | none |" in done.stdout
    assert "| `here` |" in done.stdout
    told = " ".join(done.stderr.split())
    assert "--data here is taken, and the database in GRIDGEO_DATABASE is not" in told
    assert "geheim" not in told
    assert not run("--settings", database="postgresql://h/d").stderr
    assert not run("--settings", "--data", "here").stderr


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(data="elsewhere", workers=4, behind_proxy=True, shutdown_s=2.5),
        Settings(database="postgresql://u:geheim@h/d", metrics_token="sixteen letters, ü"),
    ],
)
def test_processes_of_ours_read_the_settings_they_are_given(settings, monkeypatch):
    for name, value in environment_of(settings).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_no_secret_is_in_what_settings_look_like():
    settings = Settings(database="postgresql://u:geheim@h/d", metrics_token="sixteen letters, so")
    assert "geheim" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert "sixteen" not in repr(settings) + str(settings) + settings.model_dump_json()
