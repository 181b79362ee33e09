"""Reading bodies as clients send them: JSON whatever the content type says, members in snake or camel case."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from engine.core.errors import Malformed

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, model: type[Model]) -> Model:
    """The JSON body of a request; an empty one has no members.

    Raises:
        Malformed: it is no JSON object, or a member is missing or of the wrong kind.
    """
    return parse_body(await request.body(), model)


def parse_body(raw: bytes, model: type[Model]) -> Model:
    """See :func:`read_body`."""
    value: Any = {}
    if raw.strip():
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise Malformed("The body is no JSON.", data={"detail": "not JSON"}) from error
    if not isinstance(value, dict):
        raise Malformed("The body must be a JSON object.", data={"detail": "not an object"})
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        first = details[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise Malformed(f"{place}: {first['msg']}.", data={"detail": details}) from error
    except RecursionError as error:
        raise Malformed("The body is nested too deeply.") from error


def body_schema(model: type[BaseModel], **examples: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says of a body that is read by hand, with named examples."""
    content: dict[str, Any] = {"schema": model.model_json_schema(by_alias=True)}
    if examples:
        content["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"content": {"application/json": content}, "required": False}}
