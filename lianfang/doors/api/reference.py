"""The reference as a page: the OpenAPI document written out, without a script and without anything from elsewhere."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page(request: HttpRequest, document: Mapping[str, Any]) -> HttpResponse:
    """Answer the reference.

    Args:
        request: the request.
        document: the OpenAPI document.
    """
    words = {
        "title": document["info"]["title"],
        "description": document["info"].get("description", ""),
        "operations": [
            _operation(path, method, told)
            for path, methods in document["paths"].items()
            for method, told in methods.items()
        ],
        "schemas": [
            {"name": name, "text": _written(told), "description": told.get("description", "")}
            for name, told in document["components"]["schemas"].items()
        ],
    }
    return render(request, "api/reference.html", words)


def _operation(path: str, method: str, told: Mapping[str, Any]) -> dict[str, Any]:
    body = told.get("requestBody", {}).get("content", {})
    return {
        "path": path,
        "method": method.upper(),
        "summary": told.get("summary", ""),
        "description": told.get("description", ""),
        "security": sorted({name for each in told.get("security", ()) for name in each}),
        "parameters": told.get("parameters", ()),
        "body": [{"type": kind, **_shape(each["schema"])} for kind, each in body.items()],
        "responses": [
            {"status": status, "description": each.get("description", "")} for status, each in told["responses"].items()
        ],
    }


def _shape(schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of a shape that is written out below, or the shape itself."""
    ref = schema.get("$ref")
    return {"name": ref.rpartition("/")[2]} if ref else {"text": _written(schema)}


def _written(schema: Any) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)
