"""The limits of the demo branch: evaluated every month, signed by its managers, watched and warned of."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from uuid import UUID

from bankcard_tui.cli.demo_staff import DemoDesks
from bankcard_tui.desk.results import RequestView
from bankcard_tui.errors import InvalidInput, Refused
from bankcard_tui.rules.terms import RequestStatus, WarningMeasure, WarningState
from bankcard_tui.services import limit_proposals, requests
from bankcard_tui.services.evaluations import evaluate_all_due
from bankcard_tui.services.warning_work import deal_with_warning, list_warnings, take_warning
from bankcard_tui.services.warnings import check_all_due

LEFT_SHARE = 0.1
"""Of the warnings so many are taken, and not dealt with in the same month."""
DONE = (
    (WarningMeasure.CALLED, "已致电，客户说明情况，承诺按时还款。"),
    (WarningMeasure.INCOME_CHECKED, "已重新核实收入证明。"),
    (WarningMeasure.REPAYMENT_AGREED, "已商定分期还款。"),
    (WarningMeasure.WATCHED_ON, "近期收支正常，继续观察。"),
)


class Limits:
    """What the managers do about limits in the first days of each month."""

    def __init__(self, desks: DemoDesks, random: Random) -> None:
        self.desks, self.random = desks, random

    def month(self, *, warn: bool) -> dict[UUID, int]:
        """Sign what was proposed a month ago and evaluate again, look for warnings where they are to be raised; returns
        the limits that were changed, in yuan by customer.
        """
        changed = dict(self._signs())
        night = self.desks.bank.system_desk("month end")
        evaluate_all_due(night)
        if warn:
            self._deal_with_warnings()
            check_all_due(night)
        return changed

    def _signs(self) -> Iterator[tuple[UUID, int]]:
        """Sign every open proposal, and refuse those that the rules of the day do not allow any more."""
        for row in limit_proposals.proposals(self.desks.of("manager")).items:
            if row.waiting is not None:
                continue
            try:
                done = limit_proposals.sign(self.desks.of("manager"), row.id, row.version, row.amount)
                if done.pending is not None:
                    self._sign_further(done.pending)
            except (InvalidInput, Refused):
                limit_proposals.refuse(self.desks.of("manager"), row.id, row.version, note="情况已有变化，暂不调整。")
            else:
                yield row.customer_id, row.amount.fen // 100

    def _sign_further(self, request: RequestView) -> None:
        signed = requests.sign(self.desks.of("manager2"), request.id).view
        if signed.status is RequestStatus.PENDING:
            requests.sign(self.desks.of("director"), request.id)

    def _deal_with_warnings(self) -> None:
        for row in list_warnings(self.desks.of("manager2"), state=WarningState.OPEN).items:
            if self.random.random() < LEFT_SHARE:
                take_warning(self.desks.of("manager2"), row.id)
            else:
                deal_with_warning(self.desks.of("manager2"), row.id, *self.random.choice(DONE))
