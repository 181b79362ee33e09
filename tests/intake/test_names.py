"""What a fetched file is called, and what it says it is."""

import http.client
import io

import pytest

from api.intake.links import read_link
from api.intake.names import LONGEST_NAME, declared_type, shown_name


def headers(**lines: str) -> http.client.HTTPMessage:
    text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return http.client.parse_headers(io.BytesIO(f"{text}\r\n".encode()))


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="beach.jpg"', "beach.jpg"),
        ("attachment; filename=beach.jpg", "beach.jpg"),
        ("attachment; filename*=UTF-8''stra%C3%9Fe.jpg", "straße.jpg"),
        ('attachment; filename="straße.jpg"', "straße.jpg"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\photos\\\\x.jpg"', "x.jpg"),
        ('attachment; filename="a\u202egpj.exe"', "agpj.exe"),
        ('attachment; filename=".."', "photo one.jpg"),
        ('attachment; filename=""', "photo one.jpg"),
        ("attachment; filename*=x-none''%ff", None),
        ("attachment", "photo one.jpg"),
        (";;;=", "photo one.jpg"),
        (f'attachment; filename="{"x" * 300}.jpeg"', "x" * (LONGEST_NAME - 5) + ".jpeg"),
    ],
)
def test_the_name_is_the_one_that_the_server_gives(disposition: str, name: str | None) -> None:
    link = read_link("https://example.com/a/photo%20one.jpg?x=/y.png", {443})
    shown = shown_name(headers(Content_Disposition=disposition), link)
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown == name or name is None


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "example.com"), ("/a/", "example.com"), ("/..%2f..%2fx", "x"), ("/%ff.jpg", "\ufffd.jpg"), ("/a%00b", "ab")],
)
def test_else_it_is_the_last_part_of_the_path(path: str, name: str) -> None:
    assert shown_name(headers(), read_link(f"https://example.com{path}", {443})) == name


@pytest.mark.parametrize(
    ("text", "kind"),
    [("image/png", "image/png"), ("IMAGE/SVG+XML; charset=x", "image/svg+xml"), ("image", None), ("a/b c", None)],
)
def test_the_type_is_read_without_parameters(text: str, kind: str | None) -> None:
    assert declared_type(headers(Content_Type=text)) == kind
    assert declared_type(headers()) is None
