"""Files on their way in from elsewhere: what may be fetched by its URL, and how."""
