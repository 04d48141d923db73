"""The command line's groups. Rooms are imported inside the commands, so that `up` stays small."""
