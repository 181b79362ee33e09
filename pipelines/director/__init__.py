"""The director: plain language to edit operations."""
