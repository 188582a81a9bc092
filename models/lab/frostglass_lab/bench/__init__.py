"""Times fronts on our executor and on other people's: `cargo xtask bench front`.

All engines are loaded into one process, on one core, one thread each, and take turns (`rounds`), so
that what the machine does meanwhile happens to all of them. Each is set up as its makers recommend
for speed in f32 and is timed by the same clock, around one call from Python; the figures and their
units are in `result`.
"""
