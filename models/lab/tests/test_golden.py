"""The golden files are what the reference answers today."""

import pytest

from frostglass_lab.checkout import GOLDEN
from frostglass_lab.golden import notation
from frostglass_lab.golden.__main__ import SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.NAME)
def test_the_file_has_not_drifted(subject):
    found = (GOLDEN / f"{subject.NAME}.json").read_text()
    assert notation.agree(found, notation.text(subject.NAME, subject.document()))
