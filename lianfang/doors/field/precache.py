"""What the phone keeps for days without a line: every file of the app with its digest, and a version over them all."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "field"
# The worker fetches these itself, or nobody does.
LEFT_OUT = {"sw.js", "VENDOR.json"}


@dataclass(frozen=True, slots=True)
class Precache:
    """The files of one version.

    Args:
        version: changes when any file does.
        files: path to its digest, as browsers check it (`sha256-…`).
    """

    version: str
    files: Mapping[str, str]

    def script(self) -> str:
        """Return the line that stands in front of the worker's text."""
        told = {"version": self.version, "files": list(self.files.items())}
        return f"const PRECACHE = {json.dumps(told)};\n"


def of(rendered: Mapping[str, bytes], static_url: str) -> Precache:
    """Return the version of everything the app is made of.

    Args:
        rendered: path to content of what the door makes itself: the page, the words, the manifest.
        static_url: where the static files lie.
    """
    files = {path: integrity(content) for path, content in rendered.items()}
    for file in sorted(STATIC.rglob("*")):
        if file.is_file() and file.name not in LEFT_OUT and not file.name.startswith("LICENSE"):
            files[f"{static_url}field/{file.relative_to(STATIC).as_posix()}"] = integrity(file.read_bytes())
    worker = integrity((STATIC / "sw.js").read_bytes())
    version = hashlib.sha256(json.dumps([worker, files], sort_keys=True).encode()).hexdigest()[:16]
    return Precache(version, files)


def integrity(content: bytes) -> str:
    """Return a digest as browsers check it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()
