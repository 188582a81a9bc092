"""What is reported of one engine on one front."""

from dataclasses import dataclass

OURS = "frostglass"
TRACT = "tract_built"
ORT = "onnxruntime"
NAMES = (OURS, ORT, "ncnn", "mnn", TRACT)
"""In the order in which they are shown."""

MOST_OF_TRACT = 0.45
"""No VGG front of ours may execute more than this times tract's instructions."""
MOST_OF_PEER = 1.0
"""No front may execute more than this times the instructions of the peer that executes fewest."""


@dataclass
class Result:
    """None where an engine does not tell, or could not run the front."""

    front: str
    engine: str
    instructions: int | None = None
    """Of one run in the steady state."""
    spread: float | None = None
    """The range of the runs that were counted over their median."""
    ratio_to_tract: float | None = None
    ratio_to_ort: float | None = None
    per_multiply_add: float | None = None
    """Over the model's multiply-adds; a NEON instruction does four, Winograd avoids some."""
    allocations: int | None = None
    """How often the last run asked for memory; ours alone tells."""
    max_diff: float | None = None
    """The largest difference from ONNX Runtime's output here, over that output's largest value."""


def target(front: str) -> float | None:
    """The most of tract's instructions that ours may be."""
    return MOST_OF_TRACT if front.startswith("vgg") else None


def ratios(results: list[Result]) -> None:
    """Fills them in for the results of one front."""
    counts = {result.engine: result.instructions for result in results}
    for result in results:
        if result.instructions is None:
            continue
        if tract := counts.get(TRACT):
            result.ratio_to_tract = result.instructions / tract
        if ort := counts.get(ORT):
            result.ratio_to_ort = result.instructions / ort
