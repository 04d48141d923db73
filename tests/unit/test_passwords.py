from app.security import passwords


def test_the_product_hashes_with_the_full_cost(cheap_passwords: str) -> None:
    assert cheap_passwords == "scrypt"


def test_a_hash_is_salted_and_recognised() -> None:
    first, second = passwords.hash_password("zhongguo2026"), passwords.hash_password("zhongguo2026")
    assert first != second
    assert passwords.is_right(first, "zhongguo2026")
    assert not passwords.is_right(first, "zhongguo2027")
