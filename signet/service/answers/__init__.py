"""Questions about a snapshot, as plain JSON values: what the API sends and what pages show.

One module a family of questions, one function a question: ``(Snapshot, parameters) -> dict`` with ``schema`` and
``commit``. They read and decide through ``signet.core`` and ``signet.registry``; they know neither HTTP nor paging, and
asking twice gives equal values.
"""
