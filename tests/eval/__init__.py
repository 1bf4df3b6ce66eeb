"""Evaluation: labelled sets of our own texts (README.md), their reader, their pinned hashes, and what is computed from them."""
