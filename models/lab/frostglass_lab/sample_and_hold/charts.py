"""The curves of each figure, as `frostglass lab chart` draws them."""

from statistics import fmean

P = "probability of the original class"


def all_of(penguin, two_taps, rules, reconstruction) -> dict[str, dict]:
    """By the name of the file."""
    windows = reconstruction["windows"]
    pool8 = {name: by_layer["pool8"][0] for name, by_layer in rules.items()}
    first, paper = list(pool8)[:2]
    quality = {
        key: [
            {
                "name": layer,
                "points": [[w, fmean(v)] for w, v in zip(windows, by[key], strict=True)],
            }
            for layer, by in reconstruction.items()
            if layer.startswith("relu")
        ]
        for key in ("psnr", "ssim")
    }
    return {
        "fig2-first-sample-against-mean": _chart(
            "King penguin, pool8's input: first sample (Fig. 2), nearest to the mean (Fig. 4)",
            {name: pool8[name] for name in (first, paper)},
        ),
        "fig4-three-layers": _chart(
            "King penguin: three layers' inputs (Fig. 4)",
            {layer: penguin[layer] for layer in ("pool8", "conv_final", "fire8 squeeze")},
        ),
        "fig5-two-taps": _chart(
            "King penguin, pool8's input, an earlier one held (Fig. 5)",
            {n: s for n, s in two_taps.items() if n == "original" or n.startswith("pool")},
        ),
        "rules": _chart("King penguin, pool8's input, by rule", pool8),
        "reconstruction-psnr": {
            "title": "What an inverter makes of held maps of VGG-19n",
            "x": "window",
            "y": "PSNR, dB",
            "range": None,
            "curves": quality["psnr"],
        },
        "reconstruction-ssim": {
            "title": "What an inverter makes of held maps of VGG-19n",
            "x": "window",
            "y": "SSIM",
            "range": [0.0, 1.0],
            "curves": quality["ssim"],
        },
    }


def _chart(title: str, sweeps: dict[str, dict]) -> dict:
    curves = [
        {"name": name, "points": [[step["window"], step["p"]] for step in sweep["steps"]]}
        for name, sweep in sweeps.items()
    ]
    return {"title": title, "x": "window", "y": P, "range": [0.0, 1.0], "curves": curves}
