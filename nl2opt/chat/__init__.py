"""Chat models: the one seam to language models, and what stands behind it."""
