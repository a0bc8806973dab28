"""Short problems of different domains, how a language model may write them, and what a careful reader finds open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nl2opt.formulation.schema import Formulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A text with its formulation.

    Attributes:
        text: as a person writes it.
        formulation: as a language model writes it.
        open: what must be found, one part of each assumption; nothing else may be.
        moves: of these, the ones whose other reading moves the answer.
    """

    text: str
    formulation: dict[str, Any]
    open: tuple[str, ...] = ()
    moves: tuple[str, ...] = field(default=())

    def read(self) -> Formulation:
        """Return the formulation."""
        return Formulation.from_dict(self.formulation)


def scalar(variables: dict[str, tuple[str, str]], sense: str, objective: str, *rows: tuple[str, str]) -> dict[str, Any]:
    """Return a formulation of scalar variables, which are given by name as domain and description."""
    return {
        "variables": [
            {"name": name, "domain": domain, "description": words} for name, (domain, words) in variables.items()
        ],
        "objective": {"sense": sense, "expression": objective},
        "constraints": [{"name": name, "expression": expression} for name, expression in rows],
    }


DIET = Case(
    text=(
        "A canteen serves bread and milk. A serving of bread costs $2 and holds 3 grams of protein and 40 grams of "
        "starch; a serving of milk costs $3.5 and holds 8 grams of protein and 12 grams of starch. Lunch needs at "
        "least 25 grams of protein and more than 100 grams of starch. How many servings of each keep the cost lowest?"
    ),
    formulation=scalar(
        {"bread": ("integer", "servings of bread"), "milk": ("integer", "servings of milk")},
        "minimize",
        "2 * bread + 3.5 * milk",
        ("protein", "3 * bread + 8 * milk >= 25"),
        ("starch", "40 * bread + 12 * milk >= 100"),
    ),
    open=("servings are whole numbers", '"more than" includes the limit itself (starch)'),
    moves=("servings are whole numbers",),
)

STAFF = Case(
    text=(
        "A ward needs at least 5 nurses in the morning, at least 7 in the afternoon and at least 4 at night. A nurse "
        "works two shifts in a row, and costs $200 a day, or $250 for the afternoon and the night. How many nurses "
        "should begin when?"
    ),
    formulation=scalar(
        {"early": ("integer", "nurses who begin in the morning"), "late": ("integer", "nurses from the afternoon on")},
        "minimize",
        "200 * early + 250 * late",
        ("morning", "early >= 5"),
        ("afternoon", "early + late >= 7"),
        ("night", "late >= 4"),
    ),
)

BLEND = Case(
    text=(
        "A refinery blends light and heavy oil. Light oil costs $90 a tonne and holds 1% sulphur, heavy oil $60 and "
        "3%. The blend must have less than 2% sulphur. 500 tonnes of the blend are to be made as cheaply as possible."
    ),
    formulation=scalar(
        {"light": ("continuous", "tonnes of light oil"), "heavy": ("continuous", "tonnes of heavy oil")},
        "minimize",
        "90 * light + 60 * heavy",
        ("blend", "light + heavy == 500"),
        ("sulphur", "0.01 * light + 0.03 * heavy <= 0.02 * (light + heavy)"),
    ),
)

STOCK: dict[str, Any] = {
    "sets": [{"name": "MONTH", "elements": [1, 2, 3]}],
    "parameters": [
        {"name": "sold", "index": ["MONTH"], "value": [30, 40, 60]},
        {"name": "most", "value": 50},
        {"name": "make_cost", "index": ["MONTH"], "value": [10, 12, 20], "unit": "$/t"},
        {"name": "keep_cost", "value": 2},
    ],
    "variables": [
        {"name": "make", "index": ["MONTH"], "domain": "continuous", "lower": 0, "unit": "t"},
        {"name": "level", "index": ["MONTH"], "domain": "continuous", "lower": 0, "unit": "t"},
    ],
    "objective": {
        "sense": "minimize",
        "expression": "sum(make_cost[t] * make[t] + keep_cost * level[t] for t in MONTH)",
        "unit": "$",
    },
    "constraints": [
        {"name": "first_month", "expression": "level[1] == make[1] - sold[1]"},
        {"name": "balance", "expression": "level[t] == level[t-1] + make[t] - sold[t] for t in MONTH if t > 1"},
        {"name": "capacity", "expression": "make[t] <= most for t in MONTH"},
    ],
}
STORED = Case(
    text=(
        "A mill sells 30, 40 and 60 tonnes of flour in the next 3 months. It can make at most 50 tonnes a month, at "
        "$10, $12 and $20 a tonne, and keep flour in storage for $2 a tonne and month. What is the cheapest plan?"
    ),
    formulation=STOCK,
    open=("there is nothing of level before the first period",),
)
EMPTY_STORE = Case(text=STORED.text.replace("What is", "The storage is empty at first. What is"), formulation=STOCK)

