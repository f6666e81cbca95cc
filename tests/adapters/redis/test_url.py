"""The URL of a cache."""

import pytest

from sekisho.adapters.redis.url import Form, parse


def test_a_url_is_read_and_its_password_never_shown() -> None:
    place = parse("redis://app:s%40cret@cache.example:6380/3")
    (there,) = place.first
    assert (place.form, there.host, there.port, there.user, there.password, there.database) == (
        Form.SERVER,
        "cache.example",
        6380,
        "app",
        "s@cret",
        3,
    )
    assert "s@cret" not in repr(place)
    assert parse("rediss://cache.example").first[0].tls is not None
    assert parse("redis://cache.example").first[0].tls is None
    assert parse("redis://:only@[::1]").first[0].password == "only"
    assert parse("redis://[::1]:7").first[0].name == "::1:7"
    assert parse("unix://me:word@/run/redis").first[0].path == "/run/redis"


def test_sentinels_are_listed_with_the_name_that_they_watch() -> None:
    place = parse("rediss+sentinel://app:word@one,two:5000/main/2")
    assert (place.form, place.service) == (Form.SENTINEL, "main")
    assert [(e.host, e.port, e.database, e.user) for e in place.first] == [
        ("one", 26379, 2, "app"),
        ("two", 5000, 2, "app"),
    ]
    assert all(there.tls is not None for there in place.first)


def test_some_nodes_of_a_cluster_are_listed() -> None:
    place = parse("redis+cluster://one:7000,[::1]:7001")
    assert place.form is Form.CLUSTER
    assert [(e.host, e.port) for e in place.first] == [("one", 7000), ("::1", 7001)]


@pytest.mark.parametrize(
    "url",
    [
        "http://secret@host",
        "redis://",
        "unix://",
        "redis://:secret@host/zero",
        "secret",
        "redis://:secret@one,two",
        "redis+sentinel://:secret@one,two",
        "redis+sentinel://:secret@one/name/x",
        "redis+cluster://:secret@one/1",
        "redis+cluster://:secret@one,,two",
        "redis+cluster://:secret@one:0",
        "redis://:secret@one:99999",
    ],
)
def test_a_url_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|of a database|no other") as refused:
        parse(url)
    assert "secret" not in str(refused.value)
