"""What was taken from others is what its list says."""

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "lianfang/doors/web/static/web/vendor"
LISTED = json.loads((VENDOR / "VENDOR.json").read_text())


@pytest.mark.parametrize("part", LISTED, ids=lambda part: part["package"])
def test_a_vendored_file_has_the_hash_and_the_licence_its_list_gives(part):
    assert hashlib.sha256((VENDOR / part["file"]).read_bytes()).hexdigest() == part["sha256"]
    assert part["version"]
    assert part["licence"] in {"0BSD", "Apache-2.0", "MIT", "BSD-3-Clause"}
    assert (VENDOR / part["licence_file"]).read_text().strip()


def test_nothing_lies_there_that_the_list_does_not_name():
    named = {part["file"] for part in LISTED} | {part["licence_file"] for part in LISTED}
    lying = {file.name for file in VENDOR.iterdir()} - {"VENDOR.json", "echarts.NOTICE.txt"}
    assert lying == named
