"""Gives expressions their value: on frames of loop variables, as flat arrays."""
