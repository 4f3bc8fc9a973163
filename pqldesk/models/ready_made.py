"""Statements that are made once, with named gaps, and asked again and again."""

from typing import Any, TypeVarTuple

from sqlalchemy import BindParameter, CursorResult, Select, bindparam
from sqlalchemy.orm import Session

Columns = TypeVarTuple("Columns")


def gap(name: str) -> BindParameter[Any]:
    """What ask() fills in; it has the type of the column that it is compared with."""
    return bindparam(name)


def gaps(name: str) -> BindParameter[Any]:
    """The same for the list of an IN."""
    return bindparam(name, expanding=True)


def ask(session: Session, statement: Select[*Columns], **filled: object) -> CursorResult[*Columns]:
    """The rows of a statement of columns with its gaps filled in.

    A record takes twenty of them. Made anew for each lead one takes 0.63 ms of the interpreter, asked like this 0.08.
    """
    session.flush()
    return session.connection().execute(statement, filled)
