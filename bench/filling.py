"""Fills the tables of a branch with statements over many rows."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from bankcard_tui.desk.log import follow_clock
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.identity import make_id_number
from bankcard_tui.rules.text import search_key
from bankcard_tui.security import chain
from bankcard_tui.security.keys import Keys
from bankcard_tui.services.people import ID_LABEL
from bankcard_tui.store.sealing import seal
from bankcard_tui.store.types import micros_of
from bench.filling_ids import Applicant, new_id
from bench.filling_papers import Papers
from tests.branch import SOLID

YEARS = timedelta(days=730)
CHUNK = 20_000

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞鑫波斌宇浩凯健俊帆雪荣"
LATIN = ["Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Huang", "Zhou", "Smith", "Ivanova", "Tanaka", "Park", "Rossi"]
FIRST = ["Wei", "Fang", "Na", "Min", "Jing", "Lei", "Jun", "Yang", "Anna", "Peter", "Maria", "Olga", "Ken", "Paolo"]
PREFIXES = [*range(130, 140), *range(150, 154), *range(155, 160), *range(180, 190)]


class Filling:
    """Fills the tables of one branch, chunk by chunk."""

    def __init__(self, connection: Any, keys: Keys, staff: dict[str, UUID], founded: datetime) -> None:
        self.connection = connection
        self.keys = keys
        self.founded = micros_of(founded)
        self.random = random.Random(20260302)
        self.branch: bytes = connection.execute("SELECT id FROM branch").fetchone()[0]
        self.teller, self.manager = staff["teller"].bytes, staff["manager"].bytes
        self.staff_person = dict(connection.execute("SELECT id, person_id FROM account"))
        self.seq, self.mark, self.latest = connection.execute("SELECT seq, mark, latest FROM log_head").fetchone()
        self.rows: dict[tuple[str, str], list[tuple[Any, ...]]] = {}

    def fill(self, customers: int, applications: int, waiting: int) -> None:
        """Fill the tables; every so manieth customer has applied, and the newest applications wait."""
        step = YEARS // timedelta(microseconds=1) // (customers + 1)
        people = (self._person(index, self.founded + index * step) for index in range(customers))
        papers = Papers(self, decided=applications - waiting)
        every = customers // applications
        index = 0
        while chunk := list(islice(people, CHUNK)):
            self._customers(chunk)
            applicants = [person for at, person in enumerate(chunk, start=index) if at % every == 0]
            for person in applicants:
                papers.add(person)
            self._log(chunk, applicants)
            self._write()
            index += len(chunk)
        head = (self.seq, self.mark, self.latest)
        self.connection.execute("UPDATE log_head SET seq = ?, mark = ?, latest = ?", head)

    def _person(self, index: int, at: int) -> Applicant:
        choice = self.random.choice
        if index % 2:
            name = choice(SURNAMES) + choice(GIVEN) + (choice(GIVEN) if index % 3 else "")
        else:
            name = f"{choice(LATIN)} {choice(FIRST)}"
        born = date(1956, 1, 1) + timedelta(days=index % 18_000)
        number = make_id_number("310104", born, index // 18_000)
        return Applicant(UUID(bytes=new_id(at)), new_id(at), new_id(at), name, _key(name), number, born.isoformat(), at)

    def _customers(self, people: Sequence[Applicant]) -> None:
        branch, keys = self.branch, self.keys
        self.add(
            "person",
            "id branch_id name id_sealed id_index id_last4 birth_date standing created_at",
            (
                (
                    each.person.bytes,
                    branch,
                    each.name,
                    seal(keys, ID_LABEL, each.person, each.id_number),
                    keys.blind_index("id_number", each.id_number),
                    each.id_number[-4:],
                    each.born,
                    "claim" if number % 500 == 3 else "known",
                    each.at,
                )
                for number, each in enumerate(people)
            ),
        )
        chance = self.random.randrange
        self.add(
            "customer",
            "id branch_id person_id name name_key phone email address employer employer_kind occupation years_employed"
            " monthly_income income_source income_checked_by income_checked_at deposits other_assets liabilities"
            " monthly_debt other_limits times_overdue housing security security_note channels registered_at"
            " registered_by verified_at verified_by version",
            (
                (
                    each.customer,
                    branch,
                    each.person.bytes,
                    each.name,
                    each.key,
                    f"+86{PREFIXES[chance(len(PREFIXES))]}{chance(10**8):08d}",
                    "",
                    "",
                    "Harbour Works",
                    SOLID.employer_kind,
                    SOLID.occupation,
                    chance(30),
                    chance(3_000, 40_000) * 100,
                    SOLID.income_source,
                    self.teller,
                    each.at,
                    chance(500_000) * 100,
                    0,
                    0,
                    0,
                    0,
                    int(chance(10) == 0),
                    SOLID.housing,
                    SOLID.security,
                    "",
                    "",
                    each.at,
                    self.teller,
                    each.at,
                    self.teller,
                    4,
                )
                for each in people
            ),
        )
        self.add(
            "account",
            "id branch_id person_id username display_name role created_at created_by version",
            (
                (
                    each.account,
                    branch,
                    each.person.bytes,
                    f"c{each.at}",
                    each.name,
                    "customer",
                    each.at,
                    self.teller,
                    1,
                )
                for each in people
            ),
        )

    def _log(self, people: Sequence[Applicant], applicants: Sequence[Applicant]) -> None:
        applied = {each.person for each in applicants}
        rows: list[tuple[Any, ...]] = []
        for each in people:
            rows.append(self._entry(each, self.teller, "teller", "customer.register", f'{{"username":"c{each.at}"}}'))
            if each.person in applied:
                rows.append(self._entry(each, self.manager, "manager", "review.claim", '{"number":"260302-K7QM2X"}'))
        self.add("log_entry", f"{' '.join(COLUMNS)} mark", rows)

    def _entry(self, each: Applicant, by: bytes, username: str, action: str, detail: str) -> tuple[Any, ...]:
        self.seq += 1
        columns = (
            self.branch,
            self.seq,
            each.at,
            by,
            self.staff_person[by],
            username,
            username,
            f"desk-{username}",
            action,
            "done",
            "customer",
            each.customer,
            each.person.bytes,
            detail,
        )
        self.mark = chain.mark(self.keys.chain, self.mark, columns)
        self.latest, steps_back = follow_clock(self.latest, each.at)
        if steps_back:
            self.add("log_stretch", "branch_id first_seq", [(self.branch, self.seq)])
        return (*columns, self.mark)

    def add(self, table: str, names: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self.rows.setdefault((table, names), []).extend(rows)

    def _write(self) -> None:
        self.connection.execute("BEGIN")
        for (table, names), rows in self.rows.items():
            columns = names.split()
            places = ", ".join("?" * len(columns))
            self.connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
        self.connection.execute("COMMIT")
        self.rows.clear()


_key = lru_cache(maxsize=100_000)(search_key)
