"""Folders of processes: gone with them, and swept where they were killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from gridgeo.own_folder import own_folder


def test_a_folder_is_empty_and_gone_after_the_block(tmp_path: Path) -> None:
    with own_folder("mine-", tmp_path) as folder:
        assert list(folder.iterdir()) == []
        (folder / "draft").write_text("words")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_by_the_next_and_the_living_keep_theirs(
    tmp_path: Path,
) -> None:
    said = (
        "import sys, time, pathlib; from gridgeo.own_folder import own_folder\n"
        "with own_folder('mine-', pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'draft').write_text('words'); print(folder, flush=True); time.sleep(100)"
    )
    words = [sys.executable, "-c", said, str(tmp_path)]
    killed, living = (subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2))
    try:
        gone, kept = (Path(one.stdout.readline().strip()) for one in (killed, living))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert gone.exists()
        other = tmp_path / "other-1"
        other.mkdir()
        with own_folder("mine-", tmp_path):
            assert not gone.parent.exists()
            assert (kept / "draft").read_text() == "words"
            assert other.exists()
    finally:
        for one in (killed, living):
            one.kill()
            one.communicate()


def test_a_folder_of_another_user_is_left_alone(tmp_path: Path, monkeypatch) -> None:
    theirs = tmp_path / "mine-1"
    theirs.mkdir()
    (theirs / "lock").touch()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with own_folder("mine-", tmp_path):
        assert theirs.exists()
    monkeypatch.undo()
    with own_folder("mine-", tmp_path):
        assert not theirs.exists()
