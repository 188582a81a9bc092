"""What the paper measured, on AlexNet: a row is a layer's input feature map."""

TABLE_1 = [
    # layer, eff_san, low, mid, high, share of zeros
    ("conv1", 0.07, 9, 0, 2, 0.0),
    ("norm1", 0.61, 88, 2, 1, 0.49),
    ("pool1", 0.22, 30, 1, 2, 0.49),
    ("conv2", 0.19, 27, 1, 1, 0.11),
    ("norm2", 0.93, 100, 28, 10, 0.78),
    ("pool2", 0.87, 115, 4, 10, 0.78),
    ("conv3", 0.32, 37, 4, 6, 0.48),
    ("conv4", 0.15, 18, 0, 4, 0.73),
    ("conv5", 0.24, 29, 2, 5, 0.69),
    ("pool5", 0.81, 70, 23, 27, 0.88),
    ("fc6", 0.28, 25, 5, 12, 0.62),
    ("fc7", 0.02, 2, 1, 0, 0.85),
    ("fc8", 0.04, 4, 0, 2, 0.81),
]
TABLE_2 = [
    # pool5 after norm2: eff_san, low, mid, high, the first window below 0.2 (Fig. 5)
    ("original norm2", 0.81, 70, 23, 27, 87),
    ("norm2 held at 3", 0.83, 63, 26, 36, 106),
    ("norm2 held at 5", 0.90, 57, 28, 49, 114),
]
