"""Media in and out: probing and decoding photos, encoding and muxing MP4."""
