"""Words for what the log tells: actions by their code, and the kinds of records they touch."""

from __future__ import annotations

from typing import Final

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr

_ACTIONS: Final[dict[str, str]] = {
    "activation.attempt": mark("Try at an activation"),
    "activation.complete": mark("Activate an account"),
    "activation.complete_with_code": mark("Activate with a sent code"),
    "activation.recover": mark("Use a recovery code"),
    "activation.send_code": mark("Send an activation code"),
    "activation.show_half": mark("Show a half-code"),
    "application.approve": mark("Approve an application"),
    "application.ask_again": mark("Ask for another look"),
    "application.explain": mark("Explain a decision"),
    "application.list": mark("List applications"),
    "application.mine": mark("List own applications"),
    "application.open": mark("Open an application"),
    "application.refuse": mark("Refuse an application"),
    "application.requirements": mark("Look up what is required"),
    "application.resubmit": mark("Send in again"),
    "application.return": mark("Return an application"),
    "application.submit": mark("Apply for a card"),
    "application.withdraw": mark("Withdraw an application"),
    "backup.abandon": mark("Give up a backup"),
    "backup.add_recipient": mark("Register a recovery kit"),
    "backup.begin": mark("Begin a backup"),
    "backup.begin_check": mark("Begin to verify a backup"),
    "backup.clear": mark("Clear old backups away"),
    "backup.drill": mark("Drill a restore"),
    "backup.list": mark("List backups"),
    "backup.recipients": mark("List recovery kits"),
    "backup.record": mark("Make a backup"),
    "backup.record_check": mark("Verify a backup"),
    "backup.remove_recipient": mark("Take a recovery kit out"),
    "backup.restore": mark("Restore a backup"),
    "backup.state": mark("Look at the backups' state"),
    "branch.first_admin": mark("Make the first admin"),
    "card.activate": mark("Activate a card"),
    "card.hand_over": mark("Hand over a card"),
    "card.mine": mark("List own cards"),
    "card.reveal": mark("See a card number in full"),
    "card.to_hand_over": mark("List cards at the counter"),
    "channel.attempt": mark("Try at a channel code"),
    "channel.confirm": mark("Confirm the own channel"),
    "channel.mine": mark("Look at the own channel"),
    "channel.propose": mark("Give an own channel"),
    "channel.remove": mark("Remove the own channel"),
    "claim.list": mark("List claims of identity"),
    "claim.settle": mark("Settle a claim of identity"),
    "customer.change_circumstances": mark("Change circumstances"),
    "customer.change_contact": mark("Change contact details"),
    "customer.check_income": mark("Check an income"),
    "customer.mine": mark("Open own file"),
    "customer.open": mark("Open a customer file"),
    "customer.open_account": mark("Open a customer's sign-in"),
    "customer.register": mark("Register a customer"),
    "customer.register_self": mark("Register oneself"),
    "customer.search": mark("Search customers"),
    "customer.sign_ins": mark("List customer sign-ins"),
    "customer.verify_identity": mark("Verify an identity"),
    "document.add": mark("Add a document"),
    "document.verify": mark("Verify a document"),
    "draft.discard": mark("Throw a draft away"),
    "draft.list": mark("List own drafts"),
    "draft.load": mark("Load a draft"),
    "draft.save": mark("Keep a draft"),
    "import.customers": mark("Import customers"),
    "import.finish": mark("End an import"),
    "import.history": mark("Import history"),
    "import.start": mark("Begin an import"),
    "limit.ask": mark("Ask for another limit"),
    "limit.bounds": mark("Look what can be asked"),
    "limit.end_due": mark("End special limits"),
    "limit.evaluate_due": mark("Evaluate limits again"),
    "limit.evaluations": mark("Look at evaluations"),
    "limit.finish_evaluation": mark("End evaluating limits"),
    "limit.mine": mark("List own limits"),
    "limit.my_asks": mark("List own limit requests"),
    "limit.of_account": mark("See the limit of a card"),
    "limit.of_customer": mark("See a customer's limits"),
    "limit.open": mark("Open a limit proposal"),
    "limit.open_batch": mark("Look through a batch"),
    "limit.proposal_totals": mark("Sum up limit proposals"),
    "limit.proposals": mark("List limit proposals"),
    "limit.propose": mark("Propose another limit"),
    "limit.refuse": mark("Refuse a limit proposal"),
    "limit.sign": mark("Sign a limit"),
    "limit.sign_batch": mark("Sign a batch of limits"),
    "limit.start_evaluation": mark("Begin evaluating limits"),
    "limit.take_back": mark("Take a limit request back"),
    "limit.waiting": mark("List limits to sign"),
    "log.archive": mark("Archive the log"),
    "log.archive_done": mark("Keep an archive of the log"),
    "log.archives": mark("List the log's archives"),
    "log.clear": mark("Clear pruned log entries"),
    "log.clear_done": mark("End clearing the log"),
    "log.clear_step": mark("Clear some log entries"),
    "log.export": mark("Export the log"),
    "log.export_mine": mark("Export own log entries"),
    "log.list": mark("Read the whole log"),
    "log.mine": mark("Read own log entries"),
    "log.prune": mark("Prune the log"),
    "log.verify": mark("Check the log's chain"),
    "message.claim": mark("Take a message to send"),
    "message.list": mark("List a customer's messages"),
    "message.mine": mark("List own messages"),
    "message.outbox": mark("List messages"),
    "message.send_again": mark("Send a message again"),
    "message.settle": mark("Note how a message went"),
    "outcome.record_due": mark("Record matured outcomes"),
    "overview.show": mark("Look at what waits"),
    "password.change": mark("Change own password"),
    "policy.at": mark("Look at an earlier policy"),
    "policy.change": mark("Change the policy"),
    "policy.demand_second_factor": mark("Demand a second factor"),
    "policy.show": mark("Look at the policy"),
    "policy.try_out": mark("Try another policy"),
    "policy.values": mark("Look at all figures"),
    "policy.versions": mark("List policy versions"),
    "policy.waiting": mark("List proposed figures"),
    "recovery.renew": mark("Renew recovery codes"),
    "request.for_admins": mark("List requests to admins"),
    "request.list": mark("List signature requests"),
    "request.refuse": mark("Refuse to sign"),
    "request.sign": mark("Sign a request"),
    "request.withdraw": mark("Withdraw a request"),
    "reset.start": mark("Start a password reset"),
    "review.claim": mark("Take for review"),
    "review.look": mark("Look at a review"),
    "review.next": mark("Take the next application"),
    "review.queue": mark("List the review queue"),
    "review.release": mark("Give a review back"),
    "scorecard.approve": mark("Put a points card in force"),
    "scorecard.compare": mark("Compare points cards"),
    "scorecard.keep": mark("Keep a trained points card"),
    "scorecard.list": mark("List points cards"),
    "scorecard.monitor": mark("Watch a points card"),
    "scorecard.retire": mark("Retire a points card"),
    "scorecard.show": mark("Look at a points card"),
    "scorecard.train": mark("Train a points card"),
    "second_factor.begin": mark("Begin a second factor"),
    "second_factor.confirm": mark("Confirm a second factor"),
    "second_factor.drop": mark("Drop the second factor"),
    "second_factor.mine": mark("Own second factor"),
    "second_factor.new_codes": mark("New recovery codes"),
    "session.account": mark("Look at the own account"),
    "session.attempt": mark("Try at signing in"),
    "session.end": mark("Sign out"),
    "session.forgive": mark("Take a try back"),
    "session.lock": mark("Lock the session"),
    "session.me": mark("Look up the own session"),
    "session.sign_in": mark("Sign in"),
    "session.stand_in": mark("Sit in (demo branch)"),
    "session.unlock": mark("Unlock the session"),
    "staff.add": mark("Add a staff account"),
    "staff.disable": mark("Disable a staff account"),
    "staff.enable": mark("Enable a staff account"),
    "staff.list": mark("List staff"),
    "staff.open": mark("Open a staff account"),
    "staff.set_permissions": mark("Change permissions"),
    "warning.check_due": mark("Look for early warnings"),
    "warning.done": mark("Deal with a warning"),
    "warning.give_back": mark("Give a warning back"),
    "warning.list": mark("List early warnings"),
    "warning.take": mark("Take an early warning"),
    "warning.totals": mark("Count early warnings"),
    "watch.add": mark("Watch an account"),
    "watch.end": mark("End watching an account"),
    "watch.list": mark("Look at the watch list"),
}

