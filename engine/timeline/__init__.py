"""The draft: what is on the timeline, its JSON, and the operations that edit it."""
