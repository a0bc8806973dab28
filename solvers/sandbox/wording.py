"""What people are told about the isolation of programs."""

from __future__ import annotations

from typing import Final

from solvers.sandbox.program_run import Isolation

DESCRIPTION: Final = {
    Isolation.FULL: "Programs cannot reach your files, the network or other programs. They share this machine's "
    "kernel.",
    Isolation.REDUCED: "Programs cannot open your files or the network, but can see file names and sizes. For full "
    "isolation run: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`.",
    Isolation.NONE: "This machine cannot keep a program from your files.",
}
NOT_RUN: Final = (
    "No sandbox on this system: the program would run with all your rights. It was not run. Read it first, then run "
    "it with `--unsafe-no-sandbox` (in Python `unsafe_no_sandbox=True`), or use WSL2, a Linux machine or a container."
)
