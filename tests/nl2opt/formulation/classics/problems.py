"""Classic problems of the literature as formulations, with their known optima."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

Content = dict[str, Any]

FT06: Final = (
    "2 1 0 3 1 6 3 7 5 3 4 6", "1 8 2 5 4 10 5 10 0 10 3 4", "2 5 3 4 5 8 0 9 1 1 4 7", "1 5 0 5 2 5 3 3 4 8 5 9",
    "2 9 1 3 4 5 5 4 0 3 3 1", "1 3 3 3 5 9 0 10 4 4 2 1",
)  # fmt: skip
"""Machine and hours of each step of each job: Fisher and Thompson, Industrial Scheduling (1963); makespan 55."""
FT10: Final = (
    "0 29 1 78 2 9 3 36 4 49 5 11 6 62 7 56 8 44 9 21", "0 43 2 90 4 75 9 11 3 69 1 28 6 46 5 46 7 72 8 30",
    "1 91 0 85 3 39 2 74 8 90 5 10 7 12 6 89 9 45 4 33", "1 81 2 95 0 71 4 99 6 9 8 52 7 85 3 98 9 22 5 43",
    "2 14 0 6 1 22 5 61 3 26 4 69 8 21 7 49 9 72 6 53", "2 84 1 2 5 52 3 95 8 48 9 72 0 47 6 65 4 6 7 25",
    "1 46 0 37 3 61 2 13 6 32 5 21 9 32 8 89 7 30 4 55", "2 31 0 86 1 46 5 74 4 32 6 88 8 19 9 48 7 36 3 79",
    "0 76 1 69 3 76 5 51 2 85 9 11 6 40 7 89 4 26 8 74", "1 85 0 13 2 61 6 7 8 64 9 76 5 47 3 52 4 90 7 45",
)  # fmt: skip
"""As above; makespan 930, which was open for 25 years (Carlier and Pinson, Management Science 35, 1989)."""
BAYG29: Final = (
    "97 205 139 86 60 220 65 111 115 227 95 82 225 168 103 266 205 149 120 58 257 152 52 180 136 82 34 145",
    "129 103 71 105 258 154 112 65 204 150 87 176 137 142 204 148 148 49 41 211 226 116 197 89 153 124 74",
    "219 125 175 386 269 134 184 313 201 215 267 248 271 274 236 272 160 151 300 350 239 322 78 276 220 60",
    "167 182 180 162 208 39 102 227 60 86 34 96 129 69 58 60 120 119 192 114 110 192 136 173 173",
    "51 296 150 42 131 268 88 131 245 201 175 275 218 202 119 50 281 238 131 244 51 166 95 69",
    "279 114 56 150 278 46 133 266 214 162 302 242 203 146 67 300 205 111 238 98 139 52 120",
    "178 328 206 147 308 172 203 165 121 251 216 122 231 249 209 111 169 72 338 144 237 331",
    "169 151 227 133 104 242 182 84 290 230 146 165 121 270 91 48 158 200 39 64 210",
    "172 309 68 169 286 242 208 315 259 240 160 90 322 260 160 281 57 192 107 90",
    "140 195 51 117 72 104 153 93 88 25 85 152 200 104 139 154 134 149 135",
    "320 146 64 68 143 106 88 81 159 219 63 216 187 88 293 191 258 272",
    "174 311 258 196 347 288 243 192 113 345 222 144 274 124 165 71 153",
    "144 86 57 189 128 71 71 82 176 150 56 114 168 83 115 160",
    "61 165 51 32 105 127 201 36 254 196 136 260 212 258 234",
    "106 110 56 49 91 153 91 197 136 94 225 151 201 205", "215 159 64 126 128 190 98 53 78 218 48 127 214",
    "61 155 157 235 47 305 243 186 282 261 300 252", "105 100 176 66 253 183 146 231 203 239 204",
    "113 152 127 150 106 52 235 112 179 221", "79 163 220 119 164 135 152 153 114", "236 201 90 195 90 127 84 91",
    "273 226 148 296 238 291 269", "112 130 286 74 155 291", "130 178 38 75 180", "281 120 205 270", "213 145 36",
    "94 217", "162",
)  # fmt: skip
"""Distances of 29 cities in Bavaria, upper rows: TSPLIB (Reinelt, ORSA Journal on Computing 3, 1991); tour 1610."""
SUDOKU: Final = (
    "53..7....", "6..195...", ".98....6.", "8...6...3", "4..8.3..1", "7...2...6", ".6....28.", "...419..5", "....8..79",
)  # fmt: skip
SUDOKU_SOLVED: Final = (
    "534678912", "672195348", "198342567", "859761423", "426853791", "713924856", "961537284", "287419635", "345286179",
)  # fmt: skip


def job_shop(rows: Sequence[str]) -> Content:
    """Each job's steps in order, no two steps on one machine at once, as soon done as possible."""
    steps = [[int(word) for word in row.split()] for row in rows]
    jobs, count = len(rows), len(steps[0]) // 2
    machine = [step[0::2] for step in steps]
    hours = [step[1::2] for step in steps]
    horizon = sum(map(sum, hours))
    return {
        "title": "Job shop",
        "sets": [
            {"name": "JOB", "elements": list(range(1, jobs + 1))},
            {"name": "STEP", "elements": list(range(1, count + 1))},
            {"name": "MACHINE", "elements": list(range(count))},
        ],
        "parameters": [
            {"name": "machine", "index": ["JOB", "STEP"], "value": machine},
            {"name": "hours", "index": ["JOB", "STEP"], "value": hours},
        ],
        "variables": [
            {"name": "start", "index": ["JOB", "STEP"], "domain": "integer", "lower": 0, "upper": horizon},
            {"name": "end", "domain": "integer", "lower": 0, "upper": horizon},
        ],
        "objective": {"sense": "minimize", "expression": "end"},
        "constraints": [
            {
                "name": "order",
                "expression": "start[j, s] >= start[j, s - 1] + hours[j, s - 1] for j in JOB for s in STEP if s > 1",
            },
            {
                "name": "one_at_a_time",
                "expression": "no_overlap((start[j, s], hours[j, s]) for j in JOB for s in STEP if machine[j, s] == m) "
                "for m in MACHINE",
            },
            {"name": "done", "expression": f"end >= start[j, {count}] + hours[j, {count}] for j in JOB"},
        ],
    }


