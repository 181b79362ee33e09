"""From a draft to an MP4."""
