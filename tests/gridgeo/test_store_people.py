"""Users and what opens the door for them: by hashes only, and never for the disabled."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from small_stores import ANN

from gridgeo.store import Conflict, Gone, NotFound, Refused, Role, Store
from gridgeo.store.tables import Table, now

TOMORROW = timedelta(days=1)


def test_a_name_is_one_in_any_case(store: Store) -> None:
    with store.write(ANN) as unit:
        unit.users.add(name=" Ann@Office.org ", role=Role.VIEWER, subject="https://idp|7")
        assert unit.users.by_name("ANN@office.org").name == "ann@office.org"
        assert unit.users.by_subject("https://idp|7").role == "viewer"
        with pytest.raises(Conflict, match="already"):
            unit.users.add(name="ann@office.ORG", role=Role.ADMIN)
        with pytest.raises(Refused, match="blanks"):
            unit.users.add(name="two words", role=Role.ADMIN)
        with pytest.raises(ValueError, match="king"):
            unit.users.add(name="king", role="king")
        with pytest.raises(NotFound):
            unit.users.by_name("nobody")


def test_somebody_stays_admin(store: Store) -> None:
    with store.write(ANN) as unit:
        ann = unit.users.add(name="ann", role=Role.ADMIN)
        ben = unit.users.add(name="ben", role=Role.ADMIN)
        unit.users.change(ben.id, role=Role.PLANNER)
        for refused in (
            lambda: unit.users.change(ann.id, role=Role.VIEWER),
            lambda: unit.users.disable(ann.id),
        ):
            with pytest.raises(Conflict, match="only admin"):
                refused()
        unit.users.change(ben.id, role=Role.ADMIN)
        unit.users.disable(ann.id)
        with pytest.raises(Conflict, match="only admin"):
            unit.users.disable(ben.id)
        unit.users.enable(ann.id)
        unit.users.disable(ben.id)


@pytest.mark.parametrize("name", ["ＡＮＮ", " Ann ", "\U0001d41ann"])
def test_a_name_that_only_looks_another_is_the_same(store: Store, name: str) -> None:
    with store.write(ANN) as unit:
        ann = unit.users.add(name="ann", role=Role.VIEWER)
        assert unit.users.by_name(name).id == ann.id
        with pytest.raises(Conflict, match="already"):
            unit.users.add(name=name, role=Role.VIEWER)


@pytest.mark.parametrize("name", ["", " ", "a b", "an\u200bn", "\u202enna", "a\x7f"])
def test_a_name_of_blanks_or_of_signs_nobody_sees_is_refused(store: Store, name: str) -> None:
    with store.write(ANN) as unit, pytest.raises(Refused, match="nobody sees"):
        unit.users.add(name=name, role=Role.VIEWER)


def test_a_user_has_nothing_else_to_change(store: Store) -> None:
    with store.write(ANN) as unit:
        ann = unit.users.add(name="ann", role=Role.ADMIN)
        with pytest.raises(Refused, match="no disabled_at"):
            unit.users.change(ann.id, disabled_at=None)


def test_secrets_are_nowhere_in_the_database(store: Store) -> None:
    with store.write(ANN) as unit:
        ann = unit.users.add(name="ann", role=Role.ADMIN, password_hash="$argon2id$hash")
        secrets = [
            unit.sessions.add(ann.id, expires_at=now() + TOMORROW)[1],
            unit.tokens.add(ann.id, name="for QGIS", scopes=["read"])[1],
            unit.invitations.add(role=Role.ADMIN, expires_at=now() + TOMORROW)[1],
        ]
        unit.users.change(ann.id, password_hash="$argon2id$other")
    with store.engine.connect() as connection:
        rows = {
            table.name: "\n".join(map(str, connection.execute(sa.select(table))))
            for table in Table.metadata.sorted_tables
        }
    for secret in secrets:
        assert len(secret) >= 43
        assert not any(secret in text for text in rows.values())
    # the log tells that a password changed, and keeps no hash of one
    assert "argon2id" not in rows["audit_log"]
    assert "password_hash" in rows["audit_log"]


def test_a_session_ends(store: Store) -> None:
    with store.write(ANN) as unit:
        ann = unit.users.add(name="ann", role=Role.ADMIN)
        ben = unit.users.add(name="ben", role=Role.VIEWER)
        session, secret = unit.sessions.add(ann.id, expires_at=now() + TOMORROW, agent="x" * 999)
        unit.sessions.touch(session.id)
        assert unit.sessions.by_secret(secret)[1].name == "ann"
        with pytest.raises(NotFound):
            unit.sessions.by_secret(secret + "x")
        unit.sessions.end(session.id)
        unit.sessions.end(session.id)
        with pytest.raises(NotFound):
            unit.sessions.by_secret(secret)
        old = unit.sessions.add(ann.id, expires_at=now() - TOMORROW)[1]
        with pytest.raises(Gone, match="expired"):
            unit.sessions.by_secret(old)
        his = unit.sessions.add(ben.id, expires_at=now() + TOMORROW)[1]
        unit.users.disable(ben.id)
        with pytest.raises(Gone, match="disabled"):
            unit.sessions.by_secret(his)
        assert unit.sessions.sweep() == 1
        assert unit.sessions.end_all(ben.id) == 1


def test_a_token_is_good_until_it_is_not(store: Store) -> None:
    with store.write(ANN) as unit:
        ann = unit.users.add(name="ann", role=Role.ADMIN)
        token, secret = unit.tokens.add(ann.id, name="QGIS", scopes=["write", "read", "read"])
        unit.tokens.touch(token.id)
        assert unit.tokens.by_secret(secret)[0].scopes == ["read", "write"]
        unit.tokens.revoke(token.id)
        with pytest.raises(Gone, match="revoked"):
            unit.tokens.by_secret(secret)
        old = unit.tokens.add(ann.id, name="old", scopes=[], expires_at=now() - TOMORROW)[1]
        with pytest.raises(Gone, match="expired"):
            unit.tokens.by_secret(old)


def test_an_invitation_works_once(store: Store) -> None:
    with store.write(ANN) as unit:
        _, secret = unit.invitations.add(role=Role.ADMIN, expires_at=now() + TOMORROW)
        _, late = unit.invitations.add(role=Role.ADMIN, expires_at=now() - TOMORROW)
    with store.write(ANN) as unit:
        assert unit.invitations.open(secret).role == "admin"
        user = unit.users.add(name="ann", role=Role.ADMIN)
        unit.invitations.use(secret, user.id)
    with store.write(ANN) as unit:
        with pytest.raises(Gone, match="used before"):
            unit.invitations.use(secret, user.id)
        with pytest.raises(Gone, match="expired"):
            unit.invitations.open(late)
        with pytest.raises(NotFound):
            unit.invitations.open("guess")


def test_failed_sign_ins_are_counted(store: Store) -> None:
    before = now()
    with store.write(ANN) as unit:
        for subject in ("ann", "ann", "ben"):
            last = unit.sign_in_attempts.add(subject)
        assert unit.sign_in_attempts.since("ann", before) == 2
        assert unit.sign_in_attempts.since("ann", now() + TOMORROW) == 0
        unit.sign_in_attempts.take_back(last)
        assert unit.sign_in_attempts.since("ben", before) == 0
        assert unit.sign_in_attempts.sweep(now() + TOMORROW) == 2
