"""The schema that a model is held to: it is made from the reader's tables, and neither wider nor narrower by much."""

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.timeline import Draft, read_operation, write_operation
from engine.timeline.operation_tables import TABLES
from pipelines.planner.schema import operation_names, plan_schema
from tests.timeline.edits import GROUPS, fitting_operations, full_drafts

VALIDATOR = jsonschema.Draft202012Validator(plan_schema())

ALLOWED = {
    "$schema", "type", "properties", "required", "additionalProperties", "enum", "anyOf", "items", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "maxItems", "minItems", "description",
    "pattern", "maxLength", "minLength", "const",
}  # fmt: skip
"""Keywords that servers which constrain a model's words have in common."""


def plan(*items: object) -> dict[str, object]:
    return {"operations": list(items), "said": "done", "not_understood": [], "kind": "edit"}


def test_it_is_a_schema_and_names_every_operation():
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    named = {
        each["properties"]["op"]["enum"][0] for each in plan_schema()["properties"]["operations"]["items"]["anyOf"]
    }
    assert named == set(operation_names()) >= set(TABLES)


def test_it_uses_only_plain_keywords():
    def walk(value: object, *, names: bool) -> None:
        if isinstance(value, list):
            for each in value:
                walk(each, names=False)
        elif isinstance(value, dict):
            assert names or set(value) <= ALLOWED, set(value) - ALLOWED
            for key, each in value.items():
                walk(each, names=not names and key == "properties")

    walk(plan_schema(), names=False)


@settings(max_examples=300, deadline=None)
@given(st.data(), full_drafts(), st.sampled_from(GROUPS))
def test_what_we_write_it_accepts(data: st.DataObject, draft: Draft, group: str):
    written = known(write_operation(data.draw(fitting_operations(draft, group))))
    if written["op"] in operation_names():
        VALIDATOR.validate(plan(written))
        assert read_operation(written)


def known(value):
    """Without members that no version of ours has, which drafts keep and a model has no business with."""
    if isinstance(value, dict):
        return {key: known(each) for key, each in value.items() if not key.startswith("x-")}
    return [known(each) for each in value] if isinstance(value, list) else value


def test_it_refuses_what_the_reader_refuses():
    for item in (
        {"op": "set_duration"},
        {"op": "set_duration", "d": "long"},
        {"op": "set_duration", "d": 4000, "x": 1},
        {"op": "set_motion", "mo": {"move": "fly"}},
        {"op": "add_text"},
        {"op": "nothing"},
        {},
    ):
        assert not VALIDATOR.is_valid(plan(item)), item
    assert not VALIDATOR.is_valid({"operations": []})
