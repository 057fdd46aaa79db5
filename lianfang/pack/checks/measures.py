"""Figures, the ledger they reproduce, and the bulletins that print them."""

from collections.abc import Iterator

from lianfang.pack.bulletins import Bulletin
from lianfang.pack.checks.paths import COLUMNS, NUMBERS, Conditions, one_of
from lianfang.pack.figures import Count, Distinct, Figure, Sum
from lianfang.pack.reading import Gathered

AS_OF = "@as_of"


def check(gathered: Gathered) -> None:
    """Check that everything counted is written by a form, and everything printed is counted."""
    figures: dict[str, Figure] = gathered.parts["figures"]
    lines = gathered.parts.get("ledger", {})
    for figure in figures.values():
        for where, part in _located(figure):
            _part(gathered, Conditions(gathered, "figure", figure.name, "measure", *where), part)
        _rate(gathered, figure)
        if figure.ledger and figure.ledger not in lines:
            told = f"ledger.yaml has no line {figure.ledger!r}."
            gathered.fault_at("figure", figure.name, told, one_of(lines, figure.ledger), "ledger")
    _ledger(gathered)
    for screen, names in gathered.parts["head"].screens.items():
        for name in names:
            if name not in figures and not gathered.declared("figure", name):
                line = gathered.lines["pack.yaml"].get(("screens", screen), 1)
                gathered.fault(
                    "pack.yaml", line, f"The screen {screen} shows no figure {name!r}.", one_of(figures, name)
                )
    for bulletin in gathered.parts["bulletins"].values():
        _bulletin(gathered, bulletin)


def _located(figure: Figure) -> Iterator[tuple[tuple[str, ...], Count | Sum | Distinct]]:
    measure = figure.measure
    sides = {("stock", "plus"): measure.stock.plus, ("stock", "minus"): measure.stock.minus} if measure.stock else {}
    for where, side in ((("",), measure), *sides.items()):
        for word in ("count", "sum", "distinct"):
            part = getattr(side, word, None)
            if part is not None:
                yield (*(each for each in where if each), word), part


def _part(gathered: Gathered, conditions: Conditions, part: Count | Sum | Distinct) -> None:
    forms = gathered.parts["forms"]
    for kind in part.kinds:
        form = forms.get(kind)
        if form is None and gathered.declared("form", kind):
            continue
        if form is None:
            told = f"{conditions.name} counts {kind!r}, which no form writes."
            conditions.fault(told, one_of(forms, kind), "kinds")
        elif isinstance(part, Sum) and part.field == "quantity" and not form.quantity:
            told = f"The form {kind!r} has no quantity to sum."
            conditions.fault(told, f"lf_quantity in forms/{kind}.md, or field: answers.NAME", "field")
        elif isinstance(part, Sum) and part.field != "quantity":
            field = conditions.answer(part.field, form, True, "field")
            if part.field in COLUMNS or (field is not None and field.type not in NUMBERS):
                numbers = [f"answers.{path}" for path, each in form.walk() if each.type in NUMBERS]
                conditions.fault(f"{part.field!r} is no number.", one_of(["quantity", *numbers], part.field), "field")
        elif isinstance(part, Distinct):
            conditions.answer(part.by, form, True, "by")
    conditions.where(part.where, part.kinds, key="where", prefix=True, thresholds=False)


def _rate(gathered: Gathered, figure: Figure) -> None:
    figures: dict[str, Figure] = gathered.parts["figures"]
    if figure.measure.rate is None:
        return
    rate = figure.measure.rate
    for word, name in (("numerator", rate.numerator), ("denominator", rate.denominator)):
        if name not in figures and gathered.declared("figure", name):
            continue
        if name not in figures:
            told = f"The {word} {name!r} is no figure."
            gathered.fault_at("figure", figure.name, told, one_of(figures, name), "measure")
        elif figures[name].measure.rate is not None:
            told = f"The {word} {name!r} is itself a rate."
            gathered.fault_at("figure", figure.name, told, "a count, sum, distinct count or stock", "measure")


def _ledger(gathered: Gathered) -> None:
    figures = gathered.parts["figures"]
    named: dict[str, list[str]] = {}
    for figure in figures.values():
        if figure.ledger:
            named.setdefault(figure.ledger, []).append(figure.name)
    for line in gathered.parts.get("ledger", {}):
        # A broken figure may be the one.
        broken = any(sort == "figure" and name not in figures for sort, name in gathered.origin)
        if line not in named and not broken:
            gathered.fault_at("ledger", line, f"No figure reproduces {line}.", f"a figure with `ledger: {line}`")
    for line, names in named.items():
        for name in names[1:]:
            gathered.fault_at("figure", name, f"{line} is already {names[0]}.", "one figure a ledger line", "ledger")


def _bulletin(gathered: Gathered, bulletin: Bulletin) -> None:
    figures = gathered.parts["figures"]
    units = {each.code for each in gathered.parts["units"].all}
    for addressee in bulletin.distribution:
        if addressee.unit not in units:
            told = f"There is no unit {addressee.unit!r} to send to."
            gathered.fault_at("bulletin", bulletin.name, told, one_of(units, addressee.unit), "distribution")
    for item in bulletin.items:
        name = f"{bulletin.name}.{item.title}"
        if item.unit not in units:
            gathered.fault_at(
                "item", name, f"There is no unit {item.unit!r} to sign the item.", one_of(units, item.unit)
            )
        if not item.body:
            gathered.fault_at("item", name, "The item has no text.", "a paragraph below its unit")
        for reference in item.references:
            figure = reference.split()[0] if reference.split() else ""
            if figure not in figures and figure != AS_OF and not gathered.declared("figure", figure):
                told = f"{{{{{reference}}}}} is no figure."
                gathered.fault_at("item", name, told, one_of((*figures, AS_OF), figure))
