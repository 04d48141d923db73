"""Synthetic people for the demo county: names from syllable tables, numbers nobody can have.

Telephone numbers carry the unallocated prefix +86 100, so no network can ring them. Identity numbers carry the region
999999, which names no place on earth: they have the right length, a date of birth and a correct check digit, so that
every rule of the product can be tried on them, and still they cannot be anybody's.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.enums import Relation
from app.domain.id_numbers import Sex, make_demo_id
from app.services.rosters_names import pinyin_initials

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN_MALE = "国建志明德福永长家春正宝庆贵荣华军平安义仁根生富强兴发泽才良余树田金山水河松柏石海光文武俊伟东祥"
GIVEN_FEMALE = "秀兰英芳桂玉梅珍凤莲翠霞红美云月琴香菊春素巧彩银娟慧静丽萍荷杏桃枝叶燕巧凡淑贞爱勤雪晴"
PLACES = (
    "上海市松江区", "上海市嘉定区", "上海市青浦区", "江苏省苏州市昆山市", "江苏省无锡市江阴市", "江苏省南京市江宁区",
    "江苏省常州市武进区", "浙江省杭州市萧山区", "浙江省宁波市慈溪市", "浙江省温州市瑞安市", "浙江省金华市义乌市",
    "浙江省嘉兴市海宁市", "安徽省合肥市经开区", "安徽省合肥市肥西县", "安徽省芜湖市鸠江区", "安徽省六安市金安区",
    "广东省东莞市长安镇", "广东省深圳市龙岗区", "广东省佛山市顺德区", "福建省泉州市晋江市", "北京市大兴区",
    "天津市西青区", "山东省青岛市胶州市", "湖北省武汉市东西湖区", "新疆维吾尔自治区昌吉州",
)  # fmt: skip


@dataclass(slots=True)
class Person:
    name: str
    relation: Relation
    sex: Sex
    born_on: date
    id_number: str


class People:
    """Makes persons from one random generator; identity numbers are unique within one instance."""

    def __init__(self, rng: random.Random, today: date) -> None:
        self._rng = rng
        self._today = today
        self._serials: dict[tuple[date, Sex], int] = {}
        self._initials: dict[str, str] = {}

    def name(self, sex: Sex, surname: str | None = None) -> str:
        table = GIVEN_MALE if sex is Sex.MALE else GIVEN_FEMALE
        given = "".join(self._rng.choices(table, k=2 if self._rng.random() < 0.8 else 1))
        return (surname or self._rng.choice(SURNAMES)) + given

    def initials(self, name: str) -> str:
        """Pinyin initials, remembered per character: a county has few different ones."""
        for character in name:
            if character not in self._initials:
                self._initials[character] = pinyin_initials(character)
        return "".join(self._initials[character] for character in name)

    def person(self, relation: Relation, sex: Sex, age: int, surname: str | None = None) -> Person:
        born = self._birthday(age, sex)
        serial = self._serials[born, sex] = self._serials.get((born, sex), -1) + 1
        return Person(self.name(sex, surname), relation, sex, born, make_demo_id(born, sex, serial))

    def family(self) -> list[Person]:
        """The head first, then those who live with them: 1 to 6 persons, about 3.2 on average."""
        rng = self._rng
        head_sex = Sex.MALE if rng.random() < 0.82 else Sex.FEMALE
        age = rng.randint(38, 79)
        head = self.person(Relation.HEAD, head_sex, age)
        family, surname = [head], head.name[0]
        if rng.random() < (0.8 if age < 70 else 0.55):
            other = Sex.FEMALE if head_sex is Sex.MALE else Sex.MALE
            family.append(self.person(Relation.SPOUSE, other, max(30, age + rng.randint(-5, 4))))
        for _ in range(rng.choices((0, 1, 2), weights=(35, 45, 20))[0]):
            sex = rng.choice((Sex.MALE, Sex.FEMALE))
            child = Relation.SON if sex is Sex.MALE else Relation.DAUGHTER
            family.append(self.person(child, sex, max(6, age - rng.randint(22, 32)), surname))
        if age >= 55 and len(family) > 2 and rng.random() < 0.5:
            sex = rng.choice((Sex.MALE, Sex.FEMALE))
            family.append(self.person(Relation.GRANDCHILD, sex, rng.randint(0, 15), surname))
        if age < 60 and rng.random() < 0.3:
            sex = rng.choice((Sex.MALE, Sex.FEMALE))
            family.append(self.person(Relation.PARENT, sex, age + rng.randint(21, 28)))
        return family

    def _birthday(self, age: int, sex: Sex) -> date:
        """A birthday that gives this age today and still has a serial number left (500 for each date and sex)."""
        while True:
            born = self._today - timedelta(days=age * 365 + age // 4 + self._rng.randint(1, 360))
            if self._serials.get((born, sex), -1) < 499:
                return born
