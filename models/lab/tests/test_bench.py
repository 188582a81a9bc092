"""The benchmark's fronts are what they are called, and its arithmetic is right."""

import os

import numpy as np
import onnx
import onnxruntime
import pytest

from frostglass_lab import bench_fronts
from frostglass_lab.bench import arguments, flops, machine, noise, report, rounds
from frostglass_lab.bench.arm import emulator
from frostglass_lab.bench.arm import report as arm_report
from frostglass_lab.bench.arm import result as arm_result
from frostglass_lab.bench.result import Result
from frostglass_lab.bench.targets import target

SHAPES = {
    "vgg32_conv1_1": (64, 32, 32),
    "vgg32_pool2": (128, 8, 8),
    "alexnet227_pool2": (256, 13, 13),
    "mobilefacenet112_b3": (64, 28, 28),
    "resnet150_b2": (64, 38, 38),
    "squeezenet227_pool4": (256, 27, 27),
    "dlibface150_stem-pool": (32, 35, 35),
    "dlibface150_stage4-block3": (256, 4, 4),
}
"""Of the maps, by the tables of the publications (dlib-face: the zoo's card)."""


def run(model: onnx.ModelProto, values: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {bench_fronts.INPUT: values})[0]


@pytest.mark.parametrize("name", SHAPES)
def test_a_front_is_sound_and_keeps_its_activations_in_range(name):
    model = bench_fronts.build(name)
    onnx.checker.check_model(model, full_check=True)
    (given,) = model.graph.input
    shape = [size.dim_value for size in given.type.tensor_type.shape.dim]
    found = run(model, bench_fronts.input_for(name, shape))
    assert found.shape == (1, *SHAPES[name])
    assert 1 < np.abs(found).max() < 1000
    assert np.abs(found).std() > 0.01


def test_dlib_face_is_the_zoos_network_with_other_weights_on_paper_only():
    zoo = onnx.load(bench_fronts.ZOO / "dlib-face" / "front.onnx")
    zoo.graph.output[0].CopyFrom(onnx.helper.make_empty_tensor_value_info("stage3/block3"))
    zoo.graph.input[0].name = "unused"
    for node in zoo.graph.node:
        node.input[:] = [bench_fronts.INPUT if i == "data" else i for i in node.input]
    zoo.graph.input[0].name = bench_fronts.INPUT
    values = bench_fronts.input_for("dlibface150_stage3-block3", (1, 3, 150, 150))
    found = run(bench_fronts.build("dlibface150_stage3-block3"), values)
    np.testing.assert_allclose(found, run(zoo, values), atol=1e-5)


def test_a_front_does_not_depend_on_which_others_are_built():
    first = bench_fronts.build("vgg32_pool1").SerializeToString()
    bench_fronts.build("resnet150_b2")
    assert bench_fronts.build("vgg32_pool1").SerializeToString() == first


def test_unknown_fronts_are_refused_with_those_there_are():
    assert bench_fronts.chosen("resnet150_b2,vgg32_pool1") == ["vgg32_pool1", "resnet150_b2"]
    with pytest.raises(ValueError, match="resnet150_b2"):
        bench_fronts.chosen("resnet50")


def test_multiply_adds_are_those_of_the_published_networks():
    """VGG-16's first layers on 224: 64 x 3 x 9 and 64 x 64 x 9 for each of 224 x 224 pixels."""
    pixels = 224 * 224
    assert flops.multiply_adds(bench_fronts.build("vgg224_conv1_1")) == pixels * 1728
    assert flops.multiply_adds(bench_fronts.build("vgg224_pool1")) == pixels * (1728 + 36864)
    # AlexNet's layers in figures: 105,415,200 and, in two groups, 223,948,800 (27 x 27 places).
    alexnet = flops.multiply_adds(bench_fronts.build("alexnet227_pool2"))
    assert alexnet == 105_415_200 + 223_948_800


def test_every_engine_has_its_turns_and_a_median():
    calls = []
    timings = rounds.timed({name: lambda name=name: calls.append(name) for name in "abc"}, 0)
    assert {name: timing.runs for name, timing in timings.items()}.keys() == set("abc")
    for name, timing in timings.items():
        assert timing.runs >= rounds.LEAST_ROUNDS
        assert calls.count(name) > timing.runs
    # Quartiles of 1 to 9: 3, 5, 7.
    timing = rounds.Timing.of(np.arange(1, 10) * 1e6)
    assert (timing.median_ms, timing.spread) == (5.0, 0.8)


