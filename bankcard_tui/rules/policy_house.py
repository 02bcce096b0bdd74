"""The figures of the policy about messages, work, signing in and safe keeping: words, unit, bounds."""

from __future__ import annotations

from typing import Final

from bankcard_tui.locale import mark
from bankcard_tui.rules.policy_figures import DAYS, HOURS, MINUTES, MONTHS, PLAIN, Figure, Kind, Section
from bankcard_tui.rules.terms import STAFF_ROLES

HOUSE_RULES: Final[tuple[Section, ...]] = (
    Section(
        mark("Messages to customers"),
        {
            "quiet_from_hour": Figure(
                mark("Nothing is sent from this hour on"),
                PLAIN,
                0,
                23,
                mark("From this hour on no message is sent to customers."),
            ),
            "quiet_until_hour": Figure(
                mark("Until this hour"), PLAIN, 0, 23, mark("From this hour on messages are sent again.")
            ),
            "notice_days": Figure(
                mark("A message is tried for"),
                DAYS,
                1,
                30,
                mark("A message that can't be delivered is tried again for so many days, and then given up."),
            ),
            "notices_despite_do_not_disturb": Figure(
                mark("Notices of changed limits go out despite do not disturb"),
                PLAIN,
                0,
                0,
                mark("Whether customers who want no messages are still told that their limit was changed."),
                kind=Kind.YES_NO,
            ),
        },
    ),
    Section(
        mark("Work in progress"),
        {
            "request_days": Figure(
                mark("A request waits"), DAYS, 1, 90, mark("What waits for a signature expires after so many days.")
            ),
            "claim_minutes": Figure(
                mark("A claim on an application lasts"),
                MINUTES,
                1,
                480,
                mark("An application that a manager took goes back to the queue after so long without work on it."),
            ),
        },
    ),
    Section(
        mark("Signing in"),
        {
            "idle_minutes": Figure(
                mark("A session locks when idle for"),
                MINUTES,
                1,
                60,
                mark("A session at which nothing is done for so long locks, and asks for the password."),
            ),
            "session_hours": Figure(
                mark("A session ends after"), HOURS, 1, 24, mark("A session ends after so long, whatever is done.")
            ),
            "sign_in_tries": Figure(
                mark("Tries before an account rests"),
                PLAIN,
                1,
                20,
                mark("After so many wrong passwords in a row the account rests."),
            ),
            "sign_in_rest_minutes": Figure(
                mark("An account rests for"),
                MINUTES,
                1,
                1440,
                mark("So long nobody can sign in to an account that rests."),
            ),
            "activation_minutes": Figure(
                mark("An activation code lasts"),
                MINUTES,
                1,
                60,
                mark("A code with which a password is chosen is good for so long."),
            ),
            "activation_tries": Figure(
                mark("Tries at an activation code"),
                PLAIN,
                1,
                10,
                mark("After so many wrong tries a code is worth nothing."),
            ),
            "codes_sent_an_hour": Figure(
                mark("Codes sent to one person an hour"),
                PLAIN,
                1,
                60,
                mark("No more codes than this are sent to one person in an hour."),
            ),
            "password_least": Figure(
                mark("Characters of a password at least"),
                PLAIN,
                8,
                64,
                mark("A password has at least so many characters."),
            ),
            "password_least_with_second_factor": Figure(
                mark("The same with a second factor"),
                PLAIN,
                8,
                64,
                mark("Beside a second factor a password has at least so many characters."),
            ),
            "second_factor_roles": Figure(
                mark("A second factor is demanded of"),
                PLAIN,
                0,
                3,
                mark("Staff of these roles can work only with a second factor."),
                kind=Kind.LIST,
                choices=STAFF_ROLES,
            ),
            "password_kept": Figure(
                mark("Earlier passwords not taken again"),
                PLAIN,
                1,
                24,
                mark("So many earlier passwords are not taken again."),
            ),
        },
    ),
    Section(
        mark("Safe keeping"),
        {
            "log_retention_months": Figure(
                mark("The log is kept for"),
                MONTHS,
                6,
                120,
                mark("Entries of the log can be pruned when they are older than this and lie in an archive."),
            ),
            "backups_kept_daily": Figure(
                mark("Days of which a backup is kept"),
                PLAIN,
                1,
                366,
                mark("The last backup of each of so many days is kept."),
            ),
            "backups_kept_weekly": Figure(
                mark("Weeks of which a backup is kept"),
                PLAIN,
                0,
                520,
                mark("The last backup of each of so many weeks is kept."),
            ),
            "backups_kept_monthly": Figure(
                mark("Months of which a backup is kept"),
                PLAIN,
                0,
                240,
                mark("The last backup of each of so many months is kept."),
            ),
            "backup_warn_days": Figure(
                mark("A verified backup is due after"),
                DAYS,
                1,
                31,
                mark("A warning is shown when the last verified backup is older than this."),
            ),
            "drill_warn_days": Figure(
                mark("A drill is due after"),
                DAYS,
                1,
                366,
                mark("A warning is shown when the last drill lies longer back than this."),
            ),
        },
    ),
)
