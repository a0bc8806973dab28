"""Verification: what was checked about an answer, and the word that it earns."""
