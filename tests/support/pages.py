"""Every page of the console, by name: for tests that look at each."""

from collections.abc import Mapping

from sekisho.v1.decision_pb2 import Decision


def all_pages(decision: Decision, group: str, watchlist: str, shop: str) -> Mapping[str, str]:
    """Return the path of each page; `group` and `watchlist` are resource names."""
    case = f"/cases/{decision.name.removeprefix('decisions/')}"
    return {
        "queue": "/",
        "degraded": "/?queues=QUEUE_DEGRADED",
        "afterwards": "/?queues=QUEUE_AFTERWARDS",
        "case": case,
        "links": f"{case}/links",
        "search": "/search",
        "searched": f"/search?shop={shop}",
        "groups": "/groups",
        "group": f"/{group}",
        "watchlists": "/watchlists",
        "watchlist": f"/{watchlist}",
        "import": f"/{watchlist}/import",
        "rules": "/rules",
        "figures": "/figures",
        "shops": "/shops",
        "shop": f"/shops/{shop}",
        "reports": "/reports",
        "try": "/try",
        "trail": "/trail",
        "missing": "/no/such/page",
    }
