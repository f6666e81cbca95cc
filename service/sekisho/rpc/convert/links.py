"""Links and groups, to the proto."""

from sekisho.application.links import Links
from sekisho.application.ports.review import Group
from sekisho.rpc.convert import names, times
from sekisho.rpc.convert.case_summary import to_proto
from sekisho.v1 import review_link_pb2


def links(found: Links, now: int) -> review_link_pb2.ListLinksResponse:
    """Return what a case is tied to; `now` is Unix ms."""
    return review_link_pb2.ListLinksResponse(
        cases=[
            review_link_pb2.LinkedCase(case=to_proto(case, now), step=step)
            for case, step in found.cases
        ],
        ties=[
            review_link_pb2.Tie(
                role=tie.key.role,
                masked=tie.masked,
                fingerprint=tie.key.fingerprint.hex(),
                cases=[names.decision_name(case) for case in tie.cases],
                case_count=tie.count,
            )
            for tie in found.ties
        ],
        truncated=found.truncated,
    )


def group(found: Group, caller: str, new_links: int = 0) -> review_link_pb2.Group:
    """Return a group as `caller` sees it."""
    return review_link_pb2.Group(
        name=names.group_name(found.id),
        display_name=found.display_name,
        assignee=found.assignee,
        description=found.description,
        cases=[names.decision_name(case) for case in found.cases],
        followed=caller in found.followers,
        create_time=times.from_ms(found.created_at),
        update_time=times.from_ms(found.updated_at),
        etag=names.etag(found.revision),
        new_link_count=new_links,
    )
