"""The vault keeps personal data unreadable, once, and only as long as its key lives."""

import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from lianfang.registry import index, keys, vault
from lianfang.registry.models import BlindIndex, Subject, VaultKey, VaultRecord

pytestmark = pytest.mark.django_db
AT = datetime(2020, 2, 5, 4, tzinfo=UTC)
PERSON = {"name": "王𫖯", "document": "11010519491231002X", "phone": "138 0013 8000", "address": "某街道某楼"}


def test_what_was_sealed_opens_again_with_rare_characters_too() -> None:
    subject = index.pseudonym("document", PERSON["document"])
    assert vault.seal_many([vault.Personal(subject, PERSON, "410106001", "health")], AT) == 1
    assert vault.open_many([subject])[subject].fields == PERSON
    assert Subject.objects.get(pk=subject).kind == Subject.PERSON


def test_plain_pairs_of_subject_and_fields_are_taken_too() -> None:
    subject = uuid4()
    assert vault.seal_many([(subject, {"plate": "豫A12345", "name": ""})], AT) == 1
    assert vault.open_many([subject])[subject].fields == {"plate": "豫A12345"}
    assert Subject.objects.get(pk=subject).kind == Subject.VEHICLE


def test_the_same_again_is_kept_once_and_something_new_is_added() -> None:
    subject = uuid4()
    vault.seal_many([(subject, {"name": "甲"})], AT)
    assert vault.seal_many([(subject, {"name": "甲"})], AT) == 0
    assert vault.seal_many([(subject, {"name": "甲"}), (subject, {"phone": "13800138000"})], AT) == 1
    assert vault.open_many([subject])[subject].fields == {"name": "甲", "phone": "13800138000"}


def test_nothing_readable_stands_in_the_tables() -> None:
    subject = index.pseudonym("plate", "豫A12345")
    vault.seal_many([(subject, PERSON | {"plate": "豫A12345"})], AT)
    with connection.cursor() as cursor:
        text = ""
        for table in ("registry_subject", "registry_vaultrecord", "registry_blindindex", "registry_vaultkey"):
            cursor.execute(f"select string_agg(row_to_json({table})::text, ' ') from {table}")
            text += cursor.fetchone()[0] or ""
    for value in ("王", "11010519491231002X", "13800138000", "豫A12345", "某街道", "豫A12345".encode().hex()):
        assert value not in text


def test_a_number_given_beside_another_leads_to_the_subject_however_it_is_written() -> None:
    subject = index.pseudonym("document", PERSON["document"])
    vault.seal_many([(subject, PERSON)], AT)
    assert index.find("phone", "+86 138-0013-8000").get().pk == subject
    assert index.find("document", "１１０１０５１９４９１２３１００２ｘ").get().pk == subject
    assert not index.find("phone", "13900139000").exists()
    assert not index.find("phone", "").exists()
    assert BlindIndex.objects.count() == 1


def test_vehicles_without_a_plate_do_not_become_one_subject() -> None:
    with pytest.raises(index.NothingToIndex):
        index.pseudonym("plate", "无牌")


def test_destroying_a_months_key_closes_its_records_for_ever_and_no_others() -> None:
    subject = uuid4()
    later = datetime(2020, 3, 5, tzinfo=UTC)
    vault.seal_many([(subject, {"name": "甲"})], AT)
    vault.seal_many([(subject, {"phone": "13800138000"})], later)
    keys.destroy(keys.month_file("2020-02"))
    opened = vault.open_many([subject])[subject]
    assert opened.fields == {"phone": "13800138000"}
    assert opened.closed == 1


def test_a_lost_key_is_reported_and_never_quietly_replaced() -> None:
    vault.seal_many([(uuid4(), {"name": "甲"})], AT)
    keys.destroy(keys.month_file("2020-02"))
    with pytest.raises(keys.KeyMissing):
        vault.seal_many([(uuid4(), {"name": "乙"})], AT)
    keys.ensure(keys.month_file("2020-02"))
    with pytest.raises(keys.KeyWrong):
        vault.seal_many([(uuid4(), {"name": "乙"})], AT)


def test_nothing_is_sealed_under_a_destroyed_key() -> None:
    vault.seal_many([(uuid4(), {"name": "甲"})], AT)
    VaultKey.objects.update(destroyed_at=AT)
    with pytest.raises(keys.KeyDestroyed):
        vault.seal_many([(uuid4(), {"name": "乙"})], AT)


def test_a_record_moved_to_another_subject_does_not_open() -> None:
    one, other = uuid4(), uuid4()
    vault.seal_many([(one, {"name": "甲"})], AT)
    vault.seal_many([(other, {"phone": "13800138000"})], AT)
    VaultRecord.objects.filter(subject=one).update(subject=other)
    opened = vault.open_many([other])[other]
    assert (opened.fields, opened.broken, opened.closed) == ({"phone": "13800138000"}, 1, 0)


def test_a_replaced_key_opens_nothing_and_breaks_no_page() -> None:
    subject = uuid4()
    vault.seal_many([(subject, {"name": "甲"})], AT)
    keys.destroy(keys.month_file("2020-02"))
    keys.ensure(keys.month_file("2020-02"))
    opened = vault.open_many([subject])[subject]
    assert (opened.fields, opened.closed, opened.broken) == ({}, 1, 0)
    assert vault.masked_many([subject]) == {subject: {}}


def test_the_month_is_the_districts_and_not_greenwichs() -> None:
    assert vault.month(datetime(2020, 1, 31, 17, tzinfo=UTC)) == "2020-02"


def test_a_batch_of_a_hundred_is_sealed_in_a_few_milliseconds() -> None:
    rows = [(uuid4(), {"name": f"人{number}", "phone": f"1380013{number:04}"}) for number in range(1000)]
    vault.seal_many(rows[:10], AT)
    begun = time.perf_counter()
    for start in range(0, 1000, 100):
        vault.seal_many(rows[start : start + 100], AT)
    rate = 1000 / (time.perf_counter() - begun)
    print(f"{rate:.0f} records a second")
    assert rate > 2000
