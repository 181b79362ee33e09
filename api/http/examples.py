"""An answer of every endpoint, for the OpenAPI document; a test compares them with real answers."""

from typing import Any

Json = dict[str, Any]

_TIME, _MS = "2026-11-25T12:00:00.000Z", 1_774_000_000_000

_USER, _TASK, _SESSION = "anon_9f2c41d07ab3e516", "task_7k2m9x4q1w8z", "5529798706024415232"

_FILE_URL = "http://studio.local:8000/files/0d6f3c1b9a2e4f58/pier.jpg?e=1774600000&s=5b1c"

_VIDEO_URL = "http://studio.local:8000/cdn/render-result/7c9e6679f5b1.mp4?e=1774600000&s=9a0d"

_CLIP_URL = "http://studio.local:8000/files/5e8a1f0c7d2b4963/generated_c41f.mp4?e=1774600000&s=77d2"

_FILE: Json = {
    "id": "f_94f897d602f42e97", "file_id": "f_94f897d602f42e97", "filename": "pier.jpg", "file_type": "image",
    "content_type": "image/jpeg", "cdn_url": _FILE_URL, "url": _FILE_URL, "duration": 0.0, "width": 1920,
    "height": 1080, "fps": 0.0, "hash": "a5634d1ab5e4", "size": 1485159,
}  # fmt: skip

_DRAFT: Json = {
    "v": 2, "d": 10_000, "w": 1080, "h": 1920, "fps": 30,
    "t": [{"tt": 0, "id": "v", "sg": [{"s": 0, "d": 10_000, "id": "p1", "src": _FILE_URL, "mo": {"move": "zoom_in"}}]}],
}  # fmt: skip

_RENDER: Json = {
    "id": "render_1774000000", "status": "completed", "progress": 100, "outputUrl": _VIDEO_URL,
    "output": {"url": _VIDEO_URL, "size": 3_484_227, "format": "mp4", "duration": 10.0, "width": 1080, "height": 1920,
               "fps": 30.0, "notes": []},
    "createdAt": _MS, "completedAt": _MS + 27_000, "error": None,
}  # fmt: skip

_NAMES: Json = {"taskId": "render_1774000000", "render_id": "render_1774000000"}

_TOKEN: Json = {
    "id": "tok_3f9a", "name": "batch", "scopes": ["read", "render"], "created_at": _TIME, "expires_at": _TIME,
}  # fmt: skip


def _enveloped(data: Json) -> Json:
    scalars = {name: value for name, value in data.items() if not isinstance(value, dict | list)}
    return {**scalars, "code": 0, "message": "success", "data": data}


def _render() -> Json:
    return {**_RENDER, **_NAMES, "code": 0, "success": True, "message": "success", "data": _RENDER | _NAMES}


