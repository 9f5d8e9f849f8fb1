"""The fields an order, customer or event file can fill: their type, their level, and the words files use for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Type(StrEnum):
    """What a cell of the field must hold."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"


class Level(StrEnum):
    """What the field tells about: the document, one line, one payment, or the person."""

    DOCUMENT = "document"
    LINE = "line"
    PAYMENT = "payment"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: `limit` is the most letters it may have, `cut` whether a longer text is cut instead of rejected."""

    name: str
    label: str | Promise
    type: Type = Type.TEXT
    level: Level = Level.DOCUMENT
    limit: int = 100
    cut: bool = False
    words: tuple[str, ...] = ()


def _fields(*fields: Field) -> Mapping[str, Field]:
    return {field.name: field for field in fields}


N, T = Type.NUMBER, Type.TIME
LINE, PERSON, PAYMENT = Level.LINE, Level.PERSON, Level.PAYMENT

ORDER_FIELDS = _fields(
    Field(name="order_number", label=_("Order number"), limit=64,
          words=("order number", "order id", "order", "invoice", "订单编号", "订单号", "主订单编号")),
    Field(name="line_id", label=_("Line number"), limit=64, level=LINE, words=("line id", "子订单编号", "子订单号")),
    Field(name="placed_at", label=_("Placed at"), type=T,
          words=("date", "order date", "placed at", "created at", "订单创建时间", "下单时间", "订单提交时间")),
    Field(name="paid_at", label=_("Paid at"), type=T, words=("paid at", "payment date", "订单付款时间", "付款时间")),
    Field(name="shipped_at", label=_("Shipped at"), type=T, words=("shipped at", "发货时间")),
    Field(name="delivered_at", label=_("Delivered at"), type=T, words=("delivered at", "确认收货时间", "订单完成时间")),
    Field(name="refunded_at", label=_("Refunded at"), type=T, words=("refunded at", "退款时间")),
    Field(name="status", label=_("Status"), limit=60, words=("status", "state", "订单状态")),
    Field(name="currency", label=_("Currency"), limit=3, words=("currency", "币种")),
    Field(name="total", label=_("Total"), type=N, words=("total", "amount", "总金额", "订单金额", "应付金额")),
    Field(name="discount", label=_("Discount"), type=N, words=("discount", "优惠总金额", "优惠金额")),
    Field(name="shipping", label=_("Shipping fee"), type=N, words=("shipping", "freight", "运费", "买家应付邮费")),
    Field(name="tax", label=_("Tax"), type=N, words=("tax", "vat", "税费")),
    Field(name="refund", label=_("Refunded amount"), type=N, words=("refund", "refunded", "退款金额", "已退款金额")),
    Field(name="reason", label=_("Reason"), limit=120, cut=True, words=("reason", "退款原因")),
    Field(name="channel", label=_("Channel"), limit=20, words=("channel", "渠道")),
    Field(name="province", label=_("Province"), words=("province", "state/province", "省", "省份", "收货人省份")),
    Field(name="city", label=_("City"), words=("city", "市", "城市")),
    Field(name="country", label=_("Country"), words=("country", "国家")),
    Field(name="address", label=_("Address"), limit=400, cut=True, words=("address", "收货地址", "详细地址")),
    Field(name="recipient_name", label=_("Recipient"), words=("recipient", "收货人姓名", "收件人")),
    Field(name="recipient_phone", label=_("Recipient's phone"), limit=40,
          words=("recipient phone", "联系手机", "收件人手机号")),
    Field(name="sku", label=_("SKU"), limit=120, level=LINE,
          words=("sku", "stock code", "item", "商家编码", "商品编码")),
    Field(name="product_name", label=_("Product"), limit=300, cut=True, level=LINE,
          words=("product", "product name", "description", "标题", "宝贝标题", "商品名称", "商品标题")),
    Field(name="category", label=_("Category"), limit=120, cut=True, level=LINE, words=("category", "类目", "分类")),
    Field(name="quantity", label=_("Quantity"), type=N, level=LINE,
          words=("quantity", "qty", "购买数量", "商品数量", "数量")),
    Field(name="unit_price", label=_("Unit price"), type=N, level=LINE,
          words=("unit price", "price", "价格", "单价", "商品单价")),
    Field(name="payment_method", label=_("Payment method"), limit=40, level=PAYMENT,
          words=("payment method", "付款方式")),
    Field(name="payment_amount", label=_("Payment amount"), type=N, level=PAYMENT, words=("payment amount",)),
    Field(name="person_key", label=_("Key of the person"), limit=128),
    Field(name="customer_external_id", label=_("Customer number"), limit=128, level=PERSON,
          words=("customer id", "customer number", "customer", "buyer", "买家会员名", "买家昵称", "下单帐号")),
    Field(name="customer_name", label=_("Customer name"), limit=200, cut=True, level=PERSON,
          words=("customer name", "name", "客户姓名")),
    Field(name="phone", label=_("Phone"), limit=40, level=PERSON, words=("phone", "mobile", "手机", "买家手机")),
    Field(name="email", label=_("E-mail"), limit=254, level=PERSON, words=("email", "e-mail", "邮箱")),
)  # fmt: skip

CUSTOMER_FIELDS = _fields(
    *(ORDER_FIELDS[name] for name in ("customer_external_id", "phone", "email", "province", "city", "country")),
    Field(name="full_name", label=_("Full name"), limit=200, cut=True, level=PERSON,
          words=("full name", "name", "姓名", "客户姓名")),
    Field(name="given_name", label=_("Given name"), limit=100, level=PERSON, words=("given name", "first name", "名")),
    Field(name="surname", label=_("Surname"), limit=100, level=PERSON, words=("surname", "last name", "姓")),
    Field(name="birthday", label=_("Birthday"), type=Type.DATE, level=PERSON, words=("birthday", "birth date", "生日")),
    Field(name="gender", label=_("Gender"), limit=10, level=PERSON, words=("gender", "sex", "性别")),
    Field(name="member_card", label=_("Member card"), limit=64, level=PERSON, words=("member card", "会员卡号")),
    Field(name="street", label=_("Street"), limit=200, level=PERSON, words=("street", "街道")),
    Field(name="postcode", label=_("Postcode"), limit=20, level=PERSON, words=("postcode", "zip", "邮编")),
    Field(name="created_at", label=_("Customer since"), type=T, level=PERSON, words=("created at", "注册时间")),
)  # fmt: skip

EVENT_FIELDS = _fields(
    Field(name="name", label=_("What happened"), limit=100,
          words=("event", "event name", "event type", "behavior type", "behaviour", "action", "行为", "行为类型",
                 "事件")),
    Field(name="profile_external_id", label=_("Customer number"), limit=128, level=PERSON,
          words=("user id", "user", "uid", "customer id", "customer number", "用户id", "用户编号", "客户编号")),
    Field(name="device_id", label=_("Device"), limit=255, level=PERSON,
          words=("anonymous id", "device id", "visitor id", "cookie id", "设备id", "设备编号")),
    Field(name="occurred_at", label=_("When"), type=T,
          words=("timestamp", "time", "event time", "occurred at", "date", "时间戳", "时间", "行为时间")),
    Field(name="sku", label=_("SKU"), limit=120, words=("sku", "item id", "item", "product id", "商品id", "商品编码")),
    Field(name="category", label=_("Category"), limit=120, cut=True,
          words=("category", "category id", "category code", "类目", "类目id", "商品类目")),
    Field(name="value", label=_("Amount"), type=N, words=("value", "amount", "revenue", "price", "金额")),
    Field(name="currency", label=_("Currency"), limit=3, words=("currency", "币种")),
)  # fmt: skip

LINE_FIELDS = frozenset(name for name, field in ORDER_FIELDS.items() if field.level is Level.LINE)
ALL_FIELDS: Mapping[str, Field] = {**CUSTOMER_FIELDS, **ORDER_FIELDS}
