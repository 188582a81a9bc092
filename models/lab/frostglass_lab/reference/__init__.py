"""The formulas, written down a second time and independently of the Rust core.

One module a subject, in NumPy or mpmath, slow and plain. The golden vectors in `tests/golden` come
from here; Rust, Kotlin, Swift and Python are held to them. Where a paper is silent or wrong, the
docstring says which reading holds. Maps are laid out [channel][row][column]; where rows and
columns do not matter they are one axis, the positions.
"""
