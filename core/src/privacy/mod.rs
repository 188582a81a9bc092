//! What a release costs in privacy: noise, sensitivity, calibration.
