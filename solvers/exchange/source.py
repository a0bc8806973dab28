"""Gets the text of a model file: looks at it piece by piece first, and refuses what is no such file."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Final, Protocol

from solvers.errors import ExchangeError

DEFAULT_MAX_BYTES: Final = 100_000_000
"""Of the text of a model file, unpacked."""
_PIECE: Final = 1 << 20
FORMATS: Final = (".lp", ".mps")
_CONTROL: Final = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26})


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


def format_of(path: Path) -> str:
    """Return `.lp` or `.mps` by the ending of a file's name, `.gz` behind it or not.

    Raises:
        ExchangeError: it is another.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    if not suffixes or suffixes[-1] not in FORMATS:
        raise ExchangeError(
            f"{path} does not end in .lp or .mps, by which the format of a model file is told (or .lp.gz, .mps.gz)."
        )
    return suffixes[-1]


def text_of(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> str:
    """Return the text of a model file, packed by gzip or not, with the line ends of Unix.

    The size is looked at before anything is read, and what a packed file unpacks to is counted on the way.

    Raises:
        ExchangeError: it is missing, a folder, empty, too large, no text, or damaged.
    """
    if path.is_dir():
        raise ExchangeError(f"{path} is a folder; name the model file in it.")
    pieces: list[bytes] = []
    try:
        is_packed = path.suffix.lower() == ".gz"
        if not is_packed and path.is_file() and path.stat().st_size > max_bytes:
            raise _too_large(path, max_bytes)
        with gzip.open(path, "rb") if is_packed else path.open("rb") as file:
            pieces = _pieces(file, path, max_bytes)
    except FileNotFoundError as error:
        raise ExchangeError(f"There is no file {path}.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ExchangeError(f"{path} is not a whole gzip file ({error}).") from error
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read ({error.strerror or error}).") from error
    except ValueError as error:  # a null character in the path
        raise ExchangeError(f"{str(path)!r} cannot be read ({error}).") from error
    content = b"".join(pieces)
    if not content.strip():
        raise ExchangeError(f"{path} is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")


def _pieces(file: _Bytes, path: Path, max_bytes: int) -> list[bytes]:
    pieces: list[bytes] = []
    total = 0
    while piece := file.read(_PIECE):
        total += len(piece)
        if total > max_bytes:
            raise _too_large(path, max_bytes)
        if len(piece.translate(None, _CONTROL)) != len(piece):
            raise ExchangeError(f"{path} is not a text file, so it is no LP or MPS file.")
        pieces.append(piece)
    return pieces


def _too_large(path: Path, max_bytes: int) -> ExchangeError:
    return ExchangeError(
        f"{path} is larger than {max_bytes / 1e6:,.0f} MB, the limit for model files; "
        "raise `max_bytes` (--max-megabytes on the command line) if the memory of this machine allows."
    )
