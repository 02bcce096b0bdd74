"""A terminal that nobody touches while a backup is put in the place of the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bankcard_tui.errors import BankError

if TYPE_CHECKING:
    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.services.sign_in import Who


async def leave_when_restored(desk: Desk, who: Who, look_again: Callable[[], Awaitable[None]]) -> None:
    """Look ``who`` up again where the store is another one by now, so that the old data leave the screen."""
    try:
        restored = await asyncio.to_thread(desk.bank.was_restored_since, who.signed_in_at)
    except BankError:
        return  # it is being put there just now, or the disk is gone: the next operation says so
    if restored:
        await look_again()
