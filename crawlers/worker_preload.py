"""What the fork server imports before it forks workers. Nothing else imports this module.

Importing is all it does: no threads, no open files, no library state that a fork could break.
"""

from __future__ import annotations

import storage.near_duplicates  # noqa: F401
