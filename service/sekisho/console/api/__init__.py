"""The API as the console calls it: for the analyst who is signed in, and for nobody else."""

from sekisho.console.api.caller import Caller
from sekisho.console.api.channel import Api
from sekisho.console.api.refused import Refused, Violation

__all__ = ["Api", "Caller", "Refused", "Violation"]
