"""Cutting an ONNX network in two at a tensor, and joining the halves again."""

import onnx
from onnx import compose

from frostglass_lab.dlib_face_graph import model_of, tensor_of


def split(model: onnx.ModelProto, tensor: str, shape) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The front that ends in `tensor` (of `shape`, without the batch) and the tail that takes it.

    Raises ValueError where the tail would still need something else of the front, the network's
    input included: then `tensor` alone does not cut the network.
    """
    graph = model.graph
    boundary = tensor_of(tensor, shape)
    front_nodes, front_constants, _ = _needed(graph, [tensor], stop=set())
    tail_nodes, tail_constants, open_inputs = _needed(
        graph, [output.name for output in graph.output], stop={tensor}
    )
    if open_inputs != {tensor}:
        raise ValueError(f"{tensor} does not cut the network: the tail needs {open_inputs}")
    front = model_of(f"{graph.name}-front", front_nodes, graph.input, [boundary], front_constants)
    tail = model_of(f"{graph.name}-tail", tail_nodes, [boundary], graph.output, tail_constants)
    return front, tail


def join(front: onnx.ModelProto, tail: onnx.ModelProto) -> onnx.ModelProto:
    """One network from two whose output and input have one name."""
    (boundary,) = (output.name for output in front.graph.output)
    return compose.merge_models(front, tail, io_map=[(boundary, boundary)])


def _needed(graph: onnx.GraphProto, wanted, stop: set[str]):
    """Nodes and constants that `wanted` depends on, going back no further than `stop`; and the
    inputs that remain open: those of `stop`, or of the graph, that were reached."""
    maker = {output: node for node in graph.node for output in node.output}
    constants = {constant.name for constant in graph.initializer}
    reached: set[str] = set()
    todo = list(wanted)
    while todo:
        tensor = todo.pop()
        if tensor in reached:
            continue
        reached.add(tensor)
        if tensor not in stop and tensor in maker:
            todo.extend(maker[tensor].input)
    kept = reached - stop
    nodes = [node for node in graph.node if node.output[0] in kept]
    open_inputs = {t for t in reached if t not in constants and (t in stop or t not in maker)}
    return nodes, [c for c in graph.initializer if c.name in reached], open_inputs
