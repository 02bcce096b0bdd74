"""The people of the demo branch: believable names, numbers and circumstances, and how they turn out.

Everything is drawn from one seeded generator. A hidden steadiness drives circumstances and outcome alike, so that what
the decision aid sees tells something about what happens, and never everything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bankcard_tui.rules.identity import make_id_number
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    Channel,
    EmployerKind,
    Housing,
    IncomeSource,
    Language,
    Occupation,
    Purpose,
    Security,
)
from bankcard_tui.services.profile import Circumstances, Contact

SURNAMES = {
    "王": "WANG", "李": "LI", "张": "ZHANG", "刘": "LIU", "陈": "CHEN", "杨": "YANG", "黄": "HUANG", "赵": "ZHAO",
    "吴": "WU", "周": "ZHOU", "徐": "XU", "孙": "SUN", "马": "MA", "朱": "ZHU", "胡": "HU", "郭": "GUO",
    "何": "HE", "林": "LIN", "高": "GAO", "罗": "LUO", "郑": "ZHENG", "梁": "LIANG", "谢": "XIE", "宋": "SONG",
    "唐": "TANG", "许": "XU", "韩": "HAN", "冯": "FENG", "邓": "DENG", "曹": "CAO", "彭": "PENG", "曾": "ZENG",
}  # fmt: skip
GIVEN = {
    "伟": "WEI", "芳": "FANG", "娜": "NA", "敏": "MIN", "静": "JING", "丽": "LI", "强": "QIANG", "磊": "LEI",
    "军": "JUN", "洋": "YANG", "勇": "YONG", "艳": "YAN", "杰": "JIE", "娟": "JUAN", "涛": "TAO", "明": "MING",
    "超": "CHAO", "霞": "XIA", "平": "PING", "刚": "GANG", "桂英": "GUIYING", "建华": "JIANHUA", "晓东": "XIAODONG",
    "志强": "ZHIQIANG", "雪梅": "XUEMEI", "雨桐": "YUTONG", "子轩": "ZIXUAN", "浩然": "HAORAN", "欣怡": "XINYI",
    "思远": "SIYUAN", "海燕": "HAIYAN", "国庆": "GUOQING", "丽华": "LIHUA", "文博": "WENBO", "嘉豪": "JIAHAO",
}  # fmt: skip
WESTERN_FIRST = (
    "Anna", "Daniel", "Elena", "Frank", "Grace", "Hugo", "Irene", "James", "Karen", "Lucas", "Maria", "Nora",
    "Oscar", "Paula", "Robert", "Sofia", "Thomas", "Vera",
)  # fmt: skip
WESTERN_LAST = (
    "Almeida", "Baker", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jones", "Keller",
    "Laurent", "Meyer", "Novak", "Olsen", "Parker", "Rossi", "Schmidt", "Taylor", "Weber",
)  # fmt: skip
REGIONS = ("310101", "310104", "310105", "310115", "320102", "330106", "110105", "440305", "510104", "420106")
STREETS = ("人民路", "解放路", "中山路", "建设大道", "和平街", "长江路", "新华路", "文化巷")
EMPLOYERS = {
    EmployerKind.GOVERNMENT: ("市教育局", "区税务局", "市中心医院"),
    EmployerKind.STATE_OWNED: ("东方电力公司", "城市地铁集团", "国航地面服务公司"),
    EmployerKind.PRIVATE: ("晨光科技有限公司", "顺达物流", "美味餐饮连锁", "远景软件"),
    EmployerKind.FOREIGN: ("Nordic Systems (China)", "Pacific Instruments", "Alpine Foods"),
    EmployerKind.SELF_EMPLOYED: ("个体工商户",),
    EmployerKind.NONE: ("",),
}
PREFIXES = ("130", "131", "135", "136", "137", "138", "139", "150", "151", "158", "186", "188")


STEADY = Circumstances(
    employer="远景软件",
    employer_kind=EmployerKind.PRIVATE,
    occupation=Occupation.PROFESSIONAL,
    years_employed=6,
    monthly_income=Money.yuan(16_500),
    income_source=IncomeSource.PAYROLL,
    deposits=Money.yuan(86_000),
    other_assets=Money.yuan(20_000),
    liabilities=Money.yuan(0),
    monthly_debt=Money.yuan(0),
    other_limits=Money.yuan(15_000),
    times_overdue=0,
    housing=Housing.RENTED,
    security=Security.NONE,
)
"""What the customer who can sign in lives on."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One inhabitant. ``steadiness`` (about -2 to 2) is what nobody at the bank can see."""

    name: str
    embossed: str
    id_number: str
    birth_date: date
    phone: str
    email: str
    address: str
    circumstances: Circumstances
    steadiness: float
    wish: Money
    purpose: Purpose

    @property
    def contact(self) -> Contact:
        """How this one is reached: most take text messages, some mail too, some want no messages or not be disturbed.
        Decided by the phone number, so that it takes no chance from what else is invented.
        """
        lot = int(self.phone[-2:])
        channels = (*([Channel.SMS] if lot < 80 else []), *([Channel.EMAIL] if 60 <= lot < 92 else []))
        return Contact(
            phone=self.phone,
            email=self.email,
            address=self.address,
            channels=channels,
            language=Language.ENGLISH if self.name.isascii() else Language.CHINESE,
            do_not_disturb=lot % 25 == 7,
        )


