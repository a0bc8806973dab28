"""Many runs at once: a worker for each solver family, a fair queue, and workers that are replaced."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from solvers.errors import NoSandboxError, SandboxError
from solvers.sandbox.inside.families import FAMILIES, family_of
from solvers.sandbox.limits import Limits
from solvers.sandbox.one_run import Data, Job, run_on
from solvers.sandbox.program_run import Isolation, ProgramRun, RunKind
from solvers.sandbox.source import program_bytes
from solvers.sandbox.wording import NOT_RUN
from solvers.sandbox.worker import Worker, WorkerLostError

RUNS_OF_A_WORKER: Final = 10_000
DEFAULT_LIMITS: Final = Limits()


class Pool:
    """Runs programs, as many at a time as the machine has cores.

    A pool may be used from many threads. It is closed with `close`, by `with`, or when Python ends.
    """

    def __init__(
        self,
        *,
        at_once: int | None = None,
        runs_of_a_worker: int = RUNS_OF_A_WORKER,
        unsafe_no_sandbox: bool = False,
        without: frozenset[str] = frozenset(),
    ) -> None:
        """Prepare; a worker is started with the first program that needs it.

        Args:
            at_once: how many programs run at a time; `None` for the number of cores.
            runs_of_a_worker: after how many runs a worker is replaced.
            unsafe_no_sandbox: run programs even where the machine cannot keep them from anything.
            without: layers that are left out on purpose, to measure or to test the others.

        Raises:
            ValueError: a number is not positive.
        """
        count = at_once if at_once is not None else os.cpu_count() or 1
        if count < 1 or runs_of_a_worker < 1:
            raise ValueError(f"`at_once` is {count} and `runs_of_a_worker` {runs_of_a_worker}; both must be positive.")
        self._runs_of_a_worker = runs_of_a_worker
        self._unsafe = unsafe_no_sandbox
        self._without = without
        self._lock = threading.Lock()
        self._starting = {family: threading.Lock() for family in FAMILIES}
        self._workers: dict[str, Worker] = {}
        self._threads = ThreadPoolExecutor(max_workers=count, thread_name_prefix="nl2opt-sandbox")
        self._closed = False

    def run(
        self,
        source: str | bytes,
        *,
        data: Data | None = None,
        limits: Limits = DEFAULT_LIMITS,
        seed: int = 0,
        rename_solvers: bool = True,
        cancel: threading.Event | None = None,
    ) -> ProgramRun:
        """Run a program and wait for its end; arguments and errors are those of `run_program`."""
        return self.submit(
            source, data=data, limits=limits, seed=seed, rename_solvers=rename_solvers, cancel=cancel
        ).result()

    def submit(
        self,
        source: str | bytes,
        *,
        data: Data | None = None,
        limits: Limits = DEFAULT_LIMITS,
        seed: int = 0,
        rename_solvers: bool = True,
        cancel: threading.Event | None = None,
    ) -> Future[ProgramRun]:
        """Queue a program; programs are run in the order in which they came.

        A run that waits is taken out of the queue by the future's `cancel`; one that waits or runs is stopped by the
        event `cancel`. The other arguments are those of `run_program`.

        Raises:
            ProgramError: the source cannot be a program.
            SandboxError: the pool is closed.
        """
        job = Job(
            source=program_bytes(source), data=dict(data or {}), limits=limits, seed=seed, rename_solvers=rename_solvers
        )
        if self._closed:
            raise SandboxError("The pool is closed.")
        return self._threads.submit(self._run, job, cancel)

    def map(
        self,
        sources: Iterable[str | bytes],
        *,
        limits: Limits = DEFAULT_LIMITS,
        data: Mapping[str, bytes] | None = None,
    ) -> Iterator[ProgramRun]:
        """Run programs and yield what came of each, in their order."""
        futures = [self.submit(source, limits=limits, data=dict(data or {})) for source in sources]
        for future in futures:
            yield future.result()

    def isolation(self, family: str) -> Isolation:
        """Return how far programs of a family are kept from the machine; starts the worker."""
        with self._worker(family) as worker:
            return worker.isolation

    def layers(self, family: str) -> tuple[str, ...]:
        """Return the layers of isolation that are on; starts the worker."""
        with self._worker(family) as worker:
            return worker.layers

    def close(self) -> None:
        """Stop all runs and end the workers."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
            self._workers.clear()
        for worker in workers:
            worker.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            late = list(self._workers.values())  # one may have been starting when the others were ended
            self._workers.clear()
        for worker in late:
            worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, job: Job, cancel: threading.Event | None) -> ProgramRun:
        """Run a program; one whose worker was lost is run once more, and then it is reported."""
        if cancel is not None and cancel.is_set():
            return ProgramRun(kind=RunKind.CANCELLED, message="The run was stopped before it began.")
        family = family_of(job.source.decode("utf-8", errors="replace"))
        started = time.perf_counter()
        for attempt in (1, 2):
            if self._closed:
                break
            try:
                with self._worker(family) as worker:
                    if worker.isolation is Isolation.NONE and not self._unsafe:
                        raise NoSandboxError(NOT_RUN)
                    return replace(run_on(worker, job, cancel), attempts=attempt)
            except WorkerLostError:
                continue
        if self._closed:
            return ProgramRun(kind=RunKind.CANCELLED, message="The run was stopped, since the pool was closed.")
        return ProgramRun(
            kind=RunKind.KILLED,
            message="The worker that ran the program was stopped from outside, twice.",
            seconds=time.perf_counter() - started,
            attempts=2,
        )

    @contextmanager
    def _worker(self, family: str) -> Iterator[Worker]:
        """Hold a worker of a family for one run; one that has served its time is replaced."""
        worker = self._held(family)
        try:
            yield worker
        finally:
            with self._lock:
                worker.running -= 1
                is_current = self._workers.get(family) is worker
                has_served = worker.started >= self._runs_of_a_worker or not worker.is_alive
                if is_current and has_served:
                    del self._workers[family]
                is_over = worker.running == 0 and self._workers.get(family) is not worker
            if is_over:
                worker.close()

    def _held(self, family: str) -> Worker:
        with self._starting[family]:
            with self._lock:
                worker = self._workers.get(family)
                if worker is not None and not worker.is_alive:
                    worker = None
            if worker is None:
                worker = Worker(family, without=self._without)
            with self._lock:
                self._workers[family] = worker
                worker.started += 1
                worker.running += 1
            return worker


