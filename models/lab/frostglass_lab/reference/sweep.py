"""A sweep over windows inside a whole network, on ONNX Runtime: what the program is compared with.

Source: *Controlling the privacy loss*, section 3.3 (Fig. 3). It shares no code with the core.
"""

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime

from frostglass_lab.reference import sanitisation


@dataclass(frozen=True)
class Curve:
    top: int
    before: float
    zero_share: float
    after: list[float]
    """Of windows 2, 3, ..."""


def held(stream: np.ndarray, window: int) -> np.ndarray:
    """Algorithm 1 on all windows at once: bit for bit `reference.hold.sample_and_hold`."""
    padded = np.zeros(-(-len(stream) // window) * window, np.float32)
    padded[: len(stream)] = stream
    windows = padded.reshape(-1, window)
    # One column after the other: the order in which a stream is added up.
    total = np.zeros(len(windows))
    for column in windows.T:
        total += column.astype(np.float64)
    count = (windows != 0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = total / count
    distance = np.abs(windows.astype(np.float64) - mean[:, None])
    distance[windows == 0] = np.inf
    nearest = np.argmin(np.where(np.isnan(distance), np.inf, distance), axis=1)
    chosen = windows[np.arange(len(windows)), nearest]
    filled = np.where((count > 0)[:, None], chosen[:, None], windows)
    return filled.astype(np.float32).reshape(-1)[: len(stream)]


class Network:
    """A network whose map at one tensor can be put there by hand."""

    def __init__(self, model: onnx.ModelProto, taps: list[str], *, logits: bool):
        self.logits = logits
        self.taps = taps
        graph = model.graph
        constants = {tensor.name for tensor in graph.initializer}
        (self.input,) = (i.name for i in graph.input if i.name not in constants)
        self.answer = graph.output[0].name
        maps = onnx.ModelProto.FromString(model.SerializeToString())
        for tap in taps:
            if tap != self.input:
                maps.graph.output.append(onnx.ValueInfoProto(name=tap))
        self.maps = _session(maps)
        steered = onnx.ModelProto.FromString(model.SerializeToString())
        for tap in taps:
            for node in steered.graph.node:
                node.input[:] = [_hand(tap) if name == tap else name for name in node.input]
            steered.graph.input.append(
                onnx.helper.make_tensor_value_info(_hand(tap), onnx.TensorProto.FLOAT, None)
            )
            if tap != self.input:
                steered.graph.output.append(onnx.ValueInfoProto(name=tap))
        self.steered = _session(steered)

    def map(self, tensor: np.ndarray, tap: str) -> np.ndarray:
        return tensor if tap == self.input else self.maps.run([tap], {self.input: tensor})[0]

    def probabilities(self, tensor: np.ndarray, by_hand: dict[str, np.ndarray]) -> np.ndarray:
        """Of all classes, in f64, with these maps in the place of the network's own."""
        feed = {_hand(tap): by_hand[tap] for tap in self.taps}
        names = {node.name for node in self.steered.get_inputs()}
        if self.input in names:
            feed[self.input] = tensor
        answer = self.steered.run([self.answer], feed)[0].astype(np.float64).reshape(-1)
        if not self.logits:
            return answer
        grown = np.exp(answer - answer.max())
        return grown / grown.sum()


def sweep(
    network: Network, tensor: np.ndarray, windows: range, fixed: dict[str, int] | None = None
) -> Curve:
    """The first tap is swept; those after it, in `fixed`, are held at their windows.

    A fixed tap stands before the swept one.
    """
    swept, *others = network.taps
    own = {tap: network.map(tensor, tap) for tap in network.taps}
    before = network.probabilities(tensor, own)
    top = int(before.argmax())
    entering = dict(own)
    for tap in others:
        entering[tap] = _held(own[tap], (fixed or {})[tap])
    if others:
        feed = {_hand(tap): entering[tap] for tap in network.taps}
        names = {node.name for node in network.steered.get_inputs()}
        if network.input in names:
            feed[network.input] = tensor
        entering[swept] = network.steered.run([swept], feed)[0]
    after = []
    for window in windows:
        by_hand = entering | {swept: _held(entering[swept], window)}
        after.append(float(network.probabilities(tensor, by_hand)[top]))
    return Curve(top, float(before[top]), float((own[swept] == 0).mean()), after)


def figures(curve: Curve) -> sanitisation.Sweep:
    return sanitisation.sweep(curve.after)


def _held(tensor: np.ndarray, window: int) -> np.ndarray:
    return held(tensor.reshape(-1), window).reshape(tensor.shape)


def _hand(tap: str) -> str:
    return f"{tap}/by hand"


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
