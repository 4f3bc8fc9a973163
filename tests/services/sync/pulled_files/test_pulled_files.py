"""Sources that are files: watched folders, enriched Snowplow lines."""

import gzip
import os
from pathlib import Path

import pytest
from pulled import NOW, connected, emails, leads

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.calls.snowplow import FIELDS
from pqldesk.services.disconnecting import disconnect
from pqldesk.services.net import run_network
from pqldesk.services.rows import ConnectWanted
from pqldesk.services.sync import state
from pqldesk.services.window import sources as window_sources


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path):
        path = tmp_path / "drop"
        (path / "events").mkdir(parents=True)
        return path

    def test_files_are_imported_and_put_away_and_a_copy_is_not_read_again(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        (folder / "leads-monday.csv").write_text("email,name\nada@firm.example,Ada\nkim@firm.example,Kim\n")
        (folder / "events" / "week.csv").write_text(
            "email,event,occurred_at,event_id\nada@firm.example,login,2026-11-20T10:00:00Z,e1\n"
        )
        outcome = desk.pull()
        assert (outcome.state, outcome.created) == ("ok", 3)
        assert emails(desk) == ["ada@firm.example", "kim@firm.example"]
        assert (folder / "done" / "leads-monday.csv").exists()
        assert (folder / "events" / "done" / "week.csv").exists()
        (folder / "leads-again.csv").write_text((folder / "done" / "leads-monday.csv").read_text())
        assert desk.pull().rows == 0
        assert (folder / "done" / "leads-again.csv").exists()

    def test_what_cannot_be_read_goes_aside_with_the_reason_and_the_rest_goes_on(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        (folder / "leads-bad.csv").write_text("colour,shape\nred,round\n")
        (folder / "nobody-knows.csv").write_text("email\nx@firm.example\n")
        (folder / "leads-good.csv").write_text("email\nada@firm.example\n")
        assert desk.pull().state == "ok"
        assert emails(desk) == ["ada@firm.example"]
        report = (folder / "failed" / "leads-bad.csv.report.txt").read_text()
        assert "No column identifies a lead" in report
        assert (
            "not said what nobody-knows.csv holds"
            in (folder / "failed" / "nobody-knows.csv.report.txt").read_text()
        )

    def test_a_name_that_is_no_text_or_as_long_as_names_can_be_keeps_no_file_back(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        folder_in_bytes = os.fsencode(folder)
        longest = b"leads-" + "\u00e9".encode() * 122 + b"1.csv"  # 255 bytes, and a cut falls into a letter
        steering = "leads-\x1b[31m\u202egnp.csv".encode()
        names = (b"leads-\xff\xfe.csv", b"\xffnothing.csv", longest, steering)
        for number, name in enumerate(names):
            Path(os.fsdecode(os.path.join(folder_in_bytes, name))).write_text(
                f"email,name\nada{len(name)}@firm.example,{number}\n"
            )
        (folder / ("x" * 251 + ".csv")).write_text("email\nx@firm.example\n")  # nobody says what it holds
        assert desk.pull().state == "ok"
        assert emails(desk) == [f"ada{len(steering)}@firm.example", "ada255@firm.example"]
        reports = [path.read_text() for path in (folder / "failed").glob("*.report.txt")]
        assert len(reports) == 3
        assert len([text for text in reports if "not UTF-8 text" in text]) == 1
        assert desk.pull().rows == 0
        assert [path for path in folder.iterdir() if path.is_file()] == []

    def test_a_file_that_may_still_grow_waits_unless_a_mark_says_it_is_whole(self, desk, folder):
        connected(desk, "folder", folder=str(folder), kind="leads", quiet_s="3600")
        (folder / "new.csv").write_text("email\nada@firm.example\n")
        (folder / "half.csv.part").write_text("email\nkim@firm.example\n")
        assert desk.pull().rows == 0
        (folder / "new.csv.done").touch()
        assert desk.pull().created == 1
        assert not (folder / "new.csv.done").exists()
        assert (folder / "half.csv.part").exists()

    def test_two_folders_have_names_sources_and_figures_of_their_own(self, desk, folder, tmp_path):
        west = tmp_path / "west"
        west.mkdir()
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        connected(desk, "folder-west", folder=str(west), quiet_s="0")
        (folder / "leads-1.csv").write_text("email,user_id\nada@firm.example,7\n")
        (west / "leads-1.csv").write_text("email,user_id\nkim@firm.example,7\n")
        outcomes = {one.source: (one.state, one.created) for one in desk.sync().outcomes}
        assert outcomes == {"folder": ("ok", 1), "folder-west": ("ok", 1)}
        assert {lead.source for lead in leads(desk)} == {"folder", "folder-west"}
        rows = desk.db.read(state.source_states).result()
        assert [(row.title, row.url, row.total) for row in rows] == [
            ("Folder", "", 1),
            ("Folder west", "", 1),
        ]
        (west / "leads-2.csv").write_text("email,user_id\nkim@firm.example,8\n")
        assert [one.source for one in desk.sync("folder-west").outcomes] == ["folder-west"]
        run_network(desk.db, disconnect, "folder-west", "kim@firm.example", NOW)
        assert desk.db.read(state.source_names).result() == ["folder"]

    def test_the_window_connects_another_one_under_the_name_it_is_given(self, desk, folder):
        wanted = ConnectWanted("folder", "", {}, False, {"folder": str(folder), "name": " West Coast "})
        run_network(desk.db, window_sources.connect, wanted, "kim@example.com")
        (row,) = desk.db.read(state.source_states).result()
        assert (row.source, row.title) == ("folder-west-coast", "Folder west-coast")

    def test_what_one_connection_reads_no_other_reads_again(self, desk, folder):
        connected(desk, "folder", folder=str(folder))
        for inside in (folder, folder / "events", folder / ".." / folder.name):
            with pytest.raises(BadInput, match=r"Folder reads .* already"):
                connected(desk, "folder-west", folder=str(inside))
        connected(desk, "folder", folder=str(folder), quiet_s="0")  # itself again

    @pytest.mark.parametrize(
        "name", ["folder-", "folder-West", "folder-a_b", "folder-" + "x" * 41, "attio-2"]
    )
    def test_a_name_that_is_none_is_refused(self, desk, folder, name):
        with pytest.raises(BadInput):
            connected(desk, name, folder=str(folder))

    def test_a_link_that_leads_out_of_the_folder_is_never_followed(self, desk, folder, tmp_path):
        secret = tmp_path / "elsewhere.csv"
        secret.write_text("email\nsecret@firm.example\n")
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "leads-more.csv").write_text("email\nmore@firm.example\n")
        (folder / "leads-link.csv").symlink_to(secret)
        (folder / "leads").symlink_to(tmp_path / "more")
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        (folder / "leads-good.csv").write_text("email\nada@firm.example\n")
        assert desk.pull().state == "ok"
        assert emails(desk) == ["ada@firm.example"]
        assert secret.exists()
        assert (tmp_path / "more" / "leads-more.csv").exists()

    def test_a_packed_bomb_goes_aside_and_the_rest_goes_on(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        with gzip.open(folder / "leads-bomb.csv.gz", "wt") as file:
            file.write("email\n" + "\0" * 80_000_000)
        (folder / "leads-good.csv").write_text("email\nada@firm.example\n")
        assert desk.pull().state == "ok"
        assert emails(desk) == ["ada@firm.example"]
        assert (folder / "failed" / "leads-bomb.csv.gz.report.txt").exists()

    def test_a_folder_that_is_not_there_or_not_said_is_told_at_connect(self, desk, tmp_path):
        with pytest.raises(BadInput, match="needs its folder"):
            connected(desk, "folder")
        with pytest.raises(BadInput, match="is no folder"):
            connected(desk, "folder", folder=str(tmp_path / "nowhere"))


class TestSnowplow:
    @staticmethod
    def line(number, **more):
        values = {"app_id": "app", "event": "struct", "event_id": f"00000000-0000-4000-8000-{number:012}",
                  "collector_tstamp": "2026-11-20 10:00:00.000", "derived_tstamp": "2026-11-20 10:00:00.000",
                  "user_id": f"user-{number % 3}", "se_category": "app", "se_action": "login", **more}  # fmt: skip
        return "\t".join(values.get(name, "") for name in FIELDS) + "\n"

    def test_lines_of_plain_and_gzipped_files_come_once(self, desk, tmp_path):
        folder = tmp_path / "enriched"
        (folder / "run=1").mkdir(parents=True)
        (folder / "run=1" / "part-0000.tsv").write_text("".join(map(self.line, range(20))) + "broken\tline\n")
        (folder / "part-0001.gz").write_bytes(gzip.compress("".join(map(self.line, range(10, 30))).encode()))
        connected(desk, "snowplow", folder=str(folder), quiet_s="0", page="7")
        outcome = desk.pull()
        assert (outcome.created, outcome.duplicates, outcome.refused) == (30, 10, 1)
        assert sum(desk.counts().values()) == 30
        assert desk.pull().rows == 0
        assert (folder / "part-0001.gz").exists()

    def test_a_damaged_file_is_told_once_and_keeps_nobody_back(self, desk, tmp_path):
        folder = tmp_path / "enriched"
        folder.mkdir()
        whole = gzip.compress("".join(map(self.line, range(40))).encode())
        random = bytearray(gzip.compress(b"".join(bytes([n % 251]) * n for n in range(200))))
        random[40:80] = b"\xff" * 40
        (folder / "a-random.gz").write_bytes(random)
        (folder / "b-cut.gz").write_bytes(whole[:-10])
        (folder / "d-good.tsv").write_text("".join(map(self.line, range(40, 50))))
        connected(desk, "snowplow", folder=str(folder), quiet_s="0", move="yes")
        outcome = desk.pull()
        assert outcome.state == "failed"
        assert all(name in outcome.problem for name in ("a-random.gz", "b-cut.gz"))
        assert "d-good" not in outcome.problem
        assert sum(desk.counts().values()) == 10
        assert "damaged" in (folder / "failed" / "b-cut.gz.report.txt").read_text()
        assert desk.pull().state == "ok"

    @pytest.mark.parametrize("inside", ["x", "\n", "x\n"])
    def test_a_packed_bomb_is_left_early(self, desk, tmp_path, inside):
        folder = tmp_path / "enriched"
        folder.mkdir()
        with gzip.open(folder / "bomb.gz", "wt") as file:
            for _ in range(400):
                file.write(inside * 200_000)
        connected(desk, "snowplow", folder=str(folder), quiet_s="0")
        outcome = desk.pull()
        assert outcome.state == "failed" if "\n" in inside else outcome.refused <= 1_000
        assert outcome.refused <= 1_000

    def test_a_link_that_leads_out_of_the_folder_is_never_followed(self, desk, tmp_path):
        folder = tmp_path / "enriched"
        folder.mkdir()
        (tmp_path / "elsewhere.tsv").write_text(self.line(1))
        (folder / "link.tsv").symlink_to(tmp_path / "elsewhere.tsv")
        connected(desk, "snowplow", folder=str(folder), quiet_s="0")
        assert desk.pull().rows == 0

    def test_a_file_goes_on_inside_where_a_run_was_broken_off(self, desk, tmp_path, monkeypatch):
        from pqldesk.services.pulls import snowplow

        folder = tmp_path / "enriched"
        folder.mkdir()
        (folder / "events.tsv").write_text("".join(map(self.line, range(20))))
        connected(desk, "snowplow", folder=str(folder), quiet_s="0", page="5")
        item, seen = snowplow._item, []

        def breaks(text, number):
            seen.append(number)
            if number == 12 and seen.count(12) == 1:
                raise snowplow.Refused("The disk went away.", "")
            return item(text, number)

        monkeypatch.setattr(snowplow, "_item", breaks)
        assert (desk.pull().state, desk.cursor()["lines"]) == ("failed", 10)
        assert desk.pull().created == 10
        assert seen.count(1) == 1
        assert sum(desk.counts().values()) == 20
