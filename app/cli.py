"""`shouwang`: the command line. Thin: it reads arguments, opens a context, calls a service, prints."""

from __future__ import annotations

import click

from app.commands import campaigns, checkup, doctor, policy, processes, registers, rehearsal, retention, roundtrip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """守望: grid registers and the quarterly check-in hotline."""


for command in (
    processes.up, processes.web, processes.worker, processes.beat, processes.simulator, processes.prepare,
    registers.db, registers.demo, registers.grid, registers.user, registers.import_group, registers.export_group,
    campaigns.campaign, checkup.checkup, policy.policy, retention.retention, rehearsal.rehearse, doctor.doctor,
):  # fmt: skip
    main.add_command(command)
registers.import_group.add_command(roundtrip.import_national)

if __name__ == "__main__":
    main()
