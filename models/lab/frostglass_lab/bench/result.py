"""What is reported of one engine on one front."""

from dataclasses import dataclass

REFERENCE = "onnxruntime"
"""The engine whose time others' are divided by, and whose output others' are compared with."""


@dataclass
class Result:
    """None where an engine does not tell, or could not run the front."""

    front: str
    engine: str
    median_ms: float | None = None
    """Of single runs, milliseconds."""
    spread: float | None = None
    """The runs' interquartile range over their median."""
    ratio_to_ort: float | None = None
    """The median over ONNX Runtime's."""
    gflops: float | None = None
    """Twice the model's multiply-adds, however the engine computes them, in 10^9 a second."""
    peak_share: float | None = None
    """`gflops` over what one core reaches in multiply-adds; above 1 where some were avoided."""
    allocations: int | None = None
    """How often the last run asked for memory."""
    arena_bytes: int | None = None
    """What a session holds on the heap beside the weights."""
    weight_bytes: int | None = None
    """What a compiled front holds on the heap."""
    peak_bytes: int | None = None
    """The growth of a process's resident memory, from before the model is opened to its highest
    during runs, without the input and the output (`memory`)."""
    max_diff: float | None = None
    """The largest difference from ONNX Runtime's output over that output's largest value."""
    threads: int | None = None
    """Where several were asked for: how many ran, fewer where one more would not help."""
    threads_median_ms: float | None = None
    """As `median_ms`, by those threads, in the same turns."""
    threads_spread: float | None = None
    """As `spread`."""
    ratio_to_one_thread: float | None = None
    """`threads_median_ms` over `median_ms`."""
