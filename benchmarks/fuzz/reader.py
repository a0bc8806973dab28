"""Feeds the readers of formulations with changed formulations, guided by which code they reach.

    pip install -r benchmarks/fuzz/requirements.txt
    python benchmarks/fuzz/reader.py --minutes 30 --findings FOLDER [--corpus FOLDER]

The changes (mutation.py) and what must hold (promises.py) are those of the tests, in tests/nl2opt/formulation. An input
that breaks a promise is kept in the folder of findings, the shortest one for each line of code
where it happens, and the run goes on. The corpus is what reached new code; without a folder it is thrown away.
The run is cut into slices, each a process of its own: the fuzzer itself takes a kilobyte more with each input.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["nl2opt.formulation"]):
    from tests.nl2opt.formulation import mutation, promises

MEMORY_BYTES = 1 << 30
SLICE_MINUTES = 5.0
DEMANDS = [
    "implies(x >= 2, y <= 3)", "either(x <= 1, y >= 2, x == y)", "all_different(x[i] + ord(I, i) for i in I)",
    "no_overlap((x[i], 2) for i in I)", "cumulative(((x[i], 2, 1) for i in I), 2)", "soc(x, y - 1, (x, y))",
    "circuit((i, j, use[i, j]) for (i, j) in ARCS)", "y >= piecewise(x, [(0, 0), (2, 3), (9, 4)])",
]  # fmt: skip
"""Demands beside comparisons, with names that formulations often have."""


class Run:
    """One run: its inputs so far, and what they broke."""

    def __init__(self, findings: Path, others: list[str]) -> None:
        self.findings = findings
        self.others = others
        self.outcomes: Counter[str] = Counter()
        self.shortest: dict[str, int] = {}
        self.begin = time.monotonic()
        self.next_report = 5.0

    def one(self, data: bytes) -> None:
        """Try one input."""
        try:
            self.outcomes[promises.keep_promises(data)] += 1
        except Exception as error:  # noqa: BLE001 - every one is a finding
            self.keep(data, error)
        if time.monotonic() - self.begin > self.next_report:
            self.next_report += 5.0
            self.report()

    def keep(self, data: bytes, error: Exception) -> None:
        """Keep an input that broke a promise, unless a shorter one broke it at the same place."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "nl2opt" in f.filename]
        last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
        key = f"{type(error).__name__}-{Path(last.filename).stem}-{last.name}-{last.lineno}".replace("<", "")
        self.outcomes["BROKEN " + key] += 1
        if len(data) < self.shortest.get(key, 1 << 30):
            self.shortest[key] = len(data)
            (self.findings / f"{key}.input").write_bytes(data)
            (self.findings / f"{key}.txt").write_text("".join(traceback.format_exception(error)))

    def report(self) -> None:
        """Write down the counts so far."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        facts = {
            "seconds": round(time.monotonic() - self.begin),
            "processor seconds": round(time.process_time()),
            "inputs": self.outcomes.total(),
            "peak MiB": round(peak),
            "outcomes": dict(self.outcomes.most_common()),
        }
        (self.findings / "counts.json").write_text(json.dumps(facts, indent=1))

    def change(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Return a changed input: mostly as a tree or as tokens, now and then as bytes."""
        if seed % 12 == 0:
            return bytes(atheris.Mutate(data, max_size))
        changed = mutation.mutated(bytes(data), seed, self.others)
        return changed if len(changed) <= max_size else bytes(data)


def run_in_slices(options: argparse.Namespace) -> None:
    """Run one process after the other on the same corpus, and add their counts up."""
    total: Counter[str] = Counter()
    facts = {"seconds": 0, "processor seconds": 0, "inputs": 0, "peak MiB": 0, "endings": []}
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="nl2opt-fuzz-"))
    end, number = time.monotonic() + 60 * options.minutes, 0
    while (left := (end - time.monotonic()) / 60) > 0.05:
        number += 1
        command = [
            sys.executable, __file__, "--minutes", f"{min(left, SLICE_MINUTES):.3f}", "--corpus", str(corpus),
            "--findings", str(options.findings), "--seed", str(options.seed + number), "--slice",
        ]  # fmt: skip
        ending = subprocess.run(command, check=False).returncode
        counts = json.loads((options.findings / "counts.json").read_text())
        total.update(counts["outcomes"])
        for name in ("seconds", "processor seconds", "inputs"):
            facts[name] += counts[name]
        facts["peak MiB"] = max(facts["peak MiB"], counts["peak MiB"])
        facts["endings"].append(ending)
        (options.findings / "total.json").write_text(json.dumps(facts | {"outcomes": dict(total.most_common())}))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=30.0)
    arguments.add_argument("--findings", type=Path, required=True)
    arguments.add_argument("--corpus", type=Path)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--slice", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    options.findings.mkdir(parents=True, exist_ok=True)
    if not options.slice:
        run_in_slices(options)
        return
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="nl2opt-fuzz-"))
    corpus.mkdir(parents=True, exist_ok=True)
    texts = [path.read_text() for path in sorted((ROOT / "tests/nl2opt/formulation").glob("gallery*/*.json"))]
    texts += [path.read_text() for path in sorted((ROOT / "examples").glob("*.json"))]
    contents = [json.loads(text) for text in texts]
    expressions = sorted({*DEMANDS, *(text for content in contents for text in mutation.expressions(content))})
    contents += [
        {**content, "constraints": [*content["constraints"], {"name": "demand", "expression": text}]}
        for content, text in zip(contents, DEMANDS * len(contents), strict=False)
        if isinstance(content.get("constraints"), list)
    ]
    for number, text in enumerate([*map(json.dumps, contents), *expressions]):
        (corpus / f"seed-{number:04}").write_text(text)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    run = Run(options.findings, expressions)
    flags = [
        f"-max_total_time={round(options.minutes * 60)}",
        f"-seed={options.seed}",
        f"-rss_limit_mb={MEMORY_BYTES >> 20}",
        "-max_len=6000",
        "-mutate_depth=2",
        "-timeout=20",
        f"-artifact_prefix={options.findings}/",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], run.one, custom_mutator=run.change)
    with promises.lowered_limits():
        atheris.Fuzz()


if __name__ == "__main__":
    main()
