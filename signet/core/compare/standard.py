"""The headers that HTTP and its companions define, so that a spec need not name them.

RFC 9110 to 9112 (HTTP), 6265 (cookies), 6797, 7239, 8288, 8594, the Fetch and Referrer Policy standards, and what came
before them and is still sent. In small letters.
"""

from __future__ import annotations

_BOTH = """
cache-control connection content-disposition content-encoding content-language content-length content-location
content-md5 content-range content-type date digest keep-alive link pragma trailer transfer-encoding upgrade via warning
"""

REQUEST_HEADERS = frozenset(
    f"""{_BOTH}
accept accept-charset accept-datetime accept-encoding accept-language access-control-request-headers
access-control-request-method authorization cookie dnt expect forwarded from host http2-settings if-match
if-modified-since if-none-match if-range if-unmodified-since max-forwards origin prefer proxy-authorization
proxy-connection range referer save-data sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user te traceparent
tracestate upgrade-insecure-requests user-agent x-forwarded-for x-forwarded-host x-forwarded-proto x-requested-with
""".split()
)

RESPONSE_HEADERS = frozenset(
    f"""{_BOTH}
accept-patch accept-post accept-ranges access-control-allow-credentials access-control-allow-headers
access-control-allow-methods access-control-allow-origin access-control-expose-headers access-control-max-age age allow
alt-svc content-security-policy deprecation delta-base etag expires im last-modified location p3p permissions-policy
preference-applied proxy-authenticate public-key-pins referrer-policy retry-after server server-timing set-cookie
strict-transport-security sunset timing-allow-origin tk vary www-authenticate x-content-type-options x-frame-options
""".split()
)
