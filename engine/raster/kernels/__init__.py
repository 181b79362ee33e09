"""The compiled inner loops (numba). Nothing else of the raster package is compiled."""
