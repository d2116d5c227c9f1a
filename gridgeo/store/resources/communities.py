"""Communities and their workers."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Conflict, Refused
from ..tables import Community, JsonObject, Worker
from .resource import Resource

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Communities(Resource[Community]):
    """The communities of the office."""

    table = Community
    word = "community"

    def add(self, *, slug: str, name: str, details: JsonObject | None = None) -> Community:
        """Add a community.

        Raises:
            Refused: the slug is none, or the name is empty.
            Conflict: the slug is taken.
        """
        if not _SLUG.fullmatch(slug):
            raise Refused(
                f"{slug[:80]!r} is no slug. Use 1 to 63 small letters, digits and hyphens, "
                "no hyphen first or last."
            )
        _check_name(name, self.word)
        if self.count(slug=slug):
            raise Conflict(f"There is a community with the slug {slug!r} already. Choose another.")
        return self._added(Community(slug=slug, name=name, details=details or {}))

    def by_slug(self, slug: str) -> Community:
        """Return a community by its slug.

        Raises:
            NotFound: there is none.
        """
        return self._one(says=f"with the slug {slug!r}", slug=slug)

    def change(
        self,
        community_id: str,
        *,
        revision: int | None = None,
        name: str | None = None,
        details: JsonObject | None = None,
    ) -> Community:
        """Change the name or the details; None leaves them.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
            Refused: the name is empty.
        """
        row = self.locked(community_id, revision=revision)
        if name is not None:
            _check_name(name, self.word)
        return self._changed(row, **_given(name=name, details=details))


class Workers(Resource[Worker]):
    """The workers of the communities."""

    table = Worker
    word = "worker"

    def add(
        self, community_id: str, *, code: str, name: str, details: JsonObject | None = None
    ) -> Worker:
        """Add a worker to a community.

        Raises:
            Refused: the code or the name is empty.
            Conflict: the community has a worker of that code.
        """
        _check_name(code, "worker's code")
        _check_name(name, self.word)
        if self.count(community_id=community_id, code=code):
            raise Conflict(f"The community has a worker {code!r} already. Change that one.")
        return self._added(
            Worker(community_id=community_id, code=code, name=name, details=details or {})
        )

    def by_code(self, community_id: str, code: str) -> Worker:
        """Return a worker of a community.

        Raises:
            NotFound: there is none.
        """
        return self._one(says=repr(code), community_id=community_id, code=code)

    def change(
        self,
        worker_id: str,
        *,
        revision: int | None = None,
        name: str | None = None,
        details: JsonObject | None = None,
        active: bool | None = None,
    ) -> Worker:
        """Change a worker; None leaves a value.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
            Refused: the name is empty.
        """
        row = self.locked(worker_id, revision=revision)
        if name is not None:
            _check_name(name, self.word)
        return self._changed(row, **_given(name=name, details=details, active=active))


def _check_name(name: str, word: str) -> None:
    if not name.strip():
        raise Refused(f"The name of a {word} is empty. Give one.")


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