_shared: list[Pool] = []
_sharing = threading.Lock()


def shared_pool(*, unsafe_no_sandbox: bool = False) -> Pool:
    """Return the pool of this process that `run_program` uses."""
    with _sharing:
        found = [pool for pool in _shared if pool._unsafe == unsafe_no_sandbox]
        if not found:
            found.append(Pool(unsafe_no_sandbox=unsafe_no_sandbox))
            _shared.append(found[0])
            atexit.register(found[0].close)
        return found[0]


def close_shared_pools() -> None:
    """End the workers that `run_program` has started, for those who end Python without its clean-up."""
    with _sharing:
        pools = list(_shared)
        _shared.clear()
    for pool in pools:
        pool.close()


def run_program(
    source: str | bytes,
    *,
    data: Data | None = None,
    limits: Limits = DEFAULT_LIMITS,
    seed: int = 0,
    rename_solvers: bool = True,
    cancel: threading.Event | None = None,
    unsafe_no_sandbox: bool = False,
) -> ProgramRun:
    """Run a Python program, sealed off from the machine, and return what came of it.

    Args:
        source: the program, in Pyomo, highspy, OR-Tools, PySCIPOpt or plain Python.
        data: files that it finds in its folder, by name, each as its content or as the path of a file.
        limits: of time, memory, files and output.
        seed: of the random numbers of Python and numpy.
        rename_solvers: whether solvers that are not there (`glpk`, `cbc`, `gurobi`) are replaced by some that are; the
            notes of the run say so.
        cancel: set it to stop.
        unsafe_no_sandbox: run it even where the machine cannot keep it from anything.

    Returns:
        The run; exceptions, time-outs, crashes and forbidden calls of the program are values of its `kind`.

    Raises:
        ProgramError: the source cannot be a program, or a data file cannot be read.
        NoSandboxError: the machine has no sandbox, and nobody said to run the program all the same.
        SandboxError: no worker can be started, or no private folder made.
    """
    pool = shared_pool(unsafe_no_sandbox=unsafe_no_sandbox)
    return pool.run(source, data=data, limits=limits, seed=seed, rename_solvers=rename_solvers, cancel=cancel)
