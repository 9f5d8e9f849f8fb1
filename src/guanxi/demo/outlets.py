"""Where the tea house sells: five outlets, and how each one's files are to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHINA_TIME = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """A store of the demo: how trade goes there, and the mapping that reads its order file (none: a preset does).

    `source` is the name under which an import keeps what the outlet knows of people.
    """

    code: str
    name: str
    channel: str
    season: str = "online"
    currency: str = "CNY"
    time_zone: str = CHINA_TIME
    source: str
    share: int
    mapping: Mapping[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> dict[str, str]:
        """What an import says of its store."""
        return {
            "code": self.code, "name": self.name, "channel": self.channel, "currency": self.currency,
            "time_zone": self.time_zone,
        }  # fmt: skip


OWN = Outlet(
    code="hillside", name="山房官网 hillsidetea", channel="own", source="own", share=19,
    mapping={
        "order_number": "订单号", "customer_external_id": "会员编号", "customer_name": "姓名", "phone": "手机", "email": "邮箱",
        "placed_at": "下单时间", "paid_at": "付款时间", "shipped_at": "发货时间", "delivered_at": "签收时间", "status": "订单状态",
        "sku": "商品编码", "product_name": "商品", "category": "分类", "quantity": "数量", "unit_price": "单价", "discount": "优惠",
        "shipping": "运费", "total": "实付", "refund": "退款金额", "refunded_at": "退款时间", "reason": "退款原因",
        "province": "省份", "city": "城市", "recipient_name": "收件人", "recipient_phone": "收件人手机号", "address": "收货地址",
        "states": {
            "待付款": {"payment": "unpaid", "order": "open"},
            "待发货": {"payment": "paid", "fulfilment": "unfulfilled", "order": "open"},
            "已发货": {"payment": "paid", "fulfilment": "shipped", "order": "open"},
            "已完成": {"payment": "paid", "fulfilment": "delivered", "order": "completed"},
            "已关闭": {"order": "closed"},
        },
    },
)  # fmt: skip
COUNTER = Outlet(
    code="hefang", name="河坊街茶铺", channel="counter", season="counter", source="counter", share=14,
    mapping={
        "order_number": "小票号", "customer_external_id": "会员卡号", "customer_name": "会员姓名", "phone": "会员手机",
        "placed_at": "时间", "sku": "商品编码", "product_name": "商品", "category": "分类", "quantity": "数量",
        "unit_price": "单价", "discount": "优惠", "total": "实收", "refund": "退款", "reason": "退款原因",
    },
)  # fmt: skip
WECHAT = Outlet(
    code="mini", name="山房小程序", channel="wechat", source="wechat", share=20,
    mapping={
        "order_number": "订单号", "customer_external_id": "用户openid", "customer_name": "用户姓名", "phone": "手机号",
        "placed_at": "下单时间", "paid_at": "支付时间", "shipped_at": "发货时间", "delivered_at": "确认收货时间",
        "status": "订单状态", "sku": "商品编码", "product_name": "商品名称", "category": "分类", "quantity": "数量",
        "unit_price": "单价", "discount": "优惠金额", "shipping": "运费", "total": "实付金额", "refund": "退款金额",
        "reason": "退款原因", "province": "省份", "city": "城市", "recipient_name": "收件人", "address": "收货地址",
        "states": {
            "待付款": {"payment": "unpaid", "order": "open"},
            "待发货": {"payment": "paid", "fulfilment": "unfulfilled", "order": "open"},
            "待收货": {"payment": "paid", "fulfilment": "shipped", "order": "open"},
            "已完成": {"payment": "paid", "fulfilment": "delivered", "order": "completed"},
            "已取消": {"order": "closed"},
        },
    },
)  # fmt: skip
TMALL = Outlet(
    code="tmall", name="山房茶事天猫旗舰店", channel="tmall", source="taobao", share=36,
    mapping={"preset": "taobao-orders"},
)  # fmt: skip
SHOPIFY = Outlet(
    code="shopify", name="Hillside Tea International", channel="shopify", season="abroad", currency="USD",
    time_zone="America/New_York", source="shopify", share=11, mapping={"preset": "shopify-orders"},
)  # fmt: skip

# The outlets that tell of shelves come first, so that the goods are on them from the beginning.
OUTLETS = (OWN, WECHAT, COUNTER, TMALL, SHOPIFY)
MEMBERS = {  # how the member lists of the outlets that keep one are to be read
    "customer_external_id": "会员", "full_name": "姓名", "phone": "手机", "email": "邮箱", "gender": "性别",
    "birthday": "生日", "province": "省份", "city": "城市", "created_at": "注册时间",
}  # fmt: skip
KEEP_MEMBERS = (OWN, COUNTER, TMALL)
