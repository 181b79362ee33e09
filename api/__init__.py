"""The command line now, the HTTP service later. The API knows everything below it."""
