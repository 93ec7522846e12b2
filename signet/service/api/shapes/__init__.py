"""The answers as the OpenAPI document describes them. No answer is validated with them while it is sent: tests do that.

A member that may be missing has a default here; all others are always there. Forms only grow, so readers ignore what
they do not know.
"""
