from __future__ import annotations

import pytest
from queueing.crowd import Crowd
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


def one(engine, query, **values):
    with engine.connect() as connection:
        return connection.execute(text(query), values).scalar_one()


@pytest.fixture
def crowd_of(tmp_path, make_postgres_database):
    made = []

    def make(**settings):
        url = make_postgres_database(empty=True)
        made.append(Crowd(tmp_path, url, **settings))
        return made[-1], create_engine(
            url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
        )

    yield make
    for one in made:
        one.close()
