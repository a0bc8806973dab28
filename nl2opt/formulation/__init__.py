"""The five-element formulation: schema, expression language, checker, compiler, renderings."""
