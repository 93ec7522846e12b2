"""The index service, asked as its users ask it: over HTTP, on real registries."""
