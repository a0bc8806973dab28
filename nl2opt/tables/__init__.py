"""Attached data: reading tables, what a language model is shown of them, and binding them to formulations."""