MILLS = Case(
    text=(
        "Two mills ship flour to two bakeries. The north mill has 120 tonnes, the south mill 90. The first bakery "
        "needs 60 tonnes and the second 110. A tonne from the north mill costs $8 to the first and $6 to the second, "
        "from the south mill $9 and $12. What is the cheapest plan?"
    ),
    formulation=scalar(
        {
            name: ("continuous", f"tonnes from the {mill} mill to the {bakery} bakery")
            for name, mill, bakery in (
                ("n1", "north", "first"),
                ("n2", "north", "second"),
                ("s1", "south", "first"),
                ("s2", "south", "second"),
            )
        },
        "minimize",
        "8 * n1 + 6 * n2 + 9 * s1 + 12 * s2",
        ("north_has", "n1 + n2 <= 120"),
        ("south_has", "s1 + s2 <= 90"),
        ("first_bakery", "n1 + s1 == 60"),
        ("second_bakery", "n2 + s2 == 110"),
    ),
    open=("first_bakery and second_bakery are met exactly",),
)
MADE_IN_PAIRS = Case(
    text=(
        "A press cuts sheets into lids and cans, each sheet into 3 lids and 2 cans. The shop needs 300 lids and 250 "
        "cans. A sheet costs $4. How many whole sheets are cheapest?"
    ),
    formulation=scalar(
        {"sheets": ("integer", "sheets that are cut")},
        "minimize",
        "4 * sheets",
        ("lids", "3 * sheets >= 300"),
        ("cans", "2 * sheets >= 250"),
    ),
    open=("lids is met or more than met",),
    moves=("lids is met or more than met",),
)

FLEET = Case(
    text=(
        "A firm buys vans and trucks. A van carries 5 crates and costs $20,000, a truck 11 and $38,000. At least 100 "
        "crates must be carried, there must be more vans than trucks, and no more than 15 vans. How many of each are "
        "cheapest?"
    ),
    formulation=scalar(
        {"vans": ("integer", "number of vans"), "trucks": ("integer", "number of trucks")},
        "minimize",
        "20000 * vans + 38000 * trucks",
        ("crates", "5 * vans + 11 * trucks >= 100"),
        ("comparison", "vans >= trucks"),
        ("most_vans", "vans <= 15"),
    ),
    open=('"more vans than" includes the limit itself (comparison)',),
)

FUND = Case(
    text=(
        "A fund has $100,000 for bonds and shares of a company. Bonds return 3%, shares 7%. At most 40% of the total "
        "may be in shares, and at least $20,000 in bonds. How much should go into each for the largest return?"
    ),
    formulation=scalar(
        {"bonds": ("continuous", "dollars in bonds"), "stocks": ("continuous", "dollars in shares")},
        "maximize",
        "0.03 * bonds + 0.07 * stocks",
        ("money", "bonds + stocks <= 100000"),
        ("limit_on_shares", "stocks <= 0.4 * (bonds + stocks)"),
        ("some_bonds", "bonds >= 20000"),
    ),
)

TRAFFIC = Case(
    text=(
        "A hire firm buys bikes and cars with 60 parking lots. A bike takes 1 lot and earns $5, a car takes 2 lots and "
        "earns $8. Bikes may be at most 30% of the cars. What is the best number of bikes and of cars?"
    ),
    formulation=scalar(
        {"bikes": ("integer", "number of bikes"), "cars": ("integer", "number of cars")},
        "maximize",
        "5 * bikes + 8 * cars",
        ("lots", "bikes + 2 * cars <= 60"),
        ("share_of_bikes", "bikes <= 0.3 * (bikes + cars)"),
    ),
    open=("the share in share_of_bikes is one of the whole",),
    moves=("the share in share_of_bikes is one of the whole",),
)

