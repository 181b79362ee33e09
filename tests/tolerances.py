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
"""Code values: the torch samplers, of photos and of scenes, against the CPU samplers."""

SCENE_SAMPLERS_DIFFER = 2
"""Code values, most, at isolated samples of scenes: where a layer is half there, its colour and its alpha are rounded
before they are mixed, and both can fall to the other side (measured on the CPU: 1)."""

SCENE_SAMPLERS_FAR = 0.001
"""Share of a plane's samples that may differ by more than SAMPLERS_DIFFER."""

LEVEL_SWITCH_RMS = 0.6
"""Code values RMS: the same view through two neighbouring levels; rounding both to 8 bits alone makes 0.41."""

ANALYTIC_PSNR = 50.0
"""dB, least, against a smooth function known in closed form, at any angle."""

ENCODED_PSNR = 38.0
"""dB, least, of a decoded frame against the frame that was encoded, at the high preset on small frames."""

COMPOSITE_DIFFERS = 1.1
"""Code values: a mixed colour, rounded, against float64 arithmetic in R'G'B'; rounding alone makes 0.5, the rest is
what code values beyond R'G'B' leave open."""

LIGHT_DIFFERS = 2
"""Code values: a dissolve against float64 arithmetic in linear light; its table has thirds of a code value, and indices
of whole ones."""

BLUR_DIFFERS = 8
"""Code values: a blurred edge from black to white against the error function; it is enlarged in code values, and they
are steepest at black."""

VIDEO_COLOR = 2.0
"""Code values: patches of a decoded video against the formulas (measured: 0.5, ProRes and Motion JPEG 1.1)."""

HDR_FORMULA = 0.5
"""Code values of R'G'B': HDR through the kernel's curves against the formulas (measured: 0.21)."""

LOOK_DIFFERS = 3
"""Code values: looks of colour against float64 arithmetic in R'G'B'; gains multiply the rounding of their input, and a
table interpolates between code values that are 4 apart."""

GOLDEN_DIFFERS = 2
"""Code values: a golden picture against today's; processors add in different orders, and rounding follows."""

CLIP_PSNR = 50.0
"""dB, least, of a clip's picture through an unrotated lens against a float64 reference (measured: 52.7 and more,
of which rounding the input and the output to 8 bits is nearly all)."""

CLIP_ROTATED_PSNR = 48.0
"""dB, least, of the same through a lens that turns (measured: 51.1 and more)."""

TEXT_POSITION = 0.02
"""Pixels: the centre of a painted glyph against where it was put; 8 bits of coverage allow that much."""

TEXT_JITTER = 0.05
"""Pixels: the centre of a moving text against its ideal path; positions are kept to 1/16 px, so half of that is due."""

TEXT_COLOUR = 3.0
"""Code values: a colour through 8-bit Y'CbCr and back."""

GOLDEN_TEXT_MEAN = 0.5
"""Code values: mean difference from a golden image of text; other builds of the libraries may round otherwise."""

GOLDEN_TEXT_FAR = 0.001
"""Share of samples that may differ by more than 32 code values."""

CLICK_OFFSET = 0.2
"""Samples at 48 kHz: where a click is heard after mixing and AAC, between the samples (issue: 0; AAC blurs a click)."""

LOUDNESS_ERROR = 0.5
"""LU: integrated loudness of the decoded mix against what was asked for (issue: 0.5)."""

TRUE_PEAK = -1.0
"""dBTP, most, of the decoded mix (issue: -1)."""

SEAM_LEVEL = 1.0
"""dB: the level over the seam of a loop against what lies on both sides."""

DIRECTOR_RIGHT = {"en": 0.98, "zh": 0.98, "es": 0.95}
"""Least share of the labelled conversations that come out fully right, by language."""

PEELED_DIFFERS = 2.0
"""Code values of luma: layers put over each other where they stand against the photo; colours, alpha and the result are
each rounded to 8 bits, and each further layer adds a rounding (measured: 1.2 for two, 1.4 for four)."""

SCENE_PSNR = 45.0
"""dB, least, of a scene under a camera that stands still, against the float64 reference of the flat view on a real
photo of 480 pixels (issue: 45; measured: 45.9 and more), and against the Ken Burns sampler down to one photo pixel per
frame pixel (measured: 45.7 and more)."""

ONE_COLOUR_DIFFERS = 2
"""Code values for each layer over the farthest: a scene of a photo of one colour against that colour; each layer rounds
its colour, its alpha and the result (measured: 2 for one, 3 for three)."""

SCENE_POINT = 0.05
"""Frame pixels: where a scene shows a point against the camera's formula."""
