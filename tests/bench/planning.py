"""How long planning takes, beside a bare INSERT … SELECT of the same rows into a table with the same indexes.

    python -m tests.bench.planning [--households 300000] [--postgres]

Then the same campaign is launched, paused and closed; closing is measured with a history, since only then does each
contact's disposition depend on what was heard.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, text

from app.models import Contact
from tests import servers
from tests.bench.dispatch import fill, installation, make_campaign


def bare_copy(session: Any) -> float:
    """Seconds to insert the planned rows once more, into a table that has contact's indexes and nothing else."""
    source: Table = Contact.__table__
    bare = Table("bare", MetaData(), *(Column(c.name, c.type, primary_key=c.primary_key) for c in source.columns))
    for index in source.indexes:
        options = {key: value for key, value in index.dialect_kwargs.items() if key.endswith("_where")}
        Index(f"bare_{index.name}", *(bare.c[c.name] for c in index.columns), unique=index.unique, **options)
    Index("bare_household_quarter", bare.c.household_id, bare.c.quarter, unique=True)
    bare.create(session.connection())
    session.commit()
    return seconds(lambda: session.execute(bare.insert().from_select(list(source.c.keys()), source.select())), session)


def seconds(work: Callable[[], object], session: Any) -> float:
    started = time.perf_counter()
    work()
    session.commit()
    return time.perf_counter() - started


def bench(session: Any, households: int) -> None:
    from app.services import campaigns
    from tasks.campaigns import plan_campaign

    fill(session, households)
    campaign_id = make_campaign(session).id
    session.commit()
    planned = seconds(lambda: plan_campaign(campaign_id), session)
    rows = session.execute(text("SELECT count(*) FROM contact")).scalar()
    bare = bare_copy(session)
    print(f"planning {rows} households: {planned:.1f} s; bare INSERT … SELECT, same indexes: {bare:.1f} s; "
          f"ratio {planned / bare:.1f}")  # fmt: skip
    for verb in (campaigns.launch, campaigns.pause, campaigns.resume):
        took = seconds(lambda verb=verb: verb(session, campaigns.get_campaign(session, campaign_id)), session)  # type: ignore[misc]
        print(f"{verb.__name__}: {took:.2f} s")
    give_history(session)
    took = seconds(lambda: campaigns.close(session, campaigns.get_campaign(session, campaign_id)), session)
    print(f"close, every third contact with a history: {took:.1f} s")


def give_history(session: Any) -> None:
    """Every third contact was called once, in vain."""
    session.execute(text("UPDATE contact SET attempts_made = 1, state = 'waiting' WHERE id % 3 = 0"))
    session.execute(text(
        "INSERT INTO attempt (token, contact_id, campaign_id, household_id, phone_hash, number, channel, purpose,"
        " is_inbound, carrier, state, outcome, raw_state, error_code, claimed_at, slot_at, is_demo, node_id, l1_id,"
        " l2_id, l3_id, l4_id) SELECT 'T' || id, id, campaign_id, household_id, 'h' || id, 1, 'voice', 'checkin',"
        " false,"
        " 'simulator', 'done', 'no_answer', '', '', next_attempt_at, next_attempt_at, true, node_id, l1_id, l2_id,"
        " l3_id, l4_id FROM contact WHERE id % 3 = 0"
    ))  # fmt: skip
    session.commit()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(servers.postgres()) if chosen.postgres else None
        bench(stack.enter_context(installation(url)), chosen.households)


if __name__ == "__main__":
    main()
