"""Where everything is kept. Only this package imports SQLAlchemy; rows never leave it, records do.

Functions take a session and never commit; the caller owns the transaction.
"""
