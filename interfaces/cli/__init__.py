"""The command line: one command group a file, no logic."""
