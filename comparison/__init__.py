"""Which claims of a report have a second, independent source. Finds passages; never says what is true."""
