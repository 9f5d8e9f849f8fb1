"""The cast is who it says it is, and the ground under the tests holds."""

import datetime as dt
import os
import socket
import warnings
from pathlib import Path

import pytest
from django.conf import settings

from guanxi.accounts.models import Staff
from guanxi.customers.models import Channel, Customer, MergeLog
from guanxi.orders.models import Order
from tests.cast import TODAY
from tests.conftest import NetworkClosed


def test_the_loyal_bought_this_month_and_the_lapsed_two_years_ago(loyal: Customer, lapsed: Customer) -> None:
    newest = {who: Order.objects.filter(customer=who).newest_first()[0].placed_on for who in (loyal, lapsed)}
    assert TODAY - newest[loyal] == dt.timedelta(days=3)
    assert TODAY - newest[lapsed] == dt.timedelta(days=730)
    assert Order.objects.filter(customer=loyal).count() == 8


def test_the_opted_out_has_a_consent_and_none_in_force(opted_out: Customer, agent: Staff) -> None:
    assert opted_out.consents.get().withdrawn_by == agent
    assert not opted_out.consents.in_force(Channel.EMAIL).exists()


def test_the_one_with_two_identities_is_one_customer(two_identities: Customer) -> None:
    assert {profile.source for profile in two_identities.profiles.all()} == {"own", "wechat"}
    assert MergeLog.objects.get(customer=two_identities).rule == "same phone"


def test_the_outsider_may_nothing_and_the_owner_everything(outsider: Staff, owner: Staff) -> None:
    assert owner.may("staff.change")
    assert not outsider.may("orders.view")
    assert not Customer.objects.visible_to(outsider).exists()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 443), ("shop.example", 80)])
def test_the_network_is_closed(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as line, pytest.raises(NetworkClosed):
        line.connect(address)


def test_foreign_names_are_not_looked_up() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("shop.example", 80)


def test_the_home_of_the_tests_is_theirs_alone() -> None:
    assert Path(os.environ["GUANXI_HOME"]) == Path(settings.HOME)
    assert Path(settings.HOME).name.startswith("guanxi-test-")


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("mind the step", stacklevel=1)
