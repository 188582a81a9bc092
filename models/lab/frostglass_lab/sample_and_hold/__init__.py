"""The experiments of *Controlling the privacy loss*, on SqueezeNet and VGG-19n.

    python -m frostglass_lab.sample_and_hold --program FROSTGLASS --kept FOLDER

makes all of `models/lab/results/sample-and-hold` again from the pictures and networks in the folder
that FROSTGLASS_DATA names. Sweeps are kept in FOLDER, so that a run that was broken off goes on.
"""
