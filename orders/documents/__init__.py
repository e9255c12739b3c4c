"""Receipts, invoices and credit notes: what is frozen at issue, and how it is printed."""
