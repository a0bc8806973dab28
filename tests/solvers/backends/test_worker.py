import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from solvers.backends.worker import run_interruptibly

ROOT = Path(__file__).parents[3]

SOLVES_FOR_HOURS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us without
from solvers import solve
from tests.solvers.cases import market_split
solve(market_split(exact=False), on_event=lambda event: print("found", flush=True))
"""

CATCHES_AND_GOES_ON = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from solvers import solve
from tests.solvers.cases import SOLVED, market_split
try:
    solve(market_split(exact=False), on_event=lambda event: print("found", flush=True))
except KeyboardInterrupt:
    print("objective", solve(SOLVED["integer"].model).objective)
"""

FORKS = """
import os
from solvers import solve
from tests.solvers.cases import SOLVED
model = SOLVED["integer"].model
assert solve(model).objective == 20
child = os.fork()
if child == 0:
    os._exit(0 if solve(model).objective == 20 else 1)
assert os.waitpid(child, 0)[1] == 0
"""


def interrupted(program: str) -> tuple[int, str, str, float]:
    """Run a program, send Ctrl-C when it has written a line; return exit status, outputs and seconds until it ended."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "found\n"
            sent = time.perf_counter()
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=20)
        finally:
            process.kill()
    return process.returncode, stdout, stderr, time.perf_counter() - sent


def test_ctrl_c_ends_a_solve_within_seconds_with_a_keyboard_interrupt_and_nothing_else() -> None:
    status, _, stderr, seconds = interrupted(SOLVES_FOR_HOURS)
    assert status == -signal.SIGINT
    assert seconds < 3
    assert stderr.startswith("Traceback")
    assert stderr.count("Traceback") == 1
    assert stderr.endswith("KeyboardInterrupt\n")


def test_after_ctrl_c_the_next_model_is_solved() -> None:
    status, stdout, stderr, _ = interrupted(CATCHES_AND_GOES_ON)
    assert (status, stderr) == (0, "")
    assert stdout.splitlines()[-1] == "objective 20.0"


def test_a_forked_child_solves_though_its_parent_has_solved() -> None:
    subprocess.run([sys.executable, "-c", FORKS], check=True, timeout=60, cwd=ROOT)


def test_the_main_thread_hands_over_and_other_threads_run_at_once() -> None:
    stop = threading.Event()
    assert run_interruptibly(threading.get_ident, stop) != threading.get_ident()
    same: list[bool] = []
    thread = threading.Thread(target=lambda: same.append(run_interruptibly(threading.get_ident, stop) == thread.ident))
    thread.start()
    thread.join()
    assert same == [True]


def test_what_the_action_raises_is_raised() -> None:
    def fail() -> None:
        raise ValueError("the action fails")

    with pytest.raises(ValueError, match="the action fails"):
        run_interruptibly(fail, threading.Event())
