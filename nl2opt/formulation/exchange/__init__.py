"""Formulations from model files, and model files from formulations."""
