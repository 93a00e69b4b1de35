"""How bodies judge: rows in the order in which to look at them, and the funnel drawn of them."""

from songbai.domain.assessments.rules.agreement import BodyFigures, Stratum, funnel
from songbai.web.rooms.assessments.bureau.quality import drawing, rows_of

NAMES = {number: f"机构{number}" for number in range(1, 11)}


def bodies(severe: int) -> dict[int, BodyFigures]:
    """A body among nine that all call a fifth severe."""
    strata = [Stratum(1, "80", 200, severe), *(Stratum(n, "80", 200, 40) for n in range(2, 11))]
    return {
        point.body: BodyFigures(point.body, 200, 0.8, 200, 170, 62.0, 3, 1, point)
        for point in funnel(strata)
    }


def test_the_outlier_stands_on_top() -> None:
    first = rows_of(bodies(70), NAMES)[0]
    assert (first.name, first.word, first.agreed_percent) == ("机构1", "outlier", 85)


def test_the_funnel_holds_the_numbers_of_the_table() -> None:
    rows = rows_of(bodies(54), NAMES)
    told = drawing(rows)
    by_name = {row.name: row for row in rows}
    assert len(told["points"]) == len(told["low"]) == len(told["high"]) == 10
    for point, (n, low), (_, high) in zip(told["points"], told["low"], told["high"], strict=True):
        assert (n, point["word"]) == (200, by_name[point["name"]].word)
        inside = low <= point["ratio"] <= high
        assert inside or point["word"] == "outlier"


def test_a_body_without_peers_has_no_point() -> None:
    alone = {1: BodyFigures(1, 5, None, 5, 5, None, 0, 0, None)}
    rows = rows_of(alone, {})
    assert (rows[0].word, rows[0].url, drawing(rows)["points"]) == ("unclear", "", [])
