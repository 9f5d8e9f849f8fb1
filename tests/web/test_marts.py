"""A mart that does not fit its tables stops the program at the start."""

from collections.abc import Iterator

import pytest

from guanxi.warehouse import checks
from guanxi.warehouse.headers import MartBroken
from guanxi.web import server


def test_a_broken_mart_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def problems() -> Iterator[str]:
        yield "customer_rfm.sql reads orderz, which is no table"

    monkeypatch.setattr(checks, "problems", problems)
    with pytest.raises(MartBroken, match="orderz"):
        server.check_marts()


def test_the_marts_shipped_fit_their_tables() -> None:
    server.check_marts()
