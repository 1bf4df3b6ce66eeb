"""A living publisher for the tests: good pages, and every way in which a server can misbehave. See ``server``."""
