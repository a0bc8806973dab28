"""The back ends: one file for each solver."""
