"""Models that make a clip from a photo: one interface, one adapter file a family."""
