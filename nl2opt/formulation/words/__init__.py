"""Formulations and expressions in plain English."""
