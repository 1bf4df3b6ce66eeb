"""Articles, captures and new matches in the formats of other tools, streamed: memory does not grow with what is exported."""
