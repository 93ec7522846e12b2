"""What an answer of Signet's own is known by, wherever it passes."""

OF_A_MOCK = "urn:signet:mock:"
"""How the type of a problem begins that is a mock's own, and no provider's; the code of the rule follows."""
