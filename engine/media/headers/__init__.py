"""Header parsers, one a format: sizes, orientation, colour and limits without a decoder and without allocation.

Our own parsers rather than the libraries', because several libraries allocate the canvas when a file is opened
(libwebp's animation decoder, libavif) or inflate metadata without bound; a parser that only seeks and reads a few
kilobytes refuses a bomb in well under a millisecond and can be fuzzed in Python.
"""
