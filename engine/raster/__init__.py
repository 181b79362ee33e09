"""The sub-pixel sampler: from a photo and a view to a planar frame."""
