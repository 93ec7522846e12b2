"""Values made from a schema: readable, the same each time, and valid.

``generated`` is all of it. A value is built along the schema, choice by choice, and judged by the comparison's own
evaluator before it is handed out: what does not fit is never returned, and where nothing is found in the steps that
there are, ``NoValue`` says so. It reads no examples of responses; whoever answers requests does.
"""

from __future__ import annotations

from typing import Any

from signet.core.compare.modes import Mode
from signet.core.compare.source import Node, Source
from signet.live.mock.generated.draw import Draw
from signet.live.mock.generated.maker import STEPS, Exhausted, Maker, NoValue, Place

__all__ = ["Draw", "NoValue", "generated"]

FIXED = Draw()


def generated(source: Source, node: Node, mode: Mode, *, name: str = "", draw: Draw = FIXED) -> Any:
    """A value that fits a schema in a mode; NoValue where none is found.

    ``name`` is the property or header that it is for, which texts repeat. With all that is optional first; where that
    leads too far, or nowhere, with no more than must be there. What stands beside a ``$ref`` is heeded as long as it
    can be.
    """
    why = NoValue("no value fits the schema")
    for is_wary, is_lean in ((True, False), (True, True), (False, False), (False, True)):
        maker = Maker(source, mode, draw, is_wary, left=STEPS)
        try:
            value = maker.value((node,), Place((name,) if name else (), is_lean=is_lean))
        except NoValue as error:
            why = error
            continue
        except Exhausted:
            why = NoValue("making a value takes too many steps")
            continue
        if maker.fits(value, (node,)):
            return value
    raise why
