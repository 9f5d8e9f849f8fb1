"""Names people could have, Chinese and foreign, each with a spelling in Latin letters."""

from dataclasses import dataclass
from random import Random

# Surnames with their share of a thousand, about as common as they are in China.
SURNAMES = (
    "王 wang 70, 李 li 68, 张 zhang 64, 刘 liu 50, 陈 chen 48, 杨 yang 32, 黄 huang 24, 赵 zhao 22, 吴 wu 22, "
    "周 zhou 20, 徐 xu 17, 孙 sun 15, 马 ma 13, 朱 zhu 13, 胡 hu 12, 郭 guo 12, 何 he 12, 林 lin 12, 高 gao 10, "
    "罗 luo 9, 郑 zheng 9, 梁 liang 9, 谢 xie 8, 宋 song 7, 唐 tang 7, 许 xu 7, 韩 han 7, 邓 deng 6, 冯 feng 6, "
    "曹 cao 6, 彭 peng 6, 曾 zeng 6, 肖 xiao 6, 田 tian 5, 董 dong 5, 潘 pan 5, 袁 yuan 5, 蔡 cai 5, 蒋 jiang 5, "
    "余 yu 5, 于 yu 5, 杜 du 4, 叶 ye 4, 程 cheng 4, 魏 wei 4, 苏 su 4, 吕 lv 4, 丁 ding 4, 任 ren 4, 卢 lu 3, "
    "姚 yao 3, 沈 shen 3, 钟 zhong 3, 姜 jiang 3, 崔 cui 3, 谭 tan 3, 陆 lu 3, 范 fan 3, 汪 wang 3, 廖 liao 3, "
    "石 shi 3, 金 jin 3, 韦 wei 2, 贾 jia 2, 夏 xia 2, 傅 fu 2, 方 fang 2, 邹 zou 2, 熊 xiong 2, 白 bai 2, "
    "孟 meng 2, 秦 qin 2, 邱 qiu 2, 侯 hou 2, 江 jiang 2, 尹 yin 2, 薛 xue 2, 阎 yan 1, 段 duan 1, 雷 lei 1, "
    "欧阳 ouyang 1, 上官 shangguan 1, 司徒 situ 1"
)
HER_FIRST = (
    "晓 xiao, 雨 yu, 梦 meng, 思 si, 雅 ya, 静 jing, 佳 jia, 欣 xin, 诗 shi, 婉 wan, 书 shu, 若 ruo, 紫 zi, 慧 hui, "
    "嘉 jia, 子 zi, 一 yi, 明 ming, 春 chun, 秀 xiu, 海 hai, 丽 li, 心 xin, 可 ke, 乐 le, 清 qing, 语 yu, 依 yi"
)
HER_LAST = (
    "琳 lin, 涵 han, 怡 yi, 婷 ting, 萱 xuan, 彤 tong, 颖 ying, 敏 min, 芳 fang, 洁 jie, 雯 wen, 玲 ling, 燕 yan, "
    "娟 juan, 妍 yan, 瑶 yao, 菲 fei, 岚 lan, 宁 ning, 晴 qing, 薇 wei, 茜 qian, 霞 xia, 蓉 rong, 君 jun, 禾 he, 玥 yue"
)
HIS_FIRST = (
    "志 zhi, 建 jian, 文 wen, 国 guo, 俊 jun, 浩 hao, 子 zi, 明 ming, 家 jia, 宇 yu, 泽 ze, 思 si, 海 hai, 永 yong, "
    "世 shi, 振 zhen, 天 tian, 立 li, 一 yi, 云 yun, 晓 xiao, 新 xin, 景 jing, 承 cheng, 嘉 jia, 若 ruo, 少 shao"
)
HIS_LAST = (
    "伟 wei, 强 qiang, 磊 lei, 军 jun, 杰 jie, 涛 tao, 超 chao, 勇 yong, 鹏 peng, 辉 hui, 轩 xuan, 豪 hao, 然 ran, "
    "航 hang, 林 lin, 峰 feng, 斌 bin, 东 dong, 阳 yang, 远 yuan, 博 bo, 恒 heng, 川 chuan, 诚 cheng, 衡 heng, 洋 yang"
)
HER_GIVEN = (
    "Emma Olivia Sophie Hannah Charlotte Grace Amelia Chloe Alice Ruth Nora Julia Laura Claire Eleanor Megan Rachel "
    "Victoria Naomi Isabel Clara Lucy Martha Helen Audrey Camille Ingrid Freya Anika Priya Yuki Mei Simone Teresa "
    "Beatrice Harriet Joan Kate Lydia Margaret Paula Rosa Sara Tess Wendy Zoe Abigail Brenda Carmen Diane"
)
HIS_GIVEN = (
    "James Oliver Daniel Thomas William Henry Lucas Ethan Noah Jack Samuel Peter Martin Adam Simon Robert Andrew David "
    "Michael Benjamin Felix Hugo Anders Mateo Rafael Kenji Arjun Owen Patrick Stephen Graham Colin Duncan Edward Frank "
    "George Isaac Joel Kevin Leon Marcus Nathan Oscar Paul Quentin Ryan Theo Victor Walter Xavier"
)
FAMILY = (
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Martin Thompson White Harris Clark "
    "Lewis Robinson Walker Young Allen King Wright Scott Hill Green Baker Nelson Carter Mitchell Roberts Turner Phillips "
    "Campbell Parker Evans Edwards Collins Stewart Morris Murphy Cook Rogers Morgan Cooper Reed Bailey Bell Kelly Ward "
    "Cox Gray Bennett Wood Brooks Foster Hughes Price Myers Ross Hamilton Graham Sullivan Fraser Becker Keller Dubois "
    "Lindqvist Novak Rossi Fischer Nakamura Tanaka Patel Kapoor Nguyen Kim Park Osei Okafor Silva Moreau Bianchi Holm"
)


@dataclass(frozen=True)
class Name:
    """What somebody is called, and how that is spelled in an address."""

    text: str
    latin: str


def _pairs(words: str) -> list[tuple[str, str]]:
    return [(sign, latin) for sign, latin in (word.split() for word in words.split(", "))]


_shares = [word.split() for word in SURNAMES.split(", ")]
_surnames = [(sign, latin) for sign, latin, _ in _shares]
_weights = [int(share) for *_, share in _shares]
_given = {"female": (_pairs(HER_FIRST), _pairs(HER_LAST)), "male": (_pairs(HIS_FIRST), _pairs(HIS_LAST))}
_foreign = {"female": HER_GIVEN.split(), "male": HIS_GIVEN.split()}
_family = FAMILY.split()


def chinese(rng: Random, gender: str) -> Name:
    """Make a Chinese name: one of four has a single given character."""
    (surname, latin) = rng.choices(_surnames, _weights)[0]
    first, last = _given[gender]
    parts = [rng.choice(last)] if rng.random() < 0.25 else [rng.choice(first), rng.choice(last)]
    given = "".join(sign for sign, _ in parts)
    return Name(surname + given, f"{latin}.{''.join(spelled for _, spelled in parts)}")


def foreign(rng: Random, gender: str) -> Name:
    """Make a foreign name."""
    given, family = rng.choice(_foreign[gender]), rng.choice(_family)
    return Name(f"{given} {family}", f"{given}.{family}".lower())
