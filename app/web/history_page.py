"""The page of the runs that were kept."""

from __future__ import annotations

from app.web.guarding import guarded


def show() -> None:
    """Show the runs."""
    from app.web.history_view import history

    history()


if __name__ == "__main__":
    guarded(show)