def tour(rows: Sequence[str]) -> Content:
    """The shortest tour through all cities."""
    upper = [[int(word) for word in row.split()] for row in rows]
    size = len(upper) + 1
    far = [[0] * size for _ in range(size)]
    for i, row in enumerate(upper):
        for offset, distance in enumerate(row, start=i + 1):
            far[i][offset] = far[offset][i] = distance
    return {
        "title": "Shortest tour",
        "sets": [
            {"name": "CITY", "elements": list(range(1, size + 1))},
            {"name": "ROAD", "elements": "[(i, j) for i in CITY for j in CITY if i != j]"},
        ],
        "parameters": [{"name": "km", "index": ["CITY", "CITY"], "value": far}],
        "variables": [{"name": "use", "index": ["ROAD"], "domain": "binary"}],
        "objective": {"sense": "minimize", "expression": "sum(km[i, j] * use[i, j] for (i, j) in ROAD)"},
        "constraints": [{"name": "round", "expression": "circuit((i, j, use[i, j]) for (i, j) in ROAD)"}],
    }


def sudoku(rows: Sequence[str]) -> Content:
    """Every digit once in each row, column and block."""
    given = [[int(digit) if digit != "." else 0 for digit in row] for row in rows]
    return {
        "title": "Sudoku",
        "sets": [{"name": "N", "elements": "range(1, 10)"}, {"name": "B", "elements": [0, 3, 6]}],
        "parameters": [{"name": "given", "index": ["N", "N"], "value": given}],
        "variables": [{"name": "digit", "index": ["N", "N"], "domain": "integer", "lower": 1, "upper": 9}],
        "objective": None,
        "constraints": [
            {"name": "rows", "expression": "all_different(digit[i, j] for j in N) for i in N"},
            {"name": "columns", "expression": "all_different(digit[i, j] for i in N) for j in N"},
            {
                "name": "blocks",
                "expression": "all_different(digit[i, j] for i in N for j in N if a < i <= a + 3 if b < j <= b + 3) "
                "for a in B for b in B",
            },
            {"name": "clues", "expression": "digit[i, j] == given[i, j] for i in N for j in N if given[i, j] > 0"},
        ],
    }


def queens(size: int) -> Content:
    """As many queens as rows, none in the way of another."""
    return {
        "title": "Queens",
        "sets": [{"name": "R", "elements": f"range({size})"}],
        "variables": [{"name": "queen", "index": ["R"], "domain": "integer", "lower": 0, "upper": size - 1}],
        "objective": None,
        "constraints": [
            {"name": "columns", "expression": "all_different(queen[i] for i in R)"},
            {"name": "up", "expression": "all_different(queen[i] + i for i in R)"},
            {"name": "down", "expression": "all_different(queen[i] - i for i in R)"},
        ],
    }


