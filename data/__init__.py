"""Making data sets: seed problems, synthesis, export. Stands above `nl2opt`, below `app`."""

from nl2opt import shadowing as _shadowing

_shadowing.require_own("data")