WEEKS = Case(
    text=(
        "A plant makes beams and plates for 4 weeks. A beam takes 3 hours and earns $50, a plate 2 hours and $30. The "
        "saw runs 100 hours per week. How many beams and plates earn most, if at most 30 beams can be sold?"
    ),
    formulation={
        **scalar(
            {"beams": ("integer", "number of beams"), "plates": ("integer", "number of plates")},
            "maximize",
            "50 * beams + 30 * plates",
            ("saw", "3 * beams + 2 * plates <= saw_hours"),
            ("sold", "beams <= 30"),
        ),
        "parameters": [{"name": "saw_hours", "value": 100, "source": "The saw runs 100 hours per week"}],
    },
    open=("100 is for the whole time, not for each of 4 weeks",),
    moves=("100 is for the whole time, not for each of 4 weeks",),
)

UNLIMITED = Case(
    text=(
        "A workshop makes chairs and tables. A chair brings $30, a table $80. A chair takes 2 hours of work, a table 5 "
        "hours, and there are 400 hours. At most 40 tables can be sold. How many of each give the largest profit?"
    ),
    formulation=scalar(
        {"chairs": ("integer", "number of chairs"), "tables": ("integer", "number of tables")},
        "maximize",
        "30 * chairs + 80 * tables",
        ("hours", "2 * chairs + 5 * tables <= 400"),
    ),
    open=("40 limits nothing",),
    moves=("40 limits nothing",),
)

FIELDS = Case(
    text=(
        "A farmer has 50 acres for wheat and maize. An acre of wheat earns $200 and takes 3 days of work, an acre of "
        "maize earns $300 and takes 5 days. There are 190 days of work. How much of each crop should be grown?"
    ),
    formulation=scalar(
        {"wheat": ("integer", "acres of wheat"), "maize": ("integer", "acres of maize")},
        "maximize",
        "200 * wheat + 300 * maize",
        ("land", "wheat + maize <= 50"),
        ("work", "3 * wheat + 5 * maize <= 190"),
    ),
    open=("wheat and maize are whole numbers",),
)

HEAT = Case(
    text=(
        "Two rooms are at 18 degrees. A change of temperature by one degree in the first room is worth $3, in the "
        "second it costs $2. The changes may add up to at most 4 degrees, and each is at most 6 degrees. Which changes "
        "of temperature are best?"
    ),
    formulation=scalar(
        {
            "one": ("continuous", "change in temperature of the first room"),
            "two": ("continuous", "change in temperature of the second room"),
        },
        "maximize",
        "3 * one - 2 * two",
        ("together", "one + two <= 4"),
        ("most_first", "one <= 6"),
        ("most_second", "two <= 6"),
    ),
    open=("one is not negative", "two is not negative"),
    moves=("two is not negative",),
)

ROADS = Case(
    text=(
        "Oil goes from ports A and B to towns X and Y. A barrel from A to X costs $4, from A to Y $7, and from B to Y "
        "$3. A has 50 barrels, B 60. X must get 40 barrels at least, Y 45 at least. What is cheapest?"
    ),
    formulation={
        "sets": [{"name": "PORT", "elements": ["A", "B"]}, {"name": "TOWN", "elements": ["X", "Y"]}],
        "parameters": [
            {"name": "cost", "index": ["PORT", "TOWN"], "value": {"A,X": 4, "A,Y": 7, "B,Y": 3}, "default": 0},
            {"name": "has", "index": ["PORT"], "value": [50, 60]},
            {"name": "gets", "index": ["TOWN"], "value": [40, 45]},
        ],
        "variables": [{"name": "ship", "index": ["PORT", "TOWN"], "domain": "continuous", "lower": 0, "unit": "bbl"}],
        "objective": {"sense": "minimize", "expression": "sum(cost[p, t] * ship[p, t] for p in PORT for t in TOWN)"},
        "constraints": [
            {"name": "supply", "expression": "sum(ship[p, t] for t in TOWN) <= has[p] for p in PORT"},
            {"name": "demand", "expression": "sum(ship[p, t] for p in PORT) >= gets[t] for t in TOWN"},
        ],
    },
    open=("where no cost is stated, it is 0",),
    moves=("where no cost is stated, it is 0",),
)

CASES = {
    "diet": DIET,
    "staff": STAFF,
    "blend": BLEND,
    "stored": STORED,
    "empty store": EMPTY_STORE,
    "mills": MILLS,
    "pairs": MADE_IN_PAIRS,
    "fleet": FLEET,
    "fund": FUND,
    "traffic": TRAFFIC,
    "weeks": WEEKS,
    "unlimited": UNLIMITED,
    "fields": FIELDS,
    "heat": HEAT,
    "roads": ROADS,
}
