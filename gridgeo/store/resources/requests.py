"""What comes from outside: uploads, and requests that are sent twice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from ..blobs import Blob
from ..errors import Conflict
from ..ids import new_id
from ..tables import IdempotencyKey, JsonObject, Upload, now
from .files import Files
from .resource import Resource, insert_unless_there


class Uploads(Resource[Upload]):
    """Files that somebody sent, before anything is made of them."""

    table = Upload
    word = "upload"

    def add(
        self,
        file: Blob,
        *,
        name: str,
        media_type: str,
        user_id: str | None = None,
        community_id: str | None = None,
        expires_at: datetime | None = None,
    ) -> Upload:
        """Keep an uploaded file."""
        return self._added(
            Upload(
                user_id=user_id,
                community_id=community_id,
                name=name,
                media_type=media_type,
                file_sha256=Files(self.session).put(file),
                expires_at=expires_at,
            )
        )

    def judge(self, upload_id: str, verdict: JsonObject) -> Upload:
        """Note what the data doctor said.

        Raises:
            NotFound: no such upload.
        """
        return self._changed(self.locked(upload_id), verdict=verdict)

    def remove(self, upload_id: str) -> None:
        """Remove an upload; its content goes with the next ``Files.sweep``.

        Raises:
            NotFound: no such upload.
        """
        self.session.delete(self.locked(upload_id))
        self.session.flush()

    def sweep(self, *, but: Collection[str] = ()) -> int:
        """Remove the uploads that have expired, ``but`` those of these ids; return how many."""
        old = sa.select(Upload).where(Upload.expires_at <= now()).order_by(Upload.id)
        rows = [row for row in self._all(old.with_for_update()) if row.id not in but]
        for row in rows:
            self.session.delete(row)
        self.session.flush()
        return len(rows)


class IdempotencyKeys(Resource[IdempotencyKey]):
    """Writes that a client may send again without their being done again."""

    table = IdempotencyKey
    word = "idempotency key"

    def begin(
        self, user_id: str, *, route: str, key: str, request_hash: str, expires_at: datetime
    ) -> IdempotencyKey | None:
        """Begin a request, in the unit of its write: None means do it, then ``finish``.

        A row is the answer of the first request; a unit that is still doing it is waited for.

        Raises:
            Conflict: the key was used for another request.
        """
        self.sweep(user_id)
        values = {
            "id": new_id(),
            "created_at": now(),
            "user_id": user_id,
            "route": route,
            "key": key,
            "request_hash": request_hash,
            "expires_at": expires_at,
        }
        if insert_unless_there(self.session, IdempotencyKey, values):
            return None
        row = self._one(says=repr(key), user_id=user_id, route=route, key=key)
        if row.request_hash != request_hash:
            raise Conflict("This Idempotency-Key was used for another request. Make a new key.")
        return row

    def sweep(self, user_id: str | None = None) -> int:
        """Remove the keys that have expired, of one user or of all; return how many."""
        old = sa.delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now())
        if user_id is not None:
            old = old.where(IdempotencyKey.user_id == user_id)
        return self.session.connection().execute(old).rowcount

    def finish(
        self, user_id: str, *, route: str, key: str, status: int, response: JsonObject | None
    ) -> None:
        """Keep the answer to a request, in the unit that began it.

        Raises:
            NotFound: it was not begun.
        """
        row = self._one(says=repr(key), user_id=user_id, route=route, key=key)
        self._changed(row, status=status, response=response)
