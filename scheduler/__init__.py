"""What is due, and the jobs and processes that do it."""