def test_a_missed_target_is_marked_and_the_fastest_peer_named():
    front = "vgg224_pool1"
    assert target(front) == 0.50 and target("dlibface150_stem-pool") == 0.65

    def row(ours: float, ncnn: float) -> list[str]:
        engines = {name: Result(front, name) for name in report.NAMES}
        for name, median in (("frostglass", ours), ("onnxruntime", 10.0), ("ncnn", ncnn)):
            engines[name].median_ms, engines[name].ratio_to_ort = median, median / 10
        (line,) = (
            line for line in report.times({front: engines}).splitlines() if line.startswith(front)
        )
        return line.split()

    assert row(4.0, 8.0)[1:6] == ["10.000", "0.40", "0.50", "ncnn", "0.50"]
    assert row(6.0, 5.0)[1:6] == ["10.000", "0.60*", "0.50", "ncnn", "1.20*"]


def test_threads_have_a_table_of_their_own_where_they_were_asked_for():
    front = "vgg224_pool1"
    run = {"versions": {}, "core": 1, "fma_peak_gflops": {}, "notes": []}
    run |= dict.fromkeys(("processor", "system", "commit", "date"), "-") | {"load": 0.0}
    results = [Result(front, name) for name in report.NAMES]
    assert "several threads" not in report.text(run, results, {})
    results[0].median_ms = 4.0
    results[0].threads, results[0].threads_median_ms = 2, 2.2
    results[0].threads_spread, results[0].ratio_to_one_thread = 0.03, 0.55
    _, rest = report.text(run, results, {}).split("Ours by several threads")
    (line,) = (line for line in rest.split("\n\n")[0].splitlines() if line.startswith(front))
    assert line.split() == [front, "2", "4.000", "2.200", "0.55", "3%"]


def test_threads_are_counted_from_one_to_four():
    words = ["--library", "l", "--fronts", "f"]
    assert arguments.parse(words).threads == 1
    assert arguments.parse([*words, "--threads", "4"]).threads == 4
    for wrong in ("0", "5", "two"):
        with pytest.raises(SystemExit):
            arguments.parse([*words, "--threads", wrong])


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no choice of cores")
def test_threads_get_cores_and_the_process_returns_to_its_own():
    before = os.sched_getaffinity(0)
    with machine.free_cores(len(before)):
        assert os.sched_getaffinity(0) == before
    with pytest.raises(ValueError, match="cores"), machine.free_cores(len(before) + 1):
        pass
    try:
        os.sched_setaffinity(0, {max(before)})
        with machine.free_cores(min(2, len(before))):
            assert len(os.sched_getaffinity(0)) == min(2, len(before))
        assert os.sched_getaffinity(0) == {max(before)}
    finally:
        os.sched_setaffinity(0, before)


def test_between_two_marks_is_a_run_less_what_a_mark_costs():
    said = "warning\ninstructions 10\ninstructions 15\ninstructions 120\nx\ninstructions 226\n"
    assert emulator.between_marks(said) == [100, 101]


def test_instructions_are_held_to_tracts_and_to_every_peers():
    front = "vgg32_pool1"
    counts = {"frostglass": 40, "onnxruntime": 80, "ncnn": 32, "tract_built": 100}
    results = [arm_result.Result(front, name, counts.get(name)) for name in arm_result.NAMES]
    arm_result.ratios(results)
    assert [result.ratio_to_tract for result in results] == [0.4, 0.8, 0.32, None, 1.0]
    assert [result.ratio_to_ort for result in results] == [0.5, 1.0, 0.4, None, 1.25]

    def row() -> list[str]:
        table = arm_report.counts({front: {result.engine: result for result in results}})
        (line,) = (line for line in table.splitlines() if line.startswith(front))
        return line.split()[2:7]

    assert row() == ["0.40", "0.45", "0.50", "1.25*", "-"]
    results[0].ratio_to_tract = 0.46
    assert row()[0] == "0.46*"


def test_noise_is_compared_round_by_round():
    measured = [
        {"name": name, "numbers": 10, "nanoseconds": times, "allocations": 0}
        for name, times in {
            noise.NORMAL: [100, 1000, 100],
            noise.EXACT: [400, 400, 400],
            noise.FAST: [200, 200, 200],
            "frostglass, i8": [30, 300, 30],
            "frostglass, i16": [60, 60, 60],
            "DP stage, i8": [80, 80, 80],
            "DP stage, i16": [120, 120, 120],
        }.items()
    ]
    found = noise.results(measured)
    assert [round(r.ratio, 2) for r in found] == [0.3, 0.6, 0.2, 0.3, 0.4, 0.6]
    run = dict.fromkeys(("processor", "system", "commit", "date"), "-")
    table = noise.text(run | {"load": 0.0, "rounds": 3, "numbers": 10}, found)
    assert table.count("*") == 3, "two misses, and what the star means"
    assert noise.svg(run, found).startswith("<svg")
