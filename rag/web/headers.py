"""Headers that every response carries, also those that never reach the application."""

from __future__ import annotations

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of what is no page: nothing is loaded, run or framed."""

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of pages: their own files, and nothing written into them."""

# Nothing here forbids text fragments, by which a link leads to the quoted sentence.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"
    ),
}
"""The same for every response."""

UNLESS_TOLD = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What a route may decide for itself. A response to an allowed other origin needs no more."""
