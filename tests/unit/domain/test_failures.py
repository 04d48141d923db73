from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from app.domain.failures import trail


def test_a_failure_is_named_without_what_the_row_held() -> None:
    with create_engine("sqlite://").begin() as connection:
        connection.execute(text("CREATE TABLE phone (number TEXT UNIQUE)"))
        connection.execute(text("INSERT INTO phone VALUES ('+8610012345678')"))
        try:
            connection.execute(text("INSERT INTO phone VALUES ('+8610012345678')"))
        except IntegrityError as error:
            said = trail(error)

    assert said.startswith("IntegrityError at ")
    assert "test_failures.py:" in said or " < " in said
    assert "8610012345678" not in said


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert trail(ValueError("x")) == "ValueError at no place"
