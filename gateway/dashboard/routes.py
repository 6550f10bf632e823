"""The addresses of the dashboard: its files, one page for every view, signing in and out."""

import json
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway import page
from gateway.admit import address_of, admit
from gateway.answers import answer, failure
from gateway.auth import Unauthenticated
from gateway.dashboard.door import same_origin
from gateway.dashboard.files import INDEX, File, read_files
from gateway.dashboard.session import SECONDS, Sessions, cookie_name
from gateway.graphql.accept import is_json
from gateway.quota import TooManyAttempts
from gateway.services import Services
from schema.models import Audit

# The first words of the page's own addresses; any other address is unknown here.
VIEWS = (
    *("invoices", "customers", "products", "projects", "payments", "costs", "issues", "conflicts"),
    *("webhooks", "numbers", "reconciliation", "runs", "keys", "log", "settings", "setup"),
)
# Below these words live the vendors' doorbells, which no view may answer for.
SHARED = ("webhooks",)


def routes(services: Callable[[], Services], *, sessions: Sessions) -> list[BaseRoute]:
    """Return the routes; without built files there is a plain page and nothing else."""
    signing = _Signing(services, sessions)
    found: list[BaseRoute] = [
        Route("/session", signing.sign_in, methods=["POST"]),
        Route("/session", signing.sign_out, methods=["DELETE"]),
    ]
    files = read_files()
    if not files:
        return [*found, Route("/", page.page, methods=["GET"])]
    shown = _Shown(files)
    for path in (
        "/",
        *(f"/{view}" for view in VIEWS),
        *(f"/{view}/{{rest:path}}" for view in VIEWS if view not in SHARED),
    ):
        found.append(Route(path, shown.page, methods=["GET"]))
    for name in files.keys() - {INDEX}:
        if "/" not in name:
            found.append(Route(f"/{name}", shown.file, methods=["GET"]))
    found.append(Route("/assets/{name}", shown.file, methods=["GET"]))
    return found


class _Shown:
    """Sends the built files."""

    def __init__(self, files: dict[str, File]) -> None:
        self._files = files

    async def page(self, request: Request) -> Response:
        """Send the page; which view it shows is its own matter."""
        return _send(request, self._files[INDEX])

    async def file(self, request: Request) -> Response:
        """Send a file that belongs to the page."""
        found = self._files.get(request.url.path.removeprefix("/"))
        if found is None:
            raise HTTPException(404)
        return _send(request, found)


def _send(request: Request, file: File) -> Response:
    headers = dict(file.headers)
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = file.body
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = file.packed
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers)


class _Signing:
    """Exchanges an API key for a session, and ends the session."""

    def __init__(self, services: Callable[[], Services], sessions: Sessions) -> None:
        self._services, self._sessions = services, sessions

    async def sign_in(self, request: Request) -> Response:
        """Answer a valid key with the cookie of a new session."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        key = _key(await request.body())
        try:
            attempts, address = self._services().attempts, address_of(request.scope)
            principal = await admit(attempts, address, f"Bearer {key}")
        except TooManyAttempts as error:
            wait = {"retry-after": str(error.retry_after)}
            return failure(429, code=error.code, message=str(error), headers=wait)
        except Unauthenticated as error:
            return failure(401, message=str(error))
        await Audit.create(actor=principal.id, action="signIn", subject=principal.name)
        made = answer({"name": principal.name, "scopes": sorted(principal.scopes)})
        self._set(made, self._sessions.seal(key), seconds=SECONDS)
        return made

    async def sign_out(self, request: Request) -> Response:
        """End the session, whether it still was one or not."""
        if not same_origin(request.headers, public_url=self._public_url):
            return _foreign()
        text = request.cookies.get(cookie_name(self._public_url))
        if text:
            await self._sessions.end(text)
        made = Response(status_code=204)
        self._set(made, "", seconds=0)
        return made

    def _refusal(self, request: Request) -> Response | None:
        if not same_origin(request.headers, public_url=self._public_url):
            return _foreign()
        if not is_json(request.headers.get("content-type")):
            return failure(415, message="Send application/json in UTF-8.")
        return None

    def _set(self, response: Response, text: str, *, seconds: int) -> None:
        response.set_cookie(
            cookie_name(self._public_url),
            text,
            max_age=seconds,
            path="/",
            secure=self._public_url.startswith("https://"),
            httponly=True,
            samesite="strict",
        )

    @property
    def _public_url(self) -> str:
        return self._services().settings.public_url


def _foreign() -> Response:
    return failure(403, message="Only the dashboard's own page signs in and out.")


def _key(body: bytes) -> str:
    """Take the key out of the body; whatever else it holds is no key."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    key = found.get("key") if isinstance(found, dict) else None
    return key.strip() if isinstance(key, str) else ""
