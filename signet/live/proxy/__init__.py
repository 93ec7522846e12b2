"""A transparent proxy on loopback, in front of a stub, a mock or a real provider, that hands over what it sees.

    with proxied("http://127.0.0.1:8000", recorder) as proxy:
        ...                            # requests to proxy.url; what is answered goes to the recorder

What a client sends reaches the provider as it is, and so does the answer, byte for byte: compressed bodies, repeated
headers, ``%2F``, trailers, 1xx, streams as they come. Only what HTTP says is between neighbours alone is made anew
(framing, Connection), and ``Host`` names the provider. Each connection of a client has a connection of its own to the
provider, and nothing is kept from one to the next: there is no jar, no pool, no cache. It makes no contract itself;
that is ``signet.live.recording``.
"""

from signet.errors import UsageError

try:
    from signet.live.proxy.server import Proxy, proxied
except ModuleNotFoundError as error:
    if error.name != "h11":
        raise
    raise UsageError("Recording needs h11, which is not installed.", "pip install signet-registry[proxy]") from None

__all__ = ["Proxy", "proxied"]
