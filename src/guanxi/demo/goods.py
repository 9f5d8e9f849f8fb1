"""What the tea house sells: a name in both languages, a shelf, prices in yuan and dollars, and how well it goes."""

from dataclasses import dataclass

WHITE, OOLONG, PUER, BLACK = "白茶 White tea", "乌龙 Oolong", "普洱 Pu'er", "红茶 Black tea"
GREEN, JASMINE, MATCHA = "绿茶 Green tea", "茉莉花茶 Jasmine tea", "抹茶 Matcha"
WARE, GIFTS = "茶器 Teaware", "礼盒 Gift boxes"
SHELVES = (WHITE, OOLONG, PUER, BLACK, GREEN, JASMINE, MATCHA, WARE, GIFTS)


@dataclass(frozen=True)
class Good:
    """One thing on the shelf; `sold` is how often against the others, no dollar price means it is not sent abroad."""

    sku: str
    shelf: str
    zh: str
    en: str
    yuan: int
    dollars: int
    sold: int

    @property
    def name(self) -> str:
        """The name in both languages, as the shop writes it."""
        return f"{self.zh} {self.en}"


GOODS = (
    Good("WT-YZ-050", WHITE, "白毫银针 50 g", "Silver Needle", 168, 36, 8),
    Good("WT-MD-050", WHITE, "白牡丹 50 g", "White Peony", 88, 20, 12),
    Good("WT-MD-200", WHITE, "白牡丹 200 g", "White Peony, large", 298, 64, 4),
    Good("WT-SM-100", WHITE, "寿眉 100 g", "Shou Mei", 59, 15, 14),
    Good("WT-CK-350", WHITE, "寿眉老白茶饼 2019 350 g", "Aged Shou Mei cake 2019", 268, 58, 9),
    Good("WT-CK-300", WHITE, "白牡丹茶饼 2022 300 g", "White Peony cake 2022", 328, 70, 4),
    Good("OL-RG-050", OOLONG, "武夷肉桂 50 g", "Wuyi Rou Gui", 138, 30, 8),
    Good("OL-SX-050", OOLONG, "武夷水仙 50 g", "Wuyi Shui Xian", 98, 22, 8),
    Good("OL-DH-080", OOLONG, "大红袍 80 g", "Da Hong Pao", 158, 34, 9),
    Good("OL-TG-250", OOLONG, "安溪铁观音 清香 250 g", "Tie Guan Yin, light", 128, 28, 10),
    Good("OL-TK-100", OOLONG, "铁观音 炭焙 100 g", "Tie Guan Yin, charcoal roast", 108, 25, 5),
    Good("OL-YL-050", OOLONG, "凤凰单丛 鸭屎香 50 g", "Phoenix Dan Cong Ya Shi Xiang", 118, 28, 9),
    Good("OL-ML-050", OOLONG, "凤凰单丛 蜜兰香 50 g", "Phoenix Dan Cong Mi Lan Xiang", 108, 26, 6),
    Good("OL-GS-075", OOLONG, "高山乌龙 75 g", "High mountain oolong", 148, 32, 4),
    Good("PE-SH-357", PUER, "熟普七子饼 2018 357 g", "Ripe pu'er cake 2018", 198, 46, 9),
    Good("PE-SG-357", PUER, "生普古树饼 2020 357 g", "Raw old-tree pu'er cake 2020", 368, 82, 4),
    Good("PE-XT-100", PUER, "小青柑 100 g", "Pu'er in green tangerine", 68, 18, 14),
    Good("PE-ZT-250", PUER, "熟普砖茶 250 g", "Ripe pu'er brick", 88, 22, 6),
    Good("PE-DR-060", PUER, "龙珠熟普 60 g", "Ripe dragon pearls", 58, 16, 7),
    Good("BK-ZS-050", BLACK, "正山小种 无烟 50 g", "Lapsang Souchong, unsmoked", 68, 17, 12),
    Good("BK-YX-050", BLACK, "正山小种 烟熏 50 g", "Lapsang Souchong, smoked", 78, 19, 4),
    Good("BK-JJ-050", BLACK, "金骏眉 50 g", "Jin Jun Mei", 198, 42, 6),
    Good("BK-DH-100", BLACK, "滇红金针 100 g", "Yunnan Golden Needle", 88, 20, 10),
    Good("BK-QM-100", BLACK, "祁门红茶 100 g", "Keemun", 98, 22, 7),
    Good("BK-JQ-100", BLACK, "九曲红梅 100 g", "Jiu Qu Hong Mei", 88, 0, 6),
    Good("GR-LJ-050", GREEN, "明前龙井 50 g", "Longjing before Qingming", 268, 58, 7),
    Good("GR-LY-100", GREEN, "雨前龙井 100 g", "Longjing before Grain Rain", 168, 38, 11),
    Good("GR-BL-050", GREEN, "碧螺春 50 g", "Bi Luo Chun", 138, 32, 6),
    Good("GR-AJ-050", GREEN, "安吉白茶 50 g", "Anji Bai Cha", 128, 30, 7),
    Good("GR-HS-100", GREEN, "黄山毛峰 100 g", "Huangshan Mao Feng", 98, 24, 6),
    Good("GR-KL-250", GREEN, "口粮绿茶 250 g", "Everyday green tea", 58, 0, 13),
    Good("JS-BT-100", JASMINE, "茉莉白毫 100 g", "Jasmine white tips", 78, 18, 10),
    Good("JS-LZ-100", JASMINE, "茉莉龙珠 100 g", "Jasmine dragon pearls", 98, 24, 11),
    Good("JS-BG-250", JASMINE, "茉莉花茶 口粮 250 g", "Everyday jasmine", 49, 0, 9),
    Good("JS-CB-015", JASMINE, "茉莉冷泡茶包 15 包", "Jasmine cold-brew bags, 15", 39, 12, 12),
    Good("MT-CE-030", MATCHA, "抹茶 一番 30 g", "Ceremonial matcha", 128, 32, 7),
    Good("MT-LT-100", MATCHA, "抹茶 拿铁用 100 g", "Latte matcha", 78, 20, 9),
    Good("MT-ST-001", MATCHA, "抹茶入门套装", "Matcha starter set", 238, 54, 4),
    Good("TW-GW-110", WARE, "白瓷盖碗 110 ml", "White porcelain gaiwan", 68, 19, 9),
    Good("TW-GW-150", WARE, "青瓷盖碗 150 ml", "Celadon gaiwan", 128, 32, 4),
    Good("TW-ZS-200", WARE, "宜兴紫砂壶 200 ml", "Yixing teapot", 398, 88, 3),
    Good("TW-FB-300", WARE, "玻璃公道杯 300 ml", "Glass pitcher", 45, 14, 7),
    Good("TW-PM-004", WARE, "品茗杯 4 只", "Tasting cups, 4", 88, 24, 6),
    Good("TW-TJ-500", WARE, "旅行快客杯", "Travel tea set", 98, 26, 8),
    Good("TW-CT-001", WARE, "茶针与茶刀", "Tea pick", 35, 10, 3),
    Good("TW-LB-600", WARE, "冷泡瓶 600 ml", "Cold-brew bottle", 59, 17, 6),
    Good("GF-CX-001", GIFTS, "山房春信礼盒", "Spring Letter gift box", 298, 68, 7),
    Good("GF-ZQ-001", GIFTS, "中秋月白礼盒", "Mid-Autumn gift box", 358, 0, 8),
    Good("GF-NH-001", GIFTS, "新年年华礼盒", "New Year gift box", 398, 86, 9),
    Good("GF-BC-002", GIFTS, "老白茶双罐礼盒", "Aged white tea, two tins", 468, 98, 5),
    Good("GF-RB-003", GIFTS, "三山红茶礼盒", "Three black teas", 268, 60, 5),
    Good("GF-XP-012", GIFTS, "十二味小样盒", "Twelve tastes sampler", 99, 24, 14),
    Good("GF-QY-001", GIFTS, "企业定制礼盒", "Corporate gift box", 328, 0, 2),
)

