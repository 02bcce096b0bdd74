"""What the customer lives on, owns and owes: the form."""

from __future__ import annotations

from bankcard_tui.locale import mark
from bankcard_tui.rules.terms import EmployerKind, Housing, IncomeSource, Occupation, Security
from bankcard_tui.screens.common.file_form import FileForm, FilePart
from bankcard_tui.services.customers import change_circumstances, my_file
from bankcard_tui.services.profile import Circumstances
from bankcard_tui.widgets.fields import Field

ZERO = mark("In yuan; 0 for none. Empty means not known.")

FIELDS = (
    Field("work", mark("Your work"), "heading"),
    Field("employer", mark("Employer"), required=False),
    Field("employer_kind", mark("Kind of employer"), "choice", required=False, options=EmployerKind),
    Field("occupation", mark("Occupation"), "choice", required=False, options=Occupation),
    Field("years_employed", mark("Years there"), "number", mark("Full years."), required=False),
    Field("income", mark("Your income"), "heading"),
    Field("monthly_income", mark("Income a month"), "amount", mark("In yuan, all together."), required=False),
    Field("income_source", mark("Where from"), "choice", required=False, options=IncomeSource),
    Field("means", mark("What you own and owe"), "heading"),
    Field("deposits", mark("Deposits"), "amount", ZERO, required=False),
    Field("other_assets", mark("Other assets"), "amount", ZERO, required=False),
    Field("liabilities", mark("Loans and debts"), "amount", ZERO, required=False),
    Field("monthly_debt", mark("Paid back a month"), "amount", ZERO, required=False),
    Field("other_limits", mark("Limits of other cards"), "amount", ZERO, required=False),
    Field("times_overdue", mark("Late payments"), "number", mark("How often in twelve months."), required=False),
    Field("home", mark("Home and security"), "heading"),
    Field("housing", mark("Housing"), "choice", required=False, options=Housing),
    Field("security", mark("Security"), "choice", required=False, options=Security),
    Field("security_note", mark("About the security"), required=False, most=200),
)
PART = FilePart(
    name="circumstances",
    draft="customer.circumstances",
    fields=lambda: FIELDS,
    values_of=lambda file: dict(file.circumstances),
    read=my_file,
    save=lambda desk, file, values: change_circumstances(
        desk, file.id, file.version, Circumstances.model_validate(dict(values))
    ),
)


class CircumstancesScreen(FileForm):
    """Work, income, what is owned and owed, home and security."""

    PAGE = "profile"
    HELP = mark(
        "What a decision about a card rests on. Leave empty what you do not know; 0 means that there is none.\n"
        "When the income changes, the bank has to check it again: bring the proof to the counter."
    )

    def __init__(self) -> None:
        super().__init__(PART)
