"""What the service keeps: rows and blobs. Knows no HTTP."""