def invent(random: Random, serial: int, today: date) -> DemoPerson:
    """The inhabitant number ``serial``: valid ID number, plausible circumstances."""
    steadiness = random.gauss(0, 1)
    age = min(68, max(19, round(random.gauss(38, 12))))
    birth = today - timedelta(days=age * 365 + random.randrange(365) + 200)
    name, embossed = _western(random) if random.random() < 0.12 else _chinese(random)
    circumstances = _circumstances(random, age, steadiness)
    income = circumstances.monthly_income or Money.yuan(3_000)
    wish = Money.yuan(max(1_000, round(income.fen / 100 * random.uniform(0.6, 2.6) / 1_000) * 1_000))
    return DemoPerson(
        name=name,
        embossed=embossed,
        # Serial and region together make the number one of its kind, whatever the birth date.
        id_number=make_id_number(REGIONS[serial // 999 % len(REGIONS)], birth, serial % 999 + 1),
        birth_date=birth,
        phone=random.choice(PREFIXES) + f"{random.randrange(10**8):08d}",
        email=f"{embossed.split()[-1].lower()}{serial}@example.com",
        address=f"{random.choice(STREETS)}{random.randrange(1, 400)}号",
        circumstances=circumstances,
        steadiness=steadiness,
        wish=wish,
        purpose=random.choices(list(Purpose), weights=(50, 14, 10, 6, 8, 10, 2))[0],
    )


def _chinese(random: Random) -> tuple[str, str]:
    surname = random.choices(list(SURNAMES), weights=range(len(SURNAMES) + 6, 6, -1))[0]
    given = random.choice(list(GIVEN))
    return surname + given, f"{SURNAMES[surname]} {GIVEN[given]}"


def _western(random: Random) -> tuple[str, str]:
    name = f"{random.choice(WESTERN_FIRST)} {random.choice(WESTERN_LAST)}"
    return name, name.upper()


def _circumstances(random: Random, age: int, steadiness: float) -> Circumstances:
    kinds = list(EmployerKind)
    weights = (10, 16, 44, 8, 16, 6) if steadiness > 0 else (5, 10, 46, 5, 22, 12)
    employer_kind = random.choices(kinds, weights=weights)[0]
    occupation = _occupation(random, age, employer_kind)
    career = max(0, age - 22)
    income = 4_200 * math.exp(random.gauss(0.28 * steadiness, 0.45)) * (1 + min(career, 20) * 0.04)
    if occupation in (Occupation.PROFESSIONAL, Occupation.MANAGEMENT):
        income *= 1.7
    if employer_kind is EmployerKind.NONE:
        income *= 0.45
    overdue_mean = max(0.05, 0.55 - 0.45 * steadiness)
    overdue = 0 if random.random() < math.exp(-overdue_mean) else min(12, 1 + int(random.expovariate(1.0)))
    debt_share = max(0.0, random.gauss(0.18 - 0.06 * steadiness, 0.14))
    monthly = _round(income, 100)
    debt = _round(income * debt_share, 50)
    return Circumstances(
        employer=random.choice(EMPLOYERS[employer_kind]),
        employer_kind=employer_kind,
        occupation=occupation,
        years_employed=min(career, int(random.expovariate(1 / (4.5 + steadiness)))) if career else 0,
        monthly_income=monthly,
        income_source=_income_source(random, employer_kind, occupation),
        deposits=_round(income * random.expovariate(1 / max(0.6, 5 + 3 * steadiness)), 1_000),
        other_assets=_round(income * max(0.0, random.gauss(2, 6)), 1_000),
        liabilities=_round(debt.fen / 100 * random.uniform(6, 90), 1_000),
        monthly_debt=debt,
        other_limits=_round(income * max(0.0, random.gauss(1.2, 1.8)), 1_000),
        times_overdue=overdue,
        housing=random.choices(list(Housing), weights=(26, 22, 30, 16, 6))[0],
        security=random.choices(list(Security), weights=(88, 7, 5))[0],
    )


def _occupation(random: Random, age: int, kind: EmployerKind) -> Occupation:
    if age >= 60:
        return Occupation.RETIRED
    if kind is EmployerKind.NONE:
        return Occupation.STUDENT if age < 25 else Occupation.OTHER
    choices = (
        Occupation.PROFESSIONAL,
        Occupation.MANAGEMENT,
        Occupation.OFFICE,
        Occupation.SERVICE,
        Occupation.WORKER,
        Occupation.FARMER,
    )
    return random.choices(choices, weights=(18, 9, 28, 20, 20, 5))[0]


def _income_source(random: Random, kind: EmployerKind, occupation: Occupation) -> IncomeSource:
    if occupation is Occupation.RETIRED:
        return IncomeSource.PENSION
    if kind is EmployerKind.SELF_EMPLOYED:
        return random.choice((IncomeSource.BUSINESS, IncomeSource.TAX_RECORD))
    if kind is EmployerKind.NONE:
        return random.choice((IncomeSource.DECLARED, IncomeSource.INVESTMENT))
    return random.choices((IncomeSource.PAYROLL, IncomeSource.TAX_RECORD, IncomeSource.DECLARED), weights=(80, 12, 8))[
        0
    ]


def _round(yuan: float, step: int) -> Money:
    return Money.yuan(int(yuan // step * step))
