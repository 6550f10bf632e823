"""The page at `/` for a person who opens the gateway's address in a browser."""

from starlette.requests import Request
from starlette.responses import Response

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Severa Gateway</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto}</style>
<h1>Severa Gateway</h1>
<p>Keeps Visma Severa and Visma.net Financials in step, and shows both as one GraphQL API.</p>
<ul>
<li><a href="/graphql">/graphql</a>: the API; send an API key as a Bearer token</li>
<li><a href="/readyz">/readyz</a>: is it ready?</li>
<li><a href="/metrics">/metrics</a>: numbers for Prometheus</li>
</ul></html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


async def page(request: Request) -> Response:
    """Answer with the page."""
    return Response(
        _PAGE,
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": _POLICY},
    )
