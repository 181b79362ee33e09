"""Jobs become results: the supervisor, the workers that it keeps, the tasks that they do. Knows no HTTP."""
