"""Accounts under attack: forged tokens, parallel guesses, answers that tell. Each claim has a control."""
