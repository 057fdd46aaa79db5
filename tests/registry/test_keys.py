"""Key files are closed to others, made once, and gone when destroyed."""

import stat
import threading
from pathlib import Path

import pytest

from lianfang.registry import keys


def test_a_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "vault" / "2020-02.key"
    key = keys.ensure(file)
    assert len(key) == 32
    assert keys.ensure(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.parent.iterdir()] == ["2020-02.key"]


def test_many_at_once_agree_on_one_key(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(keys.ensure(tmp_path / "k.key"))) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 12
    assert len(set(found)) == 1


def test_a_destroyed_key_is_gone_also_from_memory(tmp_path: Path) -> None:
    file = tmp_path / "k.key"
    old = keys.ensure(file)
    keys.destroy(file)
    with pytest.raises(keys.KeyMissing):
        keys.read(file)
    assert keys.ensure(file) != old


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    for text in ("", "zz", "00" * 31):
        (tmp_path / "k.key").write_text(text)
        with pytest.raises(keys.KeyWrong):
            keys.read(tmp_path / "k.key")


def test_the_fingerprint_tells_keys_apart_without_telling_them(tmp_path: Path) -> None:
    key = keys.ensure(tmp_path / "k.key")
    assert keys.fingerprint(key) not in key.hex()
    assert keys.fingerprint(key) != keys.fingerprint(keys.ensure(tmp_path / "l.key"))