_SUBJECTS: Final[dict[str, str]] = {
    "account": mark("Account"),
    "application": mark("Application"),
    "backup": mark("Backup"),
    "branch": mark("Branch"),
    "card": mark("Card"),
    "card_account": mark("Card account"),
    "customer": mark("Customer"),
    "document": mark("Document"),
    "job": mark("Job"),
    "limit_rules": mark("Rules of limits"),
    "message": mark("Outgoing message"),
    "person": mark("Person"),
    "recipient": mark("Recovery kit"),
    "policy": mark("Policy"),
    "request": mark("Request"),
    "scorecard": mark("Points card"),
    "limit": mark("Limit"),
    "limit_batch": mark("Batch of limits"),
    "warning": mark("Early warning"),
    "watched": mark("Watch list"),
}


def action_label(code: str) -> str:
    """What the action ``code`` is in plain words, in the language in use; a code that is not known stays as it is."""
    return tr(_ACTIONS[code]) if code in _ACTIONS else code


def subject_label(kind: str) -> str:
    """What kind of record an entry is about, in the language in use; an unknown kind stays as it is."""
    return tr(_SUBJECTS[kind]) if kind in _SUBJECTS else kind


def find_action(field: str, text: str) -> str:
    """The code meant by ``text``: a code, the beginning of codes up to the dot (``staff.``), or words of one label.

    Raises InvalidInput on ``field`` when nothing or more than one thing is meant.
    """
    words = text.strip().casefold()
    areas = {code.partition(".")[0] for code in _ACTIONS}
    if not words or words in _ACTIONS:
        return words
    if words.removesuffix(".") in areas:
        return f"{words.removesuffix('.')}."
    labels = {code: action_label(code) for code in _ACTIONS}
    found = [code for code, label in labels.items() if words == label.casefold()]
    found = found or [code for code, label in labels.items() if words in label.casefold()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidInput(field, "No action is called that.", hint="Areas: {areas}.", areas=", ".join(sorted(areas)))
    raise InvalidInput(
        field,
        "Several actions are called that.",
        hint="Type one of the codes: {codes}.",
        codes=", ".join(found[:5]),
    )
