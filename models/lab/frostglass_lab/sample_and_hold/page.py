# ruff: noqa: E501
"""The page of results: ours beside the paper's."""

from statistics import fmean

from frostglass_lab.sample_and_hold import curves, tables
from frostglass_lab.sample_and_hold.reconstruction import SHOWN
from frostglass_lab.sample_and_hold.sweeps import LAYERS


def text(date, penguin, averaged, two_taps, rules, reconstruction) -> str:
    names = list(rules)
    first, paper, median = names[0], names[1], names[2]

    def mean(name: str, layer: str, key: str) -> float:
        return fmean(sweep[key] for sweep in rules[name][layer])

    def more(layer: str) -> bool:
        return mean(median, layer, "eff_san") > mean(paper, layer, "eff_san")

    gains = [layer for layer in curves.COMPARED if more(layer)]
    falls = [
        layer
        for layer in curves.COMPARED
        if mean(first, layer, "total_rise") > mean(paper, layer, "total_rise")
    ]
    high = [layer for layer, sweep in penguin.items() if sweep["eff_san"] > 0.8]

    def psnr(window: int) -> float:
        return fmean(reconstruction["relu1_1"]["psnr"][reconstruction["windows"].index(window)])

    pictures = len(next(iter(rules[paper].values())))
    left_out = [layer for layer in LAYERS if layer not in averaged]
    missing = f"\nNot averaged in this run, for time: {', '.join(left_out)}." if left_out else ""
    return f"""\
# Sample-and-hold, measured

*Controlling the privacy loss with the input feature maps of the layers in convolutional neural
networks* on SqueezeNet 1.0 and VGG-19n. The paper used AlexNet, whose weights we do not have, so
figures are not expected to agree number by number; what it says of them is what is checked. Made on
{date} by

    FROSTGLASS_DATA=... python -m frostglass_lab.sample_and_hold --program target/release/frostglass

with the pictures of `imagenet_samples.zip`. Windows 2 to 150; "total rise" adds up all rises of the
probability from one window to the next. All of it is empirical: it bounds nothing. The numbers
behind it are in [measured.json](measured.json).

## Table 1: every layer's input feature map, king penguin

{tables.table_1(penguin)}

{tables.papers_table_1()}

Where they agree: eff_san goes from almost nothing to almost one within one network, and the last
pool's input (the paper's pool5, our pool8), which has many zeros, has both many steps and many above
0.8. Where they do not: in AlexNet three of thirteen maps pass 0.8, here {len(high)} of {len(penguin)}
({", ".join(high)}), some of them with few zeros; and the picture itself (conv1) gives
{penguin["conv1"]["eff_san"]:.2f} against the paper's 0.07. Much of a high eff_san is many different
probabilities near zero, see the column [0, 0.2): it counts steps of 1e-6, and a curve that has fallen
to 1e-4 still has a hundred of them. Read it with the two columns to its right.

### Averaged over {len(next(iter(averaged.values())))} pictures, mean ± standard deviation

{tables.averages(averaged)}
{missing}

## Table 2 and Fig. 5: an earlier map held while a later one is swept

{tables.table_2(two_taps)}

The paper holds norm2 at 3 and 5, which leaves the answer as it was, and sees more steps and a longer
attenuation. Here a window of 3 in an earlier map hardly changes the answer by itself ("p at window 2"),
and eff_san then rises, from {two_taps["original"]["eff_san"]:.2f} to 0.99 and more: there we agree. But
the attenuation gets shorter, not longer: the probability passes below 0.2 far earlier than window
{tables.below(two_taps["original"])}. And a window of 5 destroys the answer at once, so that what is
left to count lies near zero. There we do not agree.

![Two taps](fig5-two-taps.svg)

## Fig. 2 against Fig. 4: which sample stands for a window

![First sample against the mean](fig2-first-sample-against-mean.svg)

The first sample makes the probability swing, as the paper shows: over {pictures} pictures its total
rise is larger than the nearest-to-the-mean's at {len(falls)} of {len(curves.COMPARED)} layers
({", ".join(falls)}). Counting inversions alone hides it: both rise about as often, one by little.

## Beyond the paper: other rules, other windows

Mean over {pictures} pictures, the king penguin among them: eff_san; inversions; total rise.

{tables.rules(rules)}

`hold(N, rule=median)` takes the median of the non-zero samples. It gives more steps than the paper's
rule at {len(gains)} of {len(curves.COMPARED)} layers ({", ".join(gains)}), and pays with a larger
total rise at the last two. `hold(N, rule=largest)` gives fewer inversions at the last two, and fewer steps.
`hold(N, within=row)` begins windows anew with every row: far fewer inversions and a far smaller
total rise at the late layers. It has only as many different windows as a row is long (55 columns at
fire4, 27 at fire8 and pool8, 13 at conv_final), beyond which nothing changes, and it takes little away:
the penguin's probability at pool8 stays near 1 whatever the window (the figure), as it does under
`largest`, so that no high degree of sanitisation can be had there. So what is better is the median:
more steps, and lower ones. A curve that seldom rises is to be had with rows where a weak hold is enough.
The paper's rule stays the default.

![Rules](rules.svg)

## What held maps still show

VGG-19n up to relu1_1, relu2_1 and relu3_1, held, then given to inverters that were trained on maps
nobody had held; mean ± standard deviation over {len(reconstruction["pictures"])} pictures. An
attack that is trained on held maps would see more: this is not a bound.

{tables.reconstruction(reconstruction)}

The curves are not smooth at relu1_1: a row there is 224 values long, and windows that divide it evenly
begin in the same columns in every row. The inverter then makes more of the map: {psnr(3):.1f} dB
at a window of 3, {psnr(4):.1f} at 4; {psnr(5):.1f} at 5, {psnr(7):.1f} at 7. An odd window that does not
divide the row hides more there than a larger one that does.

![PSNR](reconstruction-psnr.svg)
![SSIM](reconstruction-ssim.svg)

The king penguin, from top to bottom relu1_1, relu2_1, relu3_1; windows {", ".join(map(str, SHOWN))}:

![What comes back](reconstruction.png)
"""
