"""One file a change of the schema; one editable baseline until 0.1.0."""
