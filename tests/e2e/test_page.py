"""The demo's page in headless Chromium: everything shows, nothing is fetched, nothing overflows."""

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# Reads off the page what an eye would: run at its end, in a copy.
PROBE = """<script>
addEventListener("load", () => {
  const seen = {
    images: [...document.images].map(image => image.complete && image.naturalWidth > 0),
    overflow: document.documentElement.scrollWidth - innerWidth,
    height: document.documentElement.scrollHeight,
    fetched: performance.getEntriesByType("resource").map(entry => entry.name)
      .filter(name => !name.startsWith("data:")),
    links: [...document.querySelectorAll("a[href^='#']")]
      .every(link => document.getElementById(link.hash.slice(1))),
  };
  document.body.replaceChildren(JSON.stringify(seen));
});
</script>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([os.environ["FROSTGLASS_BIN"], "demo", "--out", str(folder)], check=True)
    return folder / "index.html"


def chromium(page: Path, width: int, *arguments: str) -> str:
    """Opens a page of this width with a fresh profile."""
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    switches += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    switches += [f"--user-data-dir={page.parent / 'profile'}", f"--window-size={width},1400"]
    switches += ["--hide-scrollbars", "--virtual-time-budget=5000", *arguments, page.as_uri()]
    command = [os.environ["FROSTGLASS_CHROMIUM"], *switches]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.parametrize("width", [1280, 800, 500])
def test_everything_shows_at_every_width(page: Path, width: int):
    probed = page.with_name("probed.html")
    probed.write_text(page.read_text().replace("</body>", PROBE + "</body>"))
    seen = json.loads(re.search(r"\{\"images.*\}", chromium(probed, width, "--dump-dom"), re.S)[0])
    assert len(seen["images"]) == 20 and all(seen["images"])
    assert seen["fetched"] == [], "the page fetches nothing"
    assert seen["links"], "every row of the summary leads somewhere"
    assert seen["overflow"] <= 0, "nothing is wider than the window"
    assert seen["height"] > 3000


def test_the_picture_is_not_blank(page: Path):
    shot = page.with_name("shot.png")
    chromium(page, 1280, f"--screenshot={shot}")
    pixels = np.asarray(Image.open(shot).convert("L"), np.float32)
    assert pixels.shape[1] == 1280 and pixels.std() > 20
