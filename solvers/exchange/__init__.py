"""Reads and writes models as LP and MPS files, the two formats that every solver takes."""

from solvers.exchange.read import ImportedModel, read_model
from solvers.exchange.source import DEFAULT_MAX_BYTES
from solvers.exchange.write import WrittenModel, write_lp, write_mps

__all__ = [
    "DEFAULT_MAX_BYTES",
    "ImportedModel",
    "WrittenModel",
    "read_model",
    "write_lp",
    "write_mps",
]
