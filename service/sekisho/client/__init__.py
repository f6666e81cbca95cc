"""The client for shop terminals: asks, repeats what failed, and never takes a failure for ALLOW.

    async with Terminal.connect("sekisho-1:443", "sekisho-2:443", tls=tls) as terminal:
        answer = await terminal.assess(sim_change, request_id=request_id)
        if answer.allowed:
            make_the_change()
            await terminal.report_outcome(answer, "completed")
        else:
            show(answer.instruction)

A call returns `Decided` or `Unanswered` and raises nothing for a call that failed. The messages
are those of `sekisho.v1`.
"""

from sekisho.client.answers import Answer, BadField, Decided, Unanswered, Why
from sekisho.client.terminal import Terminal
from sekisho.client.tls import Tls

__all__ = ["Answer", "BadField", "Decided", "Terminal", "Tls", "Unanswered", "Why"]
