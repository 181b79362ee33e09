"""Models that make the pictures between two: one interface, one adapter file a family."""
