"""Speed and tidiness of the sandbox, beside a fresh Python for each program.

    python benchmarks/sandbox.py                 # 200 programs both ways, the empty run, the layers, the start
    python benchmarks/sandbox.py --runs 10000    # many runs in a row: what is left behind

What the clock covers:

* "fresh Python": `python program.py` as a process of its own with two at a time, the output caught; no limit of any
  kind. This is how the programs of language models are run elsewhere.
* "sandbox": `Pool.map` with all layers on and two at a time, until the last `ProgramRun` is there, the reading of
  models and solutions included. Its processor time is that of the worker, all its children and this process.
  The worker has been started before; its start is a row of its own.

The two ways take turns, a round of programs each, so that a busy machine hurts both alike; the ratio is the median of
the rounds' ratios.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from machine import describe_machine
from sandbox_programs import pyomo_programs

from solvers.sandbox import FAMILIES, Pool
from solvers.sandbox.inside import layers

_AT_ONCE = 2
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=0, help="Only this: so many runs in a row, and what they leave.")
    wanted = parser.parse_args()
    print(describe_machine(["nl2opt", "pyomo", "highspy"]), end="\n\n")
    if wanted.runs:
        leaks(wanted.runs)
        return
    starts()
    beside_fresh_python(wanted.programs, wanted.rounds)
    empty_runs()


def starts() -> None:
    """Print how long the first worker of each family takes to start."""
    print("| family | seconds until the first program has run |\n|---|--:|")
    for family in FAMILIES:
        times = []
        for _ in range(3):
            with Pool() as pool:
                begin = time.perf_counter()
                pool.layers(family)
                times.append(time.perf_counter() - begin)
        print(f"| {family} | {statistics.median(times):.2f} |")
    print()


def beside_fresh_python(count: int, rounds: int) -> None:
    """Print runs a second and processor time of both ways."""
    programs = pyomo_programs(count)
    share = -(-count // rounds)
    sandbox: list[tuple[float, float]] = []
    fresh: list[tuple[float, float]] = []
    with Pool(at_once=_AT_ONCE) as pool, tempfile.TemporaryDirectory() as folder:
        pool.run(programs[0])
        for begin in range(0, count, share):
            batch = programs[begin : begin + share]
            ours, printed = _sandboxed(pool, batch)
            theirs, expected = _fresh(batch, Path(folder))
            assert _optima(printed) == _optima(expected), "the two ways find different things"
            sandbox.append(ours)
            fresh.append(theirs)
    print(f"| {count} Pyomo programs, {_AT_ONCE} at a time | runs a second | ms of processor a run |\n|---|--:|--:|")
    for name, rows in (("fresh Python", fresh), ("sandbox, all layers", sandbox)):
        rate, cpu = (statistics.median(row[place] for row in rows) for place in (0, 1))
        print(f"| {name} | {rate:.1f} | {cpu * 1000:.1f} |")
    faster = statistics.median(ours[0] / theirs[0] for ours, theirs in zip(sandbox, fresh, strict=True))
    cheaper = statistics.median(theirs[1] / ours[1] for ours, theirs in zip(sandbox, fresh, strict=True))
    print(f"| ratio | {faster:.1f} times more | {cheaper:.1f} times less |\n")


def _sandboxed(pool: Pool, programs: list[str]) -> tuple[tuple[float, float], list[str]]:
    begin, cpu = time.perf_counter(), _processor_seconds()
    runs = list(pool.map(programs))
    seconds, cpu = time.perf_counter() - begin, _processor_seconds() - cpu
    assert all(run.is_finished for run in runs), next(run for run in runs if not run.is_finished)
    return (len(runs) / seconds, cpu / len(runs)), [run.output for run in runs]


def _fresh(programs: list[str], folder: Path) -> tuple[tuple[float, float], list[str]]:
    paths = []
    for number, program in enumerate(programs):
        paths.append(folder / f"program_{number}.py")
        paths[-1].write_text(program, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        printed = list(threads.map(_printed, paths))
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (len(programs) / seconds, cpu / len(programs)), printed


def _optima(printed: list[str]) -> list[list[str]]:
    """Return the status and the optimum of each program; the order of variables hangs on chance in a fresh Python."""
    return [text.splitlines()[:2] for text in printed]


def _printed(path: Path) -> str:
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True).stdout


def empty_runs(repetitions: int = 60) -> None:
    """Print what an empty program costs, with fewer and fewer layers.

    To be compared, the ways take turns, and each worker finds the memory of the others in the caches; what a person
    meets is one worker with one run after the other, which is a row of its own.
    """
    everything = (layers.NAMESPACES, layers.OWN_ROOT, layers.LANDLOCK, layers.SECCOMP, layers.REPORTS)
    cases = [("all layers", frozenset[str]())]
    cases += [(f"without {name}", frozenset({name})) for name in everything]
    cases += [("only resource limits", frozenset(everything))]
    pools = [Pool(at_once=1, without=without, unsafe_no_sandbox=True) for _, without in cases]
    times: list[list[float]] = [[] for _ in cases]
    for pool in pools:
        pool.run("pass")
    for _ in range(repetitions):
        for pool, own in zip(pools, times, strict=True):
            own.append(_seconds_of_a_run(pool))
    row = [_seconds_of_a_run(pools[0]) for _ in range(repetitions)]
    for pool in pools:
        pool.close()
    print("| empty program | ms, least | ms, median | median against all layers |\n|---|--:|--:|--:|")
    print(f"| all layers, one run after the other | {min(row) * 1000:.1f} | {statistics.median(row) * 1000:.1f} | |")
    for (name, _), own in zip(cases, times, strict=True):
        against = statistics.median(a - b for a, b in zip(own, times[0], strict=True))
        print(f"| {name} | {min(own) * 1000:.1f} | {statistics.median(own) * 1000:.1f} | {against * 1000:+.1f} |")
    print()


def _seconds_of_a_run(pool: Pool) -> float:
    begin = time.perf_counter()
    pool.run("pass")
    return time.perf_counter() - begin


def leaks(runs: int) -> None:
    """Print what a process and its workers hold before and after many runs."""
    ends = ["pass", "raise ValueError('x')", "import os; os._exit(3)", "import os; os.abort()"]
    kinds = [*ends, "open('left', 'w').write('x')"]
    with Pool(at_once=_AT_ONCE, runs_of_a_worker=10 * runs + 1000) as pool:
        for source in kinds * 20:
            pool.run(source)
        before, folders = _held(), set(os.listdir(tempfile.gettempdir()))
        begin = time.perf_counter()
        done = 0
        while done < runs:
            done += len(list(pool.map(kinds * 20)))
        seconds = time.perf_counter() - begin
        after = _held()
        left = len(set(os.listdir(tempfile.gettempdir())) - folders)
    print(f"{done} runs in {seconds:.0f} s\n\n| | before | after |\n|---|--:|--:|")
    for name, value in before.items():
        print(f"| {name} | {value:,} | {after[name]:,} |")
    print(f"| new entries in the temporary folder | | {left} |")


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text(encoding="ascii").split()):
            yield child
            yield from _descendants(child)


def _processor_seconds() -> float:
    """Return the processor time of this process and of its workers, their ended children included."""
    own = time.process_time()
    for pid in _descendants(os.getpid()):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        own += sum(map(int, fields[11:15])) / _TICKS
    return own


def _held() -> dict[str, int]:
    """Return what this process and its workers hold."""
    held = {"processes": 0, "descriptors": 0, "mounts of workers": 0, "kB resident": 0}
    for pid in (os.getpid(), *_descendants(os.getpid())):
        held["processes"] += 1
        held["descriptors"] += len(os.listdir(f"/proc/{pid}/fd"))
        if pid != os.getpid():
            held["mounts of workers"] += len(Path(f"/proc/{pid}/mounts").read_text(encoding="utf-8").splitlines())
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        held["kB resident"] += int(status.split("VmRSS:")[1].split()[0])
    return held


if __name__ == "__main__":
    main()
