"""The multiply-adds that a model asks for."""

import math

import onnx
from onnx import shape_inference


def multiply_adds(model: onnx.ModelProto) -> int:
    """Of convolutions and matrix products, by definition: an engine may need fewer (Winograd).

    All else (normalisations, poolings, sums) is left out, as is usual.
    """
    model = shape_inference.infer_shapes(model)
    graph = model.graph
    shapes = {constant.name: list(constant.dims) for constant in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        shapes[value.name] = [size.dim_value for size in value.type.tensor_type.shape.dim]
    total = 0
    for node in graph.node:
        outputs = math.prod(shapes[node.output[0]])
        if node.op_type == "Conv":
            total += outputs * math.prod(shapes[node.input[1]][1:])
        elif node.op_type == "Gemm":
            transposed = any(a.name == "transA" and a.i for a in node.attribute)
            total += outputs * shapes[node.input[0]][0 if transposed else 1]
        elif node.op_type == "MatMul":
            total += outputs * shapes[node.input[0]][-1]
    return total
