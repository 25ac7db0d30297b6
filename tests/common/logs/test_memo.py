"""A memo works results out once, and never holds more than its limit."""

import pytest

from common.logs.memo import Memo


def test_a_result_is_worked_out_once():
    asked = []
    memo = Memo(lambda key: asked.append(key) or key * 2)
    assert [memo[3], memo[3], memo[5]] == [6, 6, 10]
    assert asked == [3, 5]


def test_a_full_memo_starts_afresh():
    memo = Memo(str, limit=3)
    assert [memo[key] for key in range(7)] == list("0123456")
    assert list(memo) == [6]


def test_an_exception_is_not_kept():
    memo = Memo(int)
    with pytest.raises(ValueError, match="invalid literal"):
        memo["x"]
    assert not memo
