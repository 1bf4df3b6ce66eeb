"""What can go wrong with the database, named by what the caller can do next."""

from __future__ import annotations


class StorageError(Exception):
    """Root of this package's errors."""


class DatabaseUnusableError(StorageError):
    """The database cannot be used as it is: unwritable, corrupt, of another schema, or unreachable.

    ``what`` says what is wrong in one line, ``remedy`` the command or act that mends it. The CLI exits 4.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


class LowDiskError(DatabaseUnusableError):
    """The disk of the database has less room than is to stay free. Nothing is lost, and nothing new is begun; the CLI exits 4."""

    def __init__(self, folder: str, free: int, floor: int) -> None:
        self.free = free
        self.floor = floor
        super().__init__(
            f"the disk of {folder} has {free / 1e6:,.0f} MB free, and {floor / 1e6:,.0f} MB are to stay free (min_free_bytes)",
            "make room (`secondsource db stats` tells what is large) and give the same command again: it goes on where this one ended",
        )


class NotFoundError(StorageError):
    """Nothing has this public key. ``kind`` is the noun ("article", "report"), ``key`` what was asked for."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"no {kind} {key!r}")


class ForgottenError(StorageError):
    """The address belongs to what ``db forget`` has erased: it is not stored or fetched again."""

    def __init__(self) -> None:
        super().__init__("erased by db forget; it is not fetched or stored again")


class DatabaseBusyError(StorageError):
    """The database could not take this transaction now: locked, full, or the connection was lost. Nothing of it was stored.

    The caller keeps what it wanted to write and tries the same again later.
    """


class ItemRefusedError(StorageError):
    """The database refused one item inside ``storage.database.savepoint``; the rest of the transaction stands.

    The caller records the item as quarantined and goes on.
    """


class StaleBatchError(StorageError):
    """What was put off to the end of a transaction did not meet its row there (storage.batches). Nothing of the transaction was stored.

    The caller does its items again one by one.
    """
