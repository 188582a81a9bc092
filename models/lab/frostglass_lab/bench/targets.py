"""What our executor is to reach: our median over ONNX Runtime's, one thread, same run."""

_LARGE_VGG = ("conv1_2", "pool1", "conv2_2", "pool2")
TARGETS = {
    "vgg224_conv1_1": 0.48,
    **{f"vgg224_{cut}": 0.50 for cut in _LARGE_VGG},
    "vgg224_conv3_3": 0.48,
    "vgg32_conv1_2": 0.52,
    "vgg32_pool1": 0.52,
    "vgg32_conv2_2": 0.45,
    "vgg32_pool2": 0.45,
    "vgg32_conv3_3": 0.70,
    "alexnet227_pool2": 0.36,
    "mobilefacenet112_b3": 0.17,
    "resnet150_b2": 0.65,
    "squeezenet227_pool4": 0.65,
}
FASTEST_PEER = 1.0
"""No front may take longer than this times the fastest peer's median."""


def target(front: str) -> float | None:
    return 0.65 if front.startswith("dlibface150_") else TARGETS.get(front)
