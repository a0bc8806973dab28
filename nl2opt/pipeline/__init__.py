"""The pipeline: formulate, check, compile, solve, verify, and correct."""