EXAMPLES: dict[tuple[str, str], Json] = {
    ("post", "/api/auth/anonymous-token"): _enveloped(
        {"token": "nmv_usr_...", "user_id": _USER, "bind_id": _USER, "credits": 100, "expires_at": _TIME}
    ),
    ("post", "/api/auth/claim-token"): _enveloped({"id": "tok_3f9a", "claim_token": "clm_...", "expires_in": 604_800}),
    ("post", "/api/tasks/{user}/with-session/{app}"): _enveloped(
        {
            "task_id": _TASK,
            "session_id": _SESSION,
            "user_id": _USER,
            "bind_id": _USER,
            "task_name": "project",
            "app_name": "nemo_agent",
        }
    ),
    ("post", "/api/upload-video/{app}/{user}/{session_id}"): {
        **_enveloped({"files": [_FILE], "uploaded_files": [_FILE], "session_state_applied": True}),
        "url": _FILE_URL,
    },
    ("get", "/api/credits/balance/simple"): _enveloped({"available": 60, "frozen": 40, "total": 100}),
    ("get", "/api/state/{app}/{user}/{session_id}/latest"): _enveloped(
        {
            "session_id": _SESSION,
            "task_id": _TASK,
            "task_name": "project",
            "user_id": _USER,
            "bind_id": _USER,
            "version": 7,
            "updated_at": _TIME,
            "state": {
                "draft": _DRAFT,
                "video_infos": [_FILE],
                "canvas_config": {"width": 1080, "height": 1920, "ratio": "9:16", "fps": 30},
                "generated_media": [
                    {
                        "id": "f_0b77c1f3a95e42d8",
                        "type": "video",
                        "url": _CLIP_URL,
                        "cdn_url": _CLIP_URL,
                        "prompt": "bring it to life",
                        "duration": 3.5,
                        "width": 1080,
                        "height": 1920,
                        "created_at": _TIME,
                        "seed": 0,
                        "preset": "balanced",
                        "model": "svd-xt",
                        "licence": "LicenseRef-Stability-AI-Community",
                    },
                    {
                        "id": "f_a6d0312702a2a828",
                        "type": "video",
                        "url": _VIDEO_URL,
                        "cdn_url": _VIDEO_URL,
                        "prompt": "slow zoom",
                        "duration": 10.0,
                        "width": 1080,
                        "height": 1920,
                        "created_at": _TIME,
                        "seed": None,
                        "preset": None,
                        "model": None,
                        "licence": None,
                    },
                ],
                "video_analyses": {},
            },
        }
    ),
    ("post", "/api/render/proxy/lambda"): _render(),
    ("post", "/api/render/proxy/draft"): _render(),
    ("get", "/api/render/proxy/lambda/{render_id}"): _render(),
    ("get", "/api/render/proxy/{render_id}"): _render(),
    ("post", "/api/render/proxy/lambda/{render_id}/cancel"): _render(),
    ("post", "/api/tokens"): _enveloped({**_TOKEN, "token": "nmv_usr_..."}),
    ("get", "/api/tokens"): _enveloped({"tokens": [_TOKEN]}),
    ("post", "/api/tokens/{token_id}/revoke"): _enveloped({"id": "tok_3f9a", "revoked": True}),
    ("get", "/health/live"): {"status": "ok", "version": "0.1.0"},
    ("get", "/health/ready"): {"status": "ok", "problems": []},
}
"""By method and path, as JSON."""

STREAM = (
    'data: {"content":{"parts":[{"text":"1080x1920 (9:16); slow zoom in."}],"role":"model"},'
    '"invocationId":"e-ddda","author":"nemo_agent","actions":{"stateDelta":{}},"id":"ddda-0004",'
    '"timestamp":1774000000.0,"type":"text","text":"1080x1920 (9:16); slow zoom in."}\n\n'
    "event: heartbeat\ndata:\n\n"
)
"""A part of a stream of events."""

PLACES = {
    "user": ("me, or the id of the user whose token it is.", "me"),
    "app": ("Always nemo_agent.", "nemo_agent"),
    "session_id": ("As it was told when the project was made; a text of digits.", _SESSION),
    "render_id": ("As the client chose it when it ordered the export.", "render_1774000000"),
    "token_id": ("Of a token; not the token itself.", "tok_3f9a1c"),
    "key": ("As it stands in the file's URL.", "0d6f3c1b9a2e4f58"),
    "name": ("As it stands in the file's URL.", "pier.jpg"),
}
"""What stands at a place of a path: what it is, and an example."""

ERRORS: dict[int, tuple[str, Json]] = {
    400: ("Something is missing or makes no sense.", {"code": 400, "message": "There is no text.", "data": None}),
    401: ("No token, or none that is good.", {"code": 1001, "message": "The token is not valid.", "data": None}),
    402: ("The plan does not allow it.", {"code": 402, "message": "Free plan export blocked.",
                                          "data": {"reason": "plan", "missing_headers": ["X-Skill-Source"]}}),
    403: ("The token's scopes, or the credits, do not allow it.",
          {"code": 2001, "message": "Insufficient credits", "data": {"available": 0, "required": 100}}),
    404: ("There is no such thing, or it is somebody else's.",
          {"code": 1002, "message": "Session not found.", "data": None}),
    409: ("Taken, busy, or not finished.", {"code": 1005, "message": "session busy", "data": None}),
    413: ("Too large.", {"code": 4002, "message": "pier.mp4 is larger than 200 MB.", "data": None}),
    415: ("No file that is taken here.", {"code": 4001, "message": "pier.exe: this is a program.", "data": None}),
    422: ("The body cannot be read.", {"code": 422, "message": "session_id: Field required.", "data": None}),
    429: ("A limit of rate, or of the queue; Retry-After says when.",
          {"code": 429, "message": "The queue is full. Try again in half a minute.", "data": None}),
    503: ("Shutting down, no worker, or the disk is full.", {"code": 503, "message": "Try again later.", "data": None}),
}  # fmt: skip
"""Status, what it says, and an example."""
