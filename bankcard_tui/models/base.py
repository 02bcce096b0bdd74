"""What all tables share."""

from __future__ import annotations

from sqlalchemy import MetaData, Table
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of all tables. They do not validate: input is checked at the edge, the store's CHECKs come second."""

    metadata = MetaData(naming_convention=NAMING)


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for set-based statements."""
    found: Table = model.metadata.tables[str(model.__tablename__)]
    return found
