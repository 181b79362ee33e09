"""Every tolerance of the picture tests, in one place, with its unit and where it comes from."""

REFERENCE_PSNR = 45.0
"""dB, least, of a sampled frame against the float64 reference on a real photo (issue: 45; measured: 52 and more)."""

POSITION_RMS = 0.02
"""Frame pixels: tracked position against the ideal path."""

POSITION_JITTER = 0.01
"""Frame pixels per frame squared: RMS second difference of the tracked position's error."""

ALIASING = -40.0
"""dB relative to the pattern's own amplitude, beyond ALIASING_FROM cycles per frame pixel."""

ALIASING_FROM = 0.75
"""Cycles per frame pixel: one and a half times Nyquist, where the transition band of the kernel ends."""

PASS_BAND_GAIN = 0.7
"""Least gain at 0.4 cycles per frame pixel (four fifths of Nyquist), so that the aliasing was not bought with blur."""

SAMPLERS_DIFFER = 1
"""Code values: the torch sampler against the CPU sampler."""

LEVEL_SWITCH_RMS = 0.6
"""Code values RMS: the same view through two neighbouring levels; rounding both to 8 bits alone makes 0.41."""

ANALYTIC_PSNR = 50.0
"""dB, least, against a smooth function known in closed form, at any angle."""

ENCODED_PSNR = 38.0
"""dB, least, of a decoded frame against the frame that was encoded, at the high preset on small frames."""
