"""The race for promo codes, a sample: through several doors of one database at once (P39, I6).

The long form is ``python -m tests.torture.race --rounds 20``; ``tests/test_codes.py`` has the rules one by one.
"""

from __future__ import annotations

from storage.database import Database
from tests.torture.race import race


async def test_P39_I6_of_many_claimants_at_several_doors_exactly_the_stock_is_served(database_url: str):
    doors = [Database(database_url, durable=False) for _ in range(3)]
    try:
        for _ in range(2):
            told = await race(doors, claimants=150, stock=10)
            assert (told.claims, told.issued, told.errors, told.wrong) == (165, 10, {}, [])
    finally:
        for door in doors:
            await door.close()