# How much more (or less) than usual a shelf sells in a month, January first.
MONTHS = {
    WHITE: (1.3, 1.1, 0.9, 0.8, 0.8, 0.7, 0.7, 0.8, 1.0, 1.2, 1.4, 1.4),
    OOLONG: (1.1, 1.0, 1.0, 0.9, 1.0, 1.0, 0.9, 0.9, 1.0, 1.1, 1.1, 1.1),
    PUER: (1.3, 1.2, 1.0, 0.8, 0.7, 0.8, 0.8, 0.8, 1.0, 1.1, 1.3, 1.4),
    BLACK: (1.3, 1.2, 1.0, 0.8, 0.8, 0.7, 0.7, 0.8, 1.0, 1.2, 1.3, 1.4),
    GREEN: (0.5, 0.6, 1.6, 2.6, 1.8, 1.3, 1.1, 1.0, 0.8, 0.6, 0.6, 0.5),
    JASMINE: (0.7, 0.7, 0.9, 1.1, 1.4, 1.7, 1.8, 1.6, 1.1, 0.9, 0.7, 0.7),
    MATCHA: (0.8, 0.8, 1.0, 1.1, 1.2, 1.3, 1.3, 1.2, 1.0, 0.9, 0.9, 0.8),
    WARE: (1.0, 0.9, 1.0, 1.0, 1.0, 1.2, 1.0, 1.0, 1.0, 1.0, 1.3, 1.1),
    GIFTS: (2.2, 1.5, 0.6, 0.6, 0.8, 0.9, 0.6, 1.2, 2.0, 0.7, 0.8, 1.3),
}
