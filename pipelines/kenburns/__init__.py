"""Ken Burns: a camera over a photo, as a source of frames."""
