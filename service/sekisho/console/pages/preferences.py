"""Sets how an analyst wants the pages."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.forms import Form
from sekisho.console.preferences import COOKIES, cookie_name
from sekisho.console.sign_in.paths import inner

_YEAR: Final = 365 * 86_400


async def _set(request: Request) -> Response:
    form = await Form.sent(request)
    response = RedirectResponse(inner(form.text("back")), 303)
    for name, values in COOKIES.items():
        if value := form.choice(name, values):
            secure = request.app.state.secure
            response.set_cookie(
                cookie_name(name), value, _YEAR, samesite="lax", httponly=True, secure=secure
            )
    return response


ROUTES = [Route("/preferences", _set, methods=["POST"])]
