"""The OpenAPI document: what FastAPI knows of the routes, and what it cannot know: tokens, errors, answers."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.adk import MODES
from api.http.examples import ERRORS, EXAMPLES, PLACES, STREAM

Json = dict[str, Any]

METHODS = frozenset({"get", "post", "put", "delete", "patch"})

SKILL = [
    {
        "name": name, "in": "header", "required": False, "schema": {"type": "string"}, "example": example,
        "description": "Who the calling skill is. All three lift the free plan's gate.",
    }
    for name, example in (("X-Skill-Source", "photo-animator"), ("X-Skill-Version", "1.0"),
                          ("X-Skill-Platform", "terminal"))
]  # fmt: skip

CLIENT = {
    "name": "X-Client-Id", "in": "header", "required": True,
    "schema": {"type": "string", "maxLength": 64, "minLength": 1},
    "example": "5b0f2a4e-0a51-4d9a-9d6a-0a4bb8f6a1c3", "description": "Any text that stays the same for one client.",
}  # fmt: skip

FORM = {
    "name": "sse", "in": "query", "required": False, "schema": {"type": "string", "enum": list(MODES)},
    "example": "adk", "description": "Form of the events: ADK's with members for other readers, pure ADK, or flat.",
}  # fmt: skip

OPEN = ("/api/auth/anonymous-token", "/files/", "/cdn/", "/health/", "/metrics")
"""Paths that ask for no token."""

OPTIONAL = frozenset({"outputUrl", "output", "error", "completedAt", "expires_at", "url"})
"""Members that may be null."""


def described(app: FastAPI) -> Json:
    """The document of an application, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": "nmv_usr_..."}}
    parts.setdefault("schemas", {})["Error"] = {
        "type": "object",
        "required": ["code", "message", "data"],
        "properties": {
            "code": {"type": "integer"},
            "message": {"type": "string"},
            "data": {"type": ["object", "null"]},
            "detail": {},
        },
    }
    for path, operations in document["paths"].items():
        for method in METHODS & operations.keys():
            _describe(path, method, operations[method])
    app.openapi_schema = document
    return document


def _describe(path: str, method: str, operation: Json) -> None:
    if not path.startswith(OPEN):
        operation["security"] = [{"token": []}]
    if path == "/api/auth/anonymous-token":
        operation.setdefault("parameters", []).append(CLIENT)
    if path in ("/api/render/proxy/lambda", "/api/render/proxy/draft"):
        operation.setdefault("parameters", []).extend(SKILL)
    if path == "/run_sse":
        operation.setdefault("parameters", []).append(FORM)
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            about, parameter["example"] = PLACES[parameter["name"]]
            parameter["description"] = about
    answers = operation["responses"]
    example = EXAMPLES.get((method, path))
    if example is not None:
        content = answers["200"].setdefault("content", {}).setdefault("application/json", {})
        content["schema"], content["example"] = schema_of(example), example
    if path == "/run_sse":
        answers["200"]["content"] = {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM}}
    for status, (about, body) in ERRORS.items():
        if path.startswith("/health/"):
            continue
        answers[str(status)] = {
            "description": about,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "example": body}},
        }


def schema_of(example: object, name: str = "") -> Json:
    """A schema that an example fulfils: types and members; members may be added."""
    if isinstance(example, dict):
        found: Json = {"type": "object", "properties": {key: schema_of(value, key) for key, value in example.items()}}
        if name not in ("draft", "canvas_config", "output"):
            found["required"] = sorted(example)
    elif isinstance(example, list):
        found = {"type": "array", "items": schema_of(example[0]) if example else {}}
    elif isinstance(example, bool):
        found = {"type": "boolean"}
    elif isinstance(example, int | float):
        found = {"type": "number"}
    elif example is None:
        return {"type": ["string", "null"]}
    else:
        found = {"type": "string"}
    if name in OPTIONAL:
        found["type"] = [found["type"], "null"]
    return found
