"""Exact rewrites of what a solver lacks: conditional rows, products, cones and global constraints."""
