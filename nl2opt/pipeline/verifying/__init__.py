"""Verifies an answer: a ladder of checks, cheapest first, within a budget of calls and seconds."""
