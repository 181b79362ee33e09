"""Compiled conversions of decoded pictures."""
