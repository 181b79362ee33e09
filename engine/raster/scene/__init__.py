"""Pictures with depth, seen by a camera in space."""
