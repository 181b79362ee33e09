"""What every part of the engine shares: errors, settings, time, frames, views."""
