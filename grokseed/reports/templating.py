"""Renders the templates of `templates/`, which hold the texts of tables and findings."""

from __future__ import annotations

import jinja2

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("grokseed.reports", "templates"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
)
