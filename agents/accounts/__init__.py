"""Accounts: who may sign in, with what, from where, and for how long.

Rules are pure modules (`networks`, `lockout`, `second_factor`, `users`, `sessions`), each with a
store of plain statements over `config.database`. A change and its audit line are one transaction.
`sign_in` puts them together; `web_session` and `web_users` are the routes.
"""
