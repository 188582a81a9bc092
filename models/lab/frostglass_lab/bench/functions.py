"""The C boundary of the crate `frostglass-bench`."""

import ctypes

from frostglass_lab.bench.engine import Setting


class Functions:
    """Functions of its shared library, without their common prefix: name -> (result, arguments)."""

    def __init__(self, setting: Setting, prefix: str, signatures: dict[str, tuple]):
        library = ctypes.CDLL(str(setting.library))
        for name, (result, arguments) in signatures.items():
            function = getattr(library, f"{prefix}_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)