def klee_minty(size: int) -> Content:
    """A cube that the simplex method walks around, all of its corners: Klee and Minty (1972); optimum 5**size."""
    return {
        "title": "Klee and Minty's cube",
        "sets": [{"name": "I", "elements": f"range(1, {size + 1})"}],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "maximize", "expression": f"sum(2 ** ({size} - i) * x[i] for i in I)"},
        "constraints": [
            {"name": "c", "expression": "sum(2 ** (i - j + 1) * x[j] for j in I if j < i) + x[i] <= 5 ** i for i in I"}
        ],
    }


BEALE: Final[Content] = {
    "title": "Beale's cycling program (1955)",
    "variables": [{"name": f"x{n}", "domain": "continuous", "lower": 0} for n in range(1, 5)],
    "objective": {"sense": "minimize", "expression": "-0.75 * x1 + 150 * x2 - 0.02 * x3 + 6 * x4"},
    "constraints": [
        {"name": "first", "expression": "0.25 * x1 - 60 * x2 - 0.04 * x3 + 9 * x4 <= 0"},
        {"name": "second", "expression": "0.5 * x1 - 90 * x2 - 0.02 * x3 + 3 * x4 <= 0"},
        {"name": "third", "expression": "x3 <= 1"},
    ],
}

UNITS: Final[Content] = {
    "title": "Unit commitment",
    "sets": [{"name": "UNIT", "elements": ["coal", "gas", "oil"]}, {"name": "T", "elements": [1, 2, 3, 4]}],
    "parameters": [
        {"name": "demand", "index": ["T"], "value": [120, 260, 310, 150]},
        {"name": "least", "index": ["UNIT"], "value": [80, 30, 20]},
        {"name": "most", "index": ["UNIT"], "value": [200, 120, 60]},
        {"name": "fixed", "index": ["UNIT"], "value": [300, 150, 60]},
        {"name": "cost", "index": ["UNIT"], "value": [10, 16, 25]},
        {"name": "starting", "index": ["UNIT"], "value": [500, 120, 30]},
    ],
    "variables": [
        {"name": "on", "index": ["UNIT", "T"], "domain": "binary"},
        {"name": "begins", "index": ["UNIT", "T"], "domain": "binary"},
        {"name": "power", "index": ["UNIT", "T"], "domain": "continuous", "lower": 0},
    ],
    "objective": {
        "sense": "minimize",
        "expression": "sum(cost[u] * power[u, t] + fixed[u] * on[u, t] + starting[u] * begins[u, t] "
        "for u in UNIT for t in T)",
    },
    "constraints": [
        {"name": "balance", "expression": "sum(power[u, t] for u in UNIT) == demand[t] for t in T"},
        {"name": "above", "expression": "power[u, t] >= least[u] * on[u, t] for u in UNIT for t in T"},
        {"name": "below", "expression": "power[u, t] <= most[u] * on[u, t] for u in UNIT for t in T"},
        {"name": "first", "expression": "begins[u, 1] >= on[u, 1] for u in UNIT"},
        {"name": "later", "expression": "begins[u, t] >= on[u, t] - on[u, t - 1] for u in UNIT for t in T if t > 1"},
    ],
}


def chance_constraint(reserve: float) -> Content:
    """Two uncertain yields; the loss stays above the limit with a given probability: Charnes and Cooper (1959)."""
    return {
        "title": "Chance constraint",
        "variables": [{"name": n, "domain": "continuous", "lower": 0, "upper": 100} for n in ("x", "y", "risk")],
        "objective": {"sense": "maximize", "expression": "3 * x + 2 * y"},
        "constraints": [
            {"name": "norm", "expression": "soc(risk, 0.6 * x, 0.8 * y)"},
            {"name": "limit", "expression": f"x + y + {reserve} * risk <= 50"},
        ],
    }


def portfolio(least_return: float) -> Content:
    """The least variance for a return: Markowitz (1952), three assets without correlation."""
    return {
        "title": "Portfolio",
        "sets": [{"name": "A", "elements": ["bond", "fund", "share"]}],
        "parameters": [
            {"name": "gain", "index": ["A"], "value": [0.02, 0.06, 0.10]},
            {"name": "variance", "index": ["A"], "value": [0.01, 0.04, 0.16]},
        ],
        "variables": [{"name": "w", "index": ["A"], "domain": "continuous", "lower": 0, "upper": 1}],
        "objective": {"sense": "minimize", "expression": "sum(variance[a] * w[a] ** 2 for a in A)"},
        "constraints": [
            {"name": "all_money", "expression": "sum(w[a] for a in A) == 1"},
            {"name": "gain_wanted", "expression": f"sum(gain[a] * w[a] for a in A) >= {least_return}"},
        ],
    }
