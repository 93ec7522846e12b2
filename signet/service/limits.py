"""How much a request may bring: its address, its headers and its body. It knows no route, and no time.

A body is counted while it is read, whatever its length claims to be, and never held here.
"""

from __future__ import annotations

from typing import Any

from signet.service import problems

BODY = 1 << 20
ADDRESS = 8_192
HEADERS = 100


class Limited:
    """An ASGI application with these limits before it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or say what of it is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length, has_body = _announced(scope["headers"])
        if len(scope["raw_path"]) + len(scope["query_string"]) > ADDRESS:
            await problems.problem(414, "The address is too long.")(scope, receive, send)
        elif len(scope["headers"]) > HEADERS:
            await problems.problem(431, "There are too many headers.")(scope, receive, send)
        elif length > BODY:
            await _too_large(scope, receive, send)
        elif has_body:
            await self._counted(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _counted(self, scope: Any, receive: Any, send: Any) -> None:
        size, is_too_large, has_started = 0, False, False

        async def bounded() -> Any:
            nonlocal size, is_too_large
            message = await receive()
            size += len(message.get("body", b""))
            if size > BODY and not has_started:
                is_too_large = True
                return {"type": "http.disconnect"}
            return message

        async def guarded(message: Any) -> None:
            nonlocal has_started
            if not is_too_large:
                has_started = True
                await send(message)

        await self.app(scope, bounded, guarded)
        if is_too_large:
            await _too_large(scope, receive, send)


def _announced(headers: list[tuple[bytes, bytes]]) -> tuple[int, bool]:
    """How long the body says that it is (0 where it does not), and whether there is one."""
    lengths = [value for name, value in headers if name == b"content-length"]
    told = max((int(one) if one.isdigit() and len(one) < 20 else BODY + 1 for one in lengths), default=0)
    return told, told > 0 or any(name == b"transfer-encoding" for name, _ in headers)


async def _too_large(scope: Any, receive: Any, send: Any) -> None:
    title = f"The body is larger than {BODY} bytes."
    await problems.problem(413, title)(scope, receive, send)
