"""The OpenAPI document describes every endpoint, and its examples have the members of real answers."""

from pathlib import Path
from typing import Any

import httpx

from api.http.examples import EXAMPLES
from tests.service.person import APP, Person
from tests.service.server import Server

BYTES = {"/api/render/proxy/{render_id}/download", "/files/{key}/{name}", "/cdn/render-result/{name}", "/metrics"}
"""Paths whose answers are no JSON."""


def test_every_endpoint_has_a_summary_an_example_and_its_errors(server: Server) -> None:
    document = httpx.get(f"{server.url}/openapi.json").json()
    assert document["components"]["securitySchemes"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            good = operation["responses"]["200"]
            if path not in BYTES:
                (content,) = good["content"].values()
                assert content["example"], (method, path)
            if path.startswith("/api/") and path != "/api/auth/anonymous-token":
                assert operation["security"] == [{"token": []}]
                assert operation["responses"]["401"]["content"]["application/json"]["example"]["code"] == 1001
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                assert body["schema"], (method, path)
                # A form holds a file: no text can be an example of it.
                assert kind != "application/json" or body.get("example") or body.get("examples"), (method, path)
            for parameter in operation.get("parameters", []):
                assert parameter["example"], (method, path, parameter)
                assert parameter["description"], (method, path, parameter)


def members(value: Any) -> Any:
    """The names in some JSON, whatever their values are; of a list, those of its first item."""
    if isinstance(value, dict):
        return {name: members(item) for name, item in value.items() if name not in ("draft", "mo")}
    return members(value[0]) if isinstance(value, list) and value else None


def test_examples_have_the_members_of_real_answers(server: Server, person: Person, photo: Path) -> None:
    http = person.http
    answers = {
        ("post", "/api/auth/anonymous-token"): httpx.post(
            f"{server.url}/api/auth/anonymous-token", headers={"X-Client-Id": f"example {person.id}"}
        ),
        ("post", "/api/tasks/{user}/with-session/{app}"): http.post(f"/api/tasks/me/with-session/{APP}"),
        ("post", "/api/auth/claim-token"): http.post(
            "/api/auth/claim-token", json={"task_id": person.task, "session_id": person.session}
        ),
        ("post", "/api/upload-video/{app}/{user}/{session_id}"): person.upload(photo),
        ("get", "/api/credits/balance/simple"): http.get("/api/credits/balance/simple"),
        ("post", "/api/tokens"): http.post("/api/tokens", json={"name": "x", "scopes": ["read"]}),
        ("get", "/api/tokens"): http.get("/api/tokens"),
        ("get", "/health/live"): httpx.get(f"{server.url}/health/live"),
        ("get", "/health/ready"): httpx.get(f"{server.url}/health/ready"),
    }
    token_id = answers["post", "/api/tokens"].json()["data"]["id"]
    answers["post", "/api/tokens/{token_id}/revoke"] = http.post(f"/api/tokens/{token_id}/revoke")
    person.say("animate this, 1 second")
    answers["get", "/api/state/{app}/{user}/{session_id}/latest"] = http.get(
        f"/api/state/{APP}/me/{person.session}/latest"
    )
    name = f"example-{person.id}"
    assert person.order(name).status_code == httpx.codes.OK
    assert person.wait(name)["status"] == "completed"
    answers["get", "/api/render/proxy/lambda/{render_id}"] = http.get(f"/api/render/proxy/lambda/{name}")
    for key, answer in answers.items():
        assert answer.status_code == httpx.codes.OK, (key, answer.text)
        assert members(answer.json()) == members(EXAMPLES[key]), key
