"""What an administrator is given, tried as far as it can be here: Dockerfile and systemd unit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from served import COMMAND, ROOT, environment, serving

from gridgeo.service import Settings
from gridgeo.service.deploy import unit
from gridgeo.service.settings import PREFIX

KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def run(*words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=environment(**settings), cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def dockerfile() -> list[list[tuple[str, str]]]:
    """The stages of the Dockerfile, each a list of instructions and their words."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    stages: list[list[tuple[str, str]]] = []
    for line in filter(str.strip, lines):
        name, _, words = line.partition(" ")
        assert name.isupper(), line
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, words.strip()))
    return stages


def of(stage: list[tuple[str, str]], wanted: str) -> list[str]:
    return [words for name, words in stage if name == wanted]


def test_all_that_is_copied_is_there_and_let_in():
    build, _ = dockerfile()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = [word for words in of(build, "COPY") for word in words.split()[:-1]]
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name in let_in
    assert ignored[1] == "*"  # nothing else, so no secret of a checkout, gets into an image
    assert let_in == set(copied)


def test_what_builds_the_package_is_copied(tmp_path):
    """The instructions of the first stage, with its sources alone, in a folder of their own."""
    build, _ = dockerfile()
    for words in of(build, "COPY"):
        *names, to = words.split()
        for name in names:
            source = ROOT / name
            target = tmp_path / (to if source.is_dir() else name)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
    (install,) = of(build, "RUN")
    words = install.split(" && ")[1].split()
    assert words[0] == "/opt/gridgeo/bin/pip"
    assert words[words.index("--constraint") + 1] == "constraints.txt"
    # what it depends on is here already: the package alone is built, as pip there would
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir",
         str(tmp_path / "dist"), str(tmp_path)],
        capture_output=True, text=True, timeout=280, check=False, env=environment(),
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as held:
        names_in = set(held.namelist())
    assert {"gridgeo/service/deploy/gridgeo.service", "gridgeo/service/static/service.css",
            "gridgeo/service/static/icon.svg",
            "gridgeo/riverside/buildings.gpkg"} <= names_in  # fmt: skip


def test_a_container_runs_as_nobody_in_particular_and_keeps_its_data():
    _, last = dockerfile()
    assert of(last, "USER") == ["10001"]
    names = [name for name, _ in last]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert [
        i for i, (name, _) in enumerate(last) if name == "RUN" and i > names.index("USER")
    ] == []
    (told,) = of(last, "ENV")
    said = dict(word.split("=", 1) for word in told.split())
    assert {name for name in said if name.startswith(PREFIX)} <= KNOWN
    assert json.loads(of(last, "VOLUME")[0]) == [said["GRIDGEO_DATA"]]
    assert of(last, "EXPOSE") == [said["GRIDGEO_PORT"]]
    assert f"--uid {of(last, 'USER')[0]} --home-dir {said['GRIDGEO_DATA']}" in of(last, "RUN")[0]
    assert Settings.model_validate({
        name.removeprefix(PREFIX).lower(): value
        for name, value in said.items() if name.startswith(PREFIX)
    })  # fmt: skip


def test_the_base_is_named_once_and_has_a_python_that_will_do():
    bases = {words.split()[0] for stage in dockerfile() for words in of(stage, "FROM")}
    assert bases == {"python:3.12-slim"}
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11"' in text


def test_the_words_of_the_container_start_a_service_and_its_check_finds_it(tmp_path):
    _, last = dockerfile()
    (entry,), (command,) = of(last, "ENTRYPOINT"), of(last, "CMD")
    assert [*json.loads(entry), *json.loads(command)] == ["gridgeo", "serve"]
    (check,) = of(last, "HEALTHCHECK")
    words = json.loads(check.partition("CMD ")[2])
    assert words[:2] == ["gridgeo", "serve"]
    with serving(tmp_path / "run", tmp_path / "data", "--jobs", "0") as served:
        done = run(*words[2:], port=served.port, host="0.0.0.0")
        assert (done.returncode, done.stderr) == (0, "")
        assert run(*words[2:], "--port", str(served.port)).returncode == 0
    done = run(*words[2:], port=served.port)
    assert done.returncode == 1
    assert "Nothing answers" in done.stderr
    assert run(*words[2:], port="x").returncode == 1


def test_a_service_that_is_not_ready_is_told_by_the_check(tmp_path, cluster):
    url = cluster.fresh()
    with serving(tmp_path / "run", url, "--jobs", "0") as served:
        cluster.run("UPDATE alembic_version SET version_num = '0000'", database=url.split("/")[-1])
        done = run("--check", "--port", str(served.port))
    assert done.returncode in (0, 1)  # what was known holds for a second
    cluster.remove(url)


def test_the_unit_starts_the_program_that_was_asked():
    told = run("--unit").stdout
    (start,) = re.findall(r"^ExecStart=(.+)$", told, re.M)
    program, word = start.split()
    assert word == "serve"
    assert Path(program).is_absolute()
    assert Path(program).name == "gridgeo"


def test_the_unit_sets_nothing_that_is_no_setting():
    names = re.findall(rf"\b({PREFIX}[A-Z_]+)=", unit(Path("/usr/bin/gridgeo")))
    assert names
    assert set(names) <= KNOWN


def test_systemd_takes_the_unit_and_finds_it_tight(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        if os.environ.get("CI"):
            pytest.fail("NO SYSTEMD-ANALYZE: the unit was NOT tried")
        pytest.skip("NO SYSTEMD-ANALYZE: the unit was NOT tried")
    path = tmp_path / "gridgeo.service"
    path.write_text(unit(Path("/bin/true")), encoding="utf-8")
    done = subprocess.run([analyze, "verify", str(path)], capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    told = [line for line in done.stderr.splitlines() if "gridgeo.service" in line]
    assert (done.returncode, told) == (0, [])
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=25", "--no-pager", str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_the_unit_waits_longer_than_the_service_does():
    text = unit(Path("/bin/true"))
    (stop_s,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.M)
    assert int(stop_s) > Settings.model_fields["shutdown_s"].default + 10
