"""What is compiled: filters with memory, peaks between samples, the limiter's gain, the search for a matching wave."""
