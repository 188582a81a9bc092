"""Counts the instructions that engines execute on aarch64: `cargo xtask bench arm`.

An emulator runs aarch64 builds of the engines in an arm64 root, one process for each front and
engine (`guest`), and a plugin of it counts. The count is the same on every machine, so commits can
be compared by it; it is no time: an instruction that waits for memory counts like any other.
"""
