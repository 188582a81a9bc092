"""Writes the noise tables of the two grids, and the golden file that describes them.

    python -m frostglass_lab.noise_table [--check]

A table is T_0, T_1, ..., T_(K-1) (see reference.rounded_gaussian), three 64-bit words each, the
highest word first, every word least significant byte first.
"""

import argparse
import hashlib
import sys

from mpmath import mp

from frostglass_lab.checkout import GOLDEN, NOISE_TABLES
from frostglass_lab.golden import notation
from frostglass_lab.reference import rounded_gaussian
from frostglass_lab.reference.grid import NOISE_SIGMA

ETA_ALLOWED = 2.0**-40
DIGITS = 40


def binary(table: list[int]) -> bytes:
    """The bytes of a table."""
    mask = 2**64 - 1
    return b"".join(
        (threshold >> shift & mask).to_bytes(8, "little")
        for threshold in table
        for shift in (128, 64, 0)
    )


def description(integer: str, table: list[int]) -> dict:
    """What tests/golden/noise.json says of a table."""
    sigma = NOISE_SIGMA[integer]
    eta = rounded_gaussian.eta(table, sigma)
    if eta > ETA_ALLOWED:
        raise ValueError(f"{integer}: eta is 2^{float(mp.log(eta, 2)):.2f}")
    content = binary(table)
    inside = sorted({0, 1, 2, 3, sigma, 2 * sigma, 3 * sigma, 5 * sigma, 8 * sigma, len(table) - 1})
    return {
        "integer": integer,
        "sigma": sigma,
        "file": f"{integer}.table",
        "thresholds": len(table),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "eta": float(eta),
        "eta_log2": round(float(mp.log(eta, 2)), 3),
        "past_the_table": float(rounded_gaussian.past_the_table(table, sigma)),
        "past_the_table_log2": round(
            float(mp.log(rounded_gaussian.past_the_table(table, sigma), 2)), 3
        ),
        "probabilities": [
            {
                "k": k,
                "p": mp.nstr(rounded_gaussian.probability(k, sigma), DIGITS),
                "table": mp.nstr(rounded_gaussian.table_probability(table, k), DIGITS),
            }
            for k in inside
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    tables = {integer: rounded_gaussian.thresholds(sigma) for integer, sigma in NOISE_SIGMA.items()}
    descriptions = [description(integer, table) for integer, table in tables.items()]
    contents = {NOISE_TABLES / f"{i}.table": binary(table) for i, table in tables.items()}
    contents[GOLDEN / "noise.json"] = notation.text("noise", {"tables": descriptions}).encode()
    for row in descriptions:
        print(
            f"{row['file']}: {row['thresholds']} thresholds, {row['bytes']:,} bytes, eta 2^"
            f"{row['eta_log2']}, past the table 2^{row['past_the_table_log2']}"
        )
    drifted = []
    for path, content in contents.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            drifted.append(path.name)
    if drifted:
        print(f"differs from the computation: {', '.join(drifted)}", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
