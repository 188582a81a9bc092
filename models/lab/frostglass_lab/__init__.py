"""The workshop behind Frostglass: conversion, characterisation, reference formulas, golden vectors.

Nothing in here runs on a phone. What ships is what these scripts write: the model zoo
(`models/zoo`), the noise tables (`core/src/privacy/noise`) and the golden vectors
(`tests/golden`). Each script is deterministic and can be run again at any time.
"""
