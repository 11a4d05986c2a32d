"""The notes of a store beside its runs: commands, what they asked for, early rules, its table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from grokseed.early import EarlyRule
from grokseed.records.asked import Asked, Rules, read_rules
from grokseed.records.database import Database
from grokseed.records.provenance import Command, printable
from grokseed.seeds import Seeds


class Notes:
    """The notes in a database.

    Every method raises StoreError where it is damaged or cannot be written.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def remember(self, command: Command) -> None:
        """Note a command that trains runs of this store."""
        there = {name for _, name, *_ in self._db.all("PRAGMA table_info(commands)")}
        for name in ("date", "code"):  # a store of an earlier version lacks both
            if name not in there:
                self._db.write((f"ALTER TABLE commands ADD COLUMN {name} TEXT", ()))
        insert = "INSERT OR IGNORE INTO commands (command, date, code) VALUES (?, ?, ?)"
        self._db.write((insert, command))

    def commands(self) -> list[Command]:
        """The commands that made these runs, in order, each once."""
        found = []
        for _, text, *about in self._db.all("SELECT * FROM commands ORDER BY number"):
            try:
                # Earlier versions stored every character as it was.
                command = Command(printable(text) if isinstance(text, str) else text, *about)
                command.check()
                found.append(command)
            except ValueError as error:  # not written by a scan
                raise self._db.damaged(error) from None
        return found

    def ask(self, runs: Sequence[Seeds]) -> None:
        """Note the runs that a command asks for, so that an export can say that it is partial."""
        self.ask_as(Asked.of(runs))

    def ask_as(self, others: Asked) -> None:
        """Note what another folder's commands have asked for, as `ask` does."""
        ((stored,),) = self._db.all("SELECT count(*) FROM runs")
        asked = self.asked().joined(others).at_least(stored)
        self._note("asked", json.dumps(asked._asdict()))

    def asked(self) -> Asked:
        """What the commands so far have asked for."""
        found = self._value("asked")
        try:
            return Asked.read(json.loads(found)) if found is not None else Asked()
        except (TypeError, ValueError, AttributeError) as error:
            raise self._db.damaged(f"what was asked cannot be read ({error})") from None

    def note_rule(self, rule: EarlyRule) -> None:
        """Note an early rule that judges runs of this store, and what it was fitted on."""
        self.note_rules({str(rule): {"folder": rule.folder, "model": rule.model_seeds}})

    def note_rules(self, rules: Rules) -> None:
        """Note early rules, such as another folder's. What a rule was fitted on stays, and is added
        if it was not known."""
        there = self.rules()
        known = {rule: about for rule, about in there.items() if any(about.values())}
        if rules:
            self._note("early", json.dumps(dict(sorted((there | rules | known).items()))))

    def rules(self) -> Rules:
        """The early rules that were noted."""
        found = self._value("early")
        try:
            return read_rules(json.loads(found)) if found is not None else {}
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise self._db.damaged(f"its early rules cannot be read ({error})") from None

    def note_table(self, mark: str) -> None:
        """Note the checksum of the folder's table, of which all runs are here."""
        self._note("table", mark)

    def has_table(self, mark: str) -> bool:
        """Whether all runs of the table with this checksum are here."""
        return self._value("table") == mark

    def _value(self, name: str) -> str | None:
        found = self._db.all("SELECT value FROM scan WHERE name = ?", name)
        return found[0][0] if found else None

    def _note(self, name: str, value: str) -> None:
        if self._value(name) != value:
            self._db.write(("INSERT OR REPLACE INTO scan VALUES (?, ?)", (name, value)))
