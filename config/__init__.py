"""Settings and outlet cards: everything a person may change, read once, validated whole, then frozen."""
