"""Models that enlarge pictures: one interface, one adapter file a family."""
