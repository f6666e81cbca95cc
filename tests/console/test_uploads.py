"""Files that are being imported: held for who sent them, and not for ever."""

from sekisho.console.uploads import Upload, Uploads
from sekisho.console.watchlist_files import Problem


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def kept(uploads: Uploads, analyst: str = "analyst/sato") -> Upload:
    return uploads.keep(analyst, "watchlists/mules", (), (Problem(1, "empty"),), "id")


def test_a_file_is_found_by_who_sent_it_only() -> None:
    uploads = Uploads()
    upload = kept(uploads)
    assert uploads.find(upload.id, "analyst/sato") is upload
    assert uploads.find(upload.id, "analyst/tanaka") is None
    assert uploads.find("other", "analyst/sato") is None


def test_a_file_is_forgotten_after_a_while() -> None:
    clock = Clock()
    uploads = Uploads(clock)
    old = kept(uploads)
    clock.now = 1801
    kept(uploads)
    assert uploads.find(old.id, "analyst/sato") is None


def test_only_so_many_are_held_and_what_is_under_way_stays() -> None:
    clock = Clock()
    uploads = Uploads(clock)
    running = kept(uploads)
    running.stage = "applying"
    others = []
    for _ in range(40):
        clock.now += 1
        others.append(kept(uploads))
    held = [each for each in others if uploads.find(each.id, "analyst/sato")]
    assert held == others[-15:]
    assert uploads.find(running.id, "analyst/sato") is running
