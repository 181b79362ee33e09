"""What an operator sees of the service: logs, metrics, and what every HTTP answer has in common."""
