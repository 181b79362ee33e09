"""Benchmarks of Multiplane against the encoder's own speed and against other ways to the same clip."""
