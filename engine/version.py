"""The one place that holds the version; pyproject.toml reads it, a test holds it against CHANGELOG.md."""

VERSION = "0.1.0"
