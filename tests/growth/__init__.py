"""A generator of registries as they are after years: so many services, so many versions each, with all the history.

``story`` says what happened (the same for the same shape, always), ``contents`` what the specs and contracts say,
``grown`` writes it all by one ``git fast-import``. What comes out is what the product itself would have written: the
tests hold the trees of both against each other. By hand:

    python -m tests.growth 300x50 PATH
"""

from __future__ import annotations

from tests.growth.grown import grow
from tests.growth.story import ENVIRONMENTS, HUB, Pipeline, Shape, pipelines

__all__ = ["ENVIRONMENTS", "HUB", "Pipeline", "Shape", "grow", "pipelines"]
