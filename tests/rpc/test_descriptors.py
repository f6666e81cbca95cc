"""What a shop can be told is settled by the messages themselves."""

from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor, ServiceDescriptor

from sekisho.rpc.convert import enums
from sekisho.v1 import review_pb2, risk_check_pb2

WHY = ("reason", "fact", "rule", "score", "weight", "threshold", "velocity", "watchlist", "hit")
"""Words of which none may occur in the name or the type of a field that a shop sees."""

RISK_CHECK = risk_check_pb2.DESCRIPTOR.services_by_name["RiskCheckService"]
REVIEW = review_pb2.DESCRIPTOR.services_by_name["ReviewService"]


def messages_of(service: ServiceDescriptor) -> Iterator[Descriptor]:
    """Yield every message that a service takes or gives, however deep."""
    seen: set[str] = set()
    left = [each for method in service.methods for each in (method.input_type, method.output_type)]
    while left:
        message = left.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        yield message
        left.extend(field.message_type for field in message.fields if field.message_type)


def telling_why(service: ServiceDescriptor) -> set[str]:
    """Return the fields of a service's messages that have one of the words."""

    def words(field: FieldDescriptor) -> str:
        types = (field.message_type, field.enum_type)
        return " ".join([field.name, *(each.full_name for each in types if each)]).lower()

    return {
        field.full_name
        for message in messages_of(service)
        for field in message.fields
        if any(word in words(field) for word in WHY)
    }


def test_promise_6_no_message_of_the_risk_check_service_has_a_field_that_tells_why() -> None:
    assert {message.name for message in messages_of(RISK_CHECK)} >= {"Decision", "Challenge"}
    assert telling_why(RISK_CHECK) == set()


def test_the_fraud_team_is_told_why() -> None:
    told = {name.rpartition(".")[2] for name in telling_why(REVIEW)}
    assert told >= {"reasons", "facts", "unevaluated_rules", "score", "watchlist_hits"}


def test_no_verdict_of_zero_means_allow() -> None:
    assert 0 not in enums.VERDICT_NUMBERS.values()
