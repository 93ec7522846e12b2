"""READ: the index service. It answers questions about a registry over HTTP, shows pages, and tells what happened.

It has no route that writes, and holds no truth: what it answers follows from one commit of its mirror of the registry.
"""
