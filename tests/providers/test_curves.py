import base64

from service.providers import curves
from service.providers.provider import MetricPoint

PLAIN = b"""step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
1,2.5,0.4,,
2,1.5,0.6,1.75,0.5
"""
AZURE = b"""step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy,full_valid_loss
1,2.5,0.4,,,
2,1.5,0.6,1.75,0.5,1.25
"""


def test_a_plain_result_file_is_read_by_the_names_of_its_columns() -> None:
    assert curves.parse_result_file(PLAIN) == [
        MetricPoint(step=1, train_loss=2.5, train_accuracy=0.4),
        MetricPoint(step=2, train_loss=1.5, train_accuracy=0.6, valid_loss=1.75, valid_accuracy=0.5),
    ]


def test_a_result_file_in_base64_gives_the_same_points() -> None:
    assert curves.parse_result_file(base64.b64encode(PLAIN)) == curves.parse_result_file(PLAIN)
    assert curves.parse_result_file(base64.encodebytes(PLAIN)) == curves.parse_result_file(PLAIN)


def test_the_other_spelling_of_accuracy_is_understood() -> None:
    last = curves.parse_result_file(b"\xef\xbb\xbf" + AZURE.replace(b"\n", b"\r\n"))[-1]
    assert (last.train_accuracy, last.valid_accuracy, last.full_valid_loss) == (0.6, 0.5, 1.25)


def test_a_file_that_is_no_table_has_no_points() -> None:
    for content in (b"", b"\xff\xfe\x00", b"<html>gone</html>", b"step,train_loss\nx,1\n,2\n1e400,3\n", b"step\n1\n"):
        assert curves.parse_result_file(content) == []


def test_a_loss_that_is_not_a_number_is_named_and_not_given() -> None:
    found = curves.build_point({"step": "3", "train_loss": "NaN", "valid_loss": float("inf"), "train_accuracy": 0.5})
    assert found == MetricPoint(step=3, train_accuracy=0.5, not_finite=("train_loss", "valid_loss"))


def test_a_point_needs_a_step_and_a_measure() -> None:
    assert curves.build_point({"train_loss": 1.0}) is None
    assert curves.build_point({"step": 1, "train_loss": None, "valid_loss": "", "total_steps": 9}) is None
    assert curves.build_point({"step": True, "train_loss": 1.0}) is None
    assert curves.build_point({"step": -1, "train_loss": 1.0}) is None


def test_joining_keeps_what_came_first_and_fills_its_gaps() -> None:
    events = [MetricPoint(step=2, train_loss=1.0), MetricPoint(step=3, not_finite=("train_loss",))]
    file = [
        MetricPoint(step=1, train_loss=2.0),
        MetricPoint(step=2, train_loss=9.0, valid_loss=1.5),
        MetricPoint(step=3, train_loss=9.0),
    ]
    assert curves.merge_points(events, file) == (
        MetricPoint(step=1, train_loss=2.0),
        MetricPoint(step=2, train_loss=1.0, valid_loss=1.5),
        MetricPoint(step=3, not_finite=("train_loss",)),
    )
