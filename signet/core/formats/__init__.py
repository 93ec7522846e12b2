"""Documents to nouns: each reader returns a value, or refuses with every fault of the document and its place."""
