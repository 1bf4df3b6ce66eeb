"""Why a job could not be done, named by what the caller can do next."""

from __future__ import annotations


class SchedulerError(Exception):
    """Root of this package's errors."""


class AlreadyRunningError(SchedulerError):
    """Another process holds what this one needs: wait for it, or stop it. The CLI exits 3. ``holder`` is "host:pid"."""

    def __init__(self, what: str, holder: str) -> None:
        self.what = what
        self.holder = holder
        host, _, pid = holder.rpartition(":")
        super().__init__(f"{what} is held by process {pid} on {host}; wait for it to end, or stop it")


class CrawlProcessError(SchedulerError):
    """The crawl process ended without closing its run. What it had committed is kept; the next crawl resumes."""

    def __init__(self, run_id: int, exit_code: int) -> None:
        self.run_id = run_id
        self.exit_code = exit_code
        super().__init__(f"the crawl process of run {run_id} ended with code {exit_code}; run the same crawl again to resume")
