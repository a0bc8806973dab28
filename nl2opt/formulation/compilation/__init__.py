"""From a formulation to the flat model that solvers take, and what two such models have in common."""
