"""The operations of the bank. Importing :mod:`bankcard_tui.services.everything` registers all of them."""
