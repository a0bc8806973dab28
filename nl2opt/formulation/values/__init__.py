"""Turns the data of a formulation, sets and parameter values, into tables of codes and numbers."""
