"""Which version is productive, as somebody else than the registry knows: asked by a URL, or by a command.

    by_url("https://releases.example.com/{service}?in={environment}", question, seconds)
    by_command(["python", "productive.py", "{service}"], question, seconds, environment)

Both give the versions of one service, with their artifacts. The answer is data of another program: it is bounded in
time and size, and refused as a whole if anything of it could not be meant. It knows no registry, and starts no
provider.
"""

from signet.live.resolution.answer import Counterpart, Question
from signet.live.resolution.by_command import by_command
from signet.live.resolution.by_url import by_url

__all__ = ["Counterpart", "Question", "by_command", "by_url"]
