"""Turns of a conversation on a session's draft: plan, apply, charge, generate. Knows no HTTP."""
