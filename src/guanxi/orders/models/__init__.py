"""The records of trade. One module a noun; import them from here."""

from guanxi.orders.models.order import (
    FulfilmentState,
    Order,
    OrderKind,
    OrderLine,
    OrderState,
    Payment,
    PaymentState,
    ReturnState,
)
from guanxi.orders.models.own_value import OrderValue
from guanxi.orders.models.purchases import Purchases, Uncounted
from guanxi.orders.models.refund import Refund, RefundLine
from guanxi.orders.models.store import Company, ExchangeRate, Store

__all__ = [
    "Company",
    "ExchangeRate",
    "FulfilmentState",
    "Order",
    "OrderKind",
    "OrderLine",
    "OrderState",
    "OrderValue",
    "Payment",
    "PaymentState",
    "Purchases",
    "Refund",
    "RefundLine",
    "ReturnState",
    "Store",
    "Uncounted",
]
