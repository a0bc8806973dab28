"""Making data sets: seed problems, synthesis, export. Stands above `nl2opt`, below `app`."""
