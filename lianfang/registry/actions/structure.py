"""Bringing the registry to what a pack says."""

from datetime import datetime, time

from django.conf import settings
from django.db import connection, transaction

from lianfang.pack import DemoUser, Pack
from lianfang.registry import devices, loading, separation, vault
from lianfang.registry.actions.accounts import end_grant, grant
from lianfang.registry.actions.device import enrol_device
from lianfang.registry.actions.faults import NotAllowed, SeparationBroken
from lianfang.registry.actions.notes import note
from lianfang.registry.models import Area, Device, Household, Place, Role, Unit, User


@transaction.atomic
def load(*, pack: Pack, by: User | None, at: datetime) -> dict[str, int]:
    """Bring areas, units, places, roles and simulated households to what the pack says; again changes nothing.

    What the pack replaces keeps its dates and stays: who answered for what on a past day can always be told.

    Returns:
        How many rows were added, changed and closed.

    Raises:
        NotAllowed: `by` may not change the structure: only the installation itself may.
        SeparationBroken: a role of the pack mixes the administrators' powers with others.
    """
    if by is not None:
        raise NotAllowed("pack.load")
    day = at.astimezone(vault.ZONE).date()
    done: dict[str, int] = {"add": 0, "change": 0, "close": 0}
    for model, rows in ((Area, loading.areas(pack)), (Unit, loading.units(pack)), (Place, loading.places(pack))):
        made = loading.plan(rows, model.objects.values(), day)
        _apply(model, made)
        done = {key: done[key] + len(getattr(made, key)) for key in done}
    done["change"] += _load_roles(pack)
    done["add"] += _load_households(pack)
    if any(done.values()):
        note(by=by, at=at, verb="pack.load", about=pack.district, detail=dict(done))
    return done


@transaction.atomic
def load_demonstration(*, pack: Pack, at: datetime) -> dict[str, int]:
    """Bring the demonstration's people, grants and devices to what the pack says; again changes nothing.

    The devices' secrets go into a file beside the keys, for the replay to read.

    Raises:
        NotAllowed: this is not a demonstration.
    """
    if not settings.DEMONSTRATION:
        raise NotAllowed("demonstration")
    if pack.demonstration is None:
        return {"users": 0, "devices": 0}
    begins = datetime.combine(loading.first_day(pack), time.min, vault.ZONE)
    for each in pack.demonstration.users:
        _load_demonstration_user(each, begins, at)
    known = devices.demonstration_secrets()
    fresh = {}
    for device in pack.demonstration.devices:
        row = Device.objects.filter(code=device.code, revoked_at=None).first()
        if row is not None and bytes(row.digest) == devices.digest(known.get(device.code, "")):
            continue
        _, fresh[device.code] = enrol_device(
            by=None,
            at=begins,
            code=device.code,
            kind=device.kind,
            name=device.name.zh,
            area=device.area,
            unit=device.unit,
            place=device.place,
        )
    if fresh:
        transaction.on_commit(lambda: devices.keep_demonstration_secrets(known | fresh))
    return {"users": len(pack.demonstration.users), "devices": len(fresh)}


def _apply(model: type[Area] | type[Unit] | type[Place], made: loading.Plan) -> None:
    for code, first, last in made.close:
        model.objects.filter(code=code, valid_from=first).update(valid_to=last)
    for row in made.change:
        model.objects.filter(code=row["code"], valid_from=row["valid_from"]).update(**row)
    fresh = [model(**row) for row in made.add]
    model._default_manager.bulk_create(fresh, batch_size=1000)  # type: ignore[arg-type]


def _load_roles(pack: Pack) -> int:
    changed = 0
    for order, (code, role) in enumerate(pack.roles.items()):
        faults = separation.role_faults(role.administrator or "", role.powers)
        if faults:
            raise SeparationBroken(f"{code}: {', '.join(faults)}")
        words: dict[str, object] = {
            "title": role.label.zh,
            "title_en": role.label.en,
            "order": order,
            "own_rows": role.rows == "unit",
        }
        held = words | {"powers": list(role.powers), "administrator": role.administrator or ""}
        if not Role.objects.filter(code=code, **held).exists():
            Role.objects.update_or_create(code=code, defaults=held)
            changed += 1
    # A role the pack no longer knows keeps its name for the record, and nothing else.
    return changed + Role.objects.exclude(code__in=pack.roles).exclude(powers=[]).update(powers=[])


def _load_households(pack: Pack) -> int:
    rows = list(loading.households(pack))
    if not rows or Household.objects.filter(simulated=True).count() >= len(rows):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_STORE_HOUSEHOLDS, [[row[number] for row in rows] for number in range(4)])
        return int(cursor.rowcount)


_STORE_HOUSEHOLDS = """
insert into registry_household (id, area, door, valid_from, simulated)
select *, true from unnest(%s::uuid[], %s::text[], %s::text[], %s::date[]) on conflict (id) do nothing
"""


def _load_demonstration_user(given: DemoUser, begins: datetime, at: datetime) -> None:
    unit = given.grants[0].unit if given.grants else ""
    shown = {"name": given.name.zh, "unit": unit}
    user, made = User.objects.get_or_create(
        username=given.username, defaults=shown | {"demonstration": True, "created_at": begins, "password": "!"}
    )
    if not made:
        User.objects.filter(pk=user.pk, demonstration=True).update(**shown)
    held = {(each.role_id, each.area, each.unit, each.purpose): each for each in user.grants.in_force(at)}
    for each in given.grants:
        key = (each.role, each.area, each.unit, each.purpose)
        if held.pop(key, None) is None:
            role, area, limit, purpose = key
            grant(by=None, at=begins, user=user, role=Role.objects.get(pk=role), area=area, unit=limit, purpose=purpose)
    for old in held.values():
        end_grant(by=None, at=at, grant=old)
