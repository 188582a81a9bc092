"""The engines, one file each."""

import importlib

from frostglass_lab.bench.engine import Engine, Setting

NAMES = ("frostglass", "onnxruntime", "ncnn", "mnn", "litert", "tract")


def load(name: str, setting: Setting) -> Engine:
    """Loads the engine's library; an ImportError or NotAvailable where it is not installed."""
    return importlib.import_module(f"{__name__}.{name}").load(setting)
