"""Users: one account a person, disabled and never removed."""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa

from ..errors import Conflict, Refused
from ..tables import Role, User, now
from .resource import Resource


class Users(Resource[User]):
    """The accounts."""

    table = User
    word = "user"

    def add(self, *, name: str, role: Role, **more: Any) -> User:
        """Add a user.

        ``more``: ``full_name``, ``email``, ``password_hash`` (of argon2), ``subject`` (of OIDC),
        ``worker_id``.

        Raises:
            Refused: the name is empty or holds blanks.
            Conflict: the name or the subject is taken.
        """
        name = _as_kept(name)
        if self.count(name=name):
            raise Conflict(f"There is a user {name!r} already. Choose another name.")
        return self._added(User(name=name, role=Role(role).value, **more))

    def by_name(self, name: str) -> User:
        """Return a user by what they sign in with, in whatever case.

        Raises:
            NotFound: there is none.
        """
        return self._one(says=f"{name!r}", name=_folded(name))

    def by_subject(self, subject: str) -> User:
        """Return a user by issuer and subject of OIDC.

        Raises:
            NotFound: there is none.
        """
        return self._one(says="with this subject", subject=subject)

    def change(self, user_id: str, *, revision: int | None = None, **values: Any) -> User:
        """Change the values that ``add`` takes, but for the name.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
            Conflict: the last admin would be none any more.
        """
        unknown = values.keys() - {
            "full_name",
            "email",
            "role",
            "password_hash",
            "subject",
            "worker_id",
        }
        if unknown:
            raise Refused(f"A user has no {', '.join(sorted(unknown))} to change.")
        if "role" in values:
            values["role"] = Role(values["role"]).value
            if values["role"] != Role.ADMIN:
                self._check_other_admin(user_id)
        return self._changed(self.locked(user_id, revision=revision), **values)

    def disable(self, user_id: str, *, revision: int | None = None) -> User:
        """Shut a user out, with their sessions and tokens; their rows stay.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
            Conflict: it is the last admin.
        """
        self._check_other_admin(user_id)
        row = self.locked(user_id, revision=revision)
        return self._changed(row, disabled_at=row.disabled_at or now())

    def enable(self, user_id: str, *, revision: int | None = None) -> User:
        """Let a user in again.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
        """
        return self._changed(self.locked(user_id, revision=revision), disabled_at=None)

    def _check_other_admin(self, user_id: str) -> None:
        # All admins are held, in one order and before any other row: so two of them can neither
        # put out each other at once, nor wait for each other.
        admins = sa.select(User.id).filter_by(role=Role.ADMIN.value, disabled_at=None)
        ids = self.session.scalars(admins.order_by(User.id).with_for_update()).all()
        if ids == [user_id]:
            raise Conflict("This is the only admin. Make another one first.")


def _as_kept(name: str) -> str:
    name = _folded(name)
    if not name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise Refused(
            "A user's name is empty, or holds blanks or signs that nobody sees. "
            "Give a word or an e-mail address."
        )
    return name


def _folded(name: str) -> str:
    """Return a name in the one way it is kept, whatever letters that look alike were typed."""
    plain = unicodedata.normalize("NFKC", name.strip()).casefold()
    return unicodedata.normalize("NFKC", plain)
