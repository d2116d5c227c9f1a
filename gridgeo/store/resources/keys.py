"""What opens the door: sessions, tokens and invitations; the secrets themselves are not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from ..errors import Gone, NotFound, Refused
from ..ids import hash_of, new_secret
from ..tables import Invitation, Role, Session, SignInAttempt, Token, User, now
from .resource import Resource


class Sessions(Resource[Session]):
    """Browsers that are signed in."""

    table = Session
    word = "session"

    def add(
        self, user_id: str, *, expires_at: datetime, address: str = "", agent: str = ""
    ) -> tuple[Session, str]:
        """Sign a user in; return the row and the secret for the cookie."""
        secret = new_secret()
        row = Session(
            user_id=user_id,
            secret_hash=hash_of(secret),
            expires_at=expires_at,
            address=address,
            agent=agent[:300],
        )
        return self._added(row), secret

    def by_secret(self, secret: str) -> tuple[Session, User]:
        """Return a session that is alive, and its user.

        Raises:
            NotFound: no such session.
            Gone: it has expired, or its user is disabled.
        """
        row = self._one(says="of this cookie", secret_hash=hash_of(secret))
        if row.expires_at <= now():
            raise Gone("The session has expired. Sign in again.")
        return row, _living_user(self.session, row.user_id)

    def touch(self, session_id: str) -> None:
        """Note that a session was used; where nobody else writes to it now."""
        self._changed(self.get(session_id), last_used_at=now())

    def end(self, session_id: str) -> None:
        """Sign out; to end a session that has ended is no fault."""
        row = self.session.get(Session, session_id)
        if row is not None:
            self.session.delete(row)
            self.session.flush()

    def end_all(self, user_id: str) -> int:
        """Sign a user out everywhere, as after a new password; return how many sessions ended."""
        return self._end(sa.select(Session).filter_by(user_id=user_id))

    def sweep(self) -> int:
        """Remove the sessions that have expired; return how many."""
        return self._end(sa.select(Session).where(Session.expires_at <= now()))

    def _end(self, chosen: sa.Select[tuple[Session]]) -> int:
        rows = self.session.scalars(chosen.order_by(Session.id).with_for_update()).all()
        for row in rows:
            self.session.delete(row)
        self.session.flush()
        return len(rows)


class Tokens(Resource[Token]):
    """Keys for programs."""

    table = Token
    word = "token"

    def add(
        self,
        user_id: str,
        *,
        name: str,
        scopes: Sequence[str],
        expires_at: datetime | None = None,
    ) -> tuple[Token, str]:
        """Make a token; return the row and the secret, which nobody can read again."""
        if not name.strip():
            raise Refused("The name of a token is empty. Say what it is for.")
        secret = f"gg_{new_secret()}"
        row = Token(
            user_id=user_id,
            name=name,
            secret_hash=hash_of(secret),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        )
        return self._added(row), secret

    def by_secret(self, secret: str) -> tuple[Token, User]:
        """Return a token that is good, and its user.

        Raises:
            NotFound: no such token.
            Gone: it has expired or was revoked, or its user is disabled.
        """
        row = self._one(says="of this secret", secret_hash=hash_of(secret))
        if row.revoked_at is not None:
            raise Gone("The token was revoked.")
        if row.expires_at is not None and row.expires_at <= now():
            raise Gone("The token has expired.")
        return row, _living_user(self.session, row.user_id)

    def touch(self, token_id: str) -> None:
        """Note that a token was used."""
        self._changed(self.get(token_id), last_used_at=now())

    def revoke(self, token_id: str) -> Token:
        """Make a token worthless.

        Raises:
            NotFound: no such token.
        """
        row = self.get(token_id)
        return self._changed(row, revoked_at=row.revoked_at or now())

    def revoke_all(self, user_id: str, *, scope: str) -> int:
        """Make the tokens of a user worthless that bear a scope; return how many."""
        alive = sa.select(Token).filter_by(user_id=user_id, revoked_at=None).order_by(Token.id)
        rows = [row for row in self._all(alive.with_for_update()) if scope in row.scopes]
        for row in rows:
            self._changed(row, revoked_at=now())
        return len(rows)


class Invitations(Resource[Invitation]):
    """Links that make an account, once: the first admin's among them."""

    table = Invitation
    word = "invitation"

    def add(self, *, role: Role, expires_at: datetime) -> tuple[Invitation, str]:
        """Make an invitation; return the row and the secret for the link."""
        secret = new_secret()
        row = Invitation(secret_hash=hash_of(secret), role=Role(role).value, expires_at=expires_at)
        return self._added(row), secret

    def open(self, secret: str) -> Invitation:
        """Return an invitation that is still good, held until the unit ends.

        Raises:
            NotFound: no such invitation.
            Gone: it was used or has expired.
        """
        return self._good(secret, held=True)

    def look(self, secret: str) -> Invitation:
        """Return an invitation that is still good, for one to read.

        Raises:
            NotFound, Gone: see ``open``.
        """
        return self._good(secret, held=False)

    def _good(self, secret: str, *, held: bool) -> Invitation:
        found = sa.select(Invitation).filter_by(secret_hash=hash_of(secret))
        row = self.session.scalar(found.with_for_update() if held else found)
        if row is None:
            raise NotFound("There is no such invitation.")
        if row.used_at is not None:
            raise Gone("The invitation was used before. Ask for another.")
        if row.expires_at <= now():
            raise Gone("The invitation has expired. Ask for another.")
        return row

    def use(self, secret: str, user_id: str) -> Invitation:
        """Mark an invitation as used by the user it made.

        Raises:
            NotFound, Gone: see ``open``.
        """
        return self._changed(self.open(secret), used_at=now(), used_by=user_id)

    def withdraw(self, invitation_id: str) -> Invitation:
        """Make an invitation worthless, as if it had expired.

        Raises:
            NotFound: no such invitation.
            Gone: it was used.
        """
        row = self.locked(invitation_id)
        if row.used_at is not None:
            raise Gone("The invitation was used before. Shut out the user it made.")
        return self._changed(row, expires_at=min(row.expires_at, now()))

    def withdraw_unused(self, role: Role) -> int:
        """Withdraw all for a role that nobody has used; return how many."""
        alive = sa.select(Invitation).filter_by(role=Role(role).value, used_at=None)
        rows = self._all(alive.where(Invitation.expires_at > now()).with_for_update())
        for row in rows:
            self.withdraw(row.id)
        return len(rows)


class SignInAttempts(Resource[SignInAttempt]):
    """Sign-ins that failed, by whatever they are counted against: a name, an address."""

    table = SignInAttempt
    word = "attempt"

    def add(self, subject: str) -> str:
        """Count a failure; return its id."""
        return self._added(SignInAttempt(subject=subject)).id

    def take_back(self, attempt_id: str) -> None:
        """Count one less: it was no failure."""
        gone = sa.delete(SignInAttempt).where(SignInAttempt.id == attempt_id)
        self.session.connection().execute(gone)

    def since(self, subject: str, moment: datetime) -> int:
        """Return how many failures there were since a moment."""
        rows = sa.select(sa.func.count()).select_from(SignInAttempt).filter_by(subject=subject)
        return self.session.scalar(rows.where(SignInAttempt.created_at >= moment)) or 0

    def sweep(self, before: datetime) -> int:
        """Remove the failures before a moment; return how many."""
        gone = sa.delete(SignInAttempt).where(SignInAttempt.created_at < before)
        return self.session.connection().execute(gone).rowcount


def _living_user(session: sa.orm.Session, user_id: str) -> User:
    user = session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        raise Gone("This user is disabled.")
    return user
