"""Depth of a photo without weights: a studio's own file, a guess from a mask, and edges drawn to the picture's.

A depth map is *disparity-like*: larger is nearer, float32, shape (h, w), 0..1, where 0 is infinitely far away.
"""
