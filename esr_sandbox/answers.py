"""How the sandbox answers when something is wrong."""

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from esr_sandbox.directory import UnknownRecord


def problem(status: int, code: str, message: str) -> web.Response:
    """Answer with the contract's `Problem`."""
    return web.json_response({"code": code, "message": message}, status=status)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into the contract's `Problem`; never repeats what was sent."""
    try:
        return await handler(request)
    except UnknownRecord as unknown:
        return problem(404, "not_found", str(unknown))
    except ValidationError as invalid:
        where = ", ".join(sorted({".".join(map(str, error["loc"])) or "body" for error in invalid.errors()}))
        return problem(400, "invalid_request", f"These are not as the contract has them: {where}.")
    except web.HTTPException as stopped:
        answer = problem(stopped.status, "not_possible", stopped.reason)
        if "Allow" in stopped.headers:  # RFC 9110, section 15.5.6: a 405 says what would be possible
            answer.headers["Allow"] = stopped.headers["Allow"]
        return answer
