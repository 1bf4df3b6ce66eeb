"""One spider for all outlets of a run."""
