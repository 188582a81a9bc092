//! A pre-trained network, read, checked, cut and run up to the cut.
