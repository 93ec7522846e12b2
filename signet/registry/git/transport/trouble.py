"""What it means when a remote says no or nothing: one table for all transports, from words to sentence and remedy.

The words are git's, a server's or a library's, and differ from version to version; what is not in the table is shown
as it came. Nothing here decides whether something was published: for that, the branch is looked at.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from signet.errors import InvalidData, RegistryUnreachable, SignetError
from signet.registry.git import program

_TOKEN_MISSING = "Set SIGNET_TOKEN; with the git program, a credential helper will do as well."  # noqa: S105
_TOKEN_WRONG = "Look at SIGNET_TOKEN: is it for this server, still valid, and does it cover this repository?"  # noqa: S105
_PROPOSE = (
    "let this writer push to it, or run the command again with --propose: the commit goes to a branch of its own, "
    "ready for a pull request."
)


class Trouble(NamedTuple):
    """One way in which a remote says no. ``refuses``: for a push this is a verdict, and trying again is no use."""

    kind: str
    sentence: str
    remedy: str
    refuses: bool = False


class _Row(NamedTuple):
    words: re.Pattern[str]
    trouble: Trouble


def _row(kind: str, words: str, sentence: str, remedy: str, refuses: bool = False) -> _Row:
    return _Row(re.compile(words, re.IGNORECASE | re.MULTILINE), Trouble(kind, sentence, remedy, refuses))


def _status(codes: str) -> str:
    return rf"(?:error: |HTTP )(?:{codes})\b"


_REACHING = (
    _row("disk", r"^(?!remote).*(?:no space left|read-only file system)", "the cache cannot be written",
         "Make room, or set SIGNET_CACHE to a directory elsewhere."),
    _row("redirect", _status("30[12378]"), "it redirects to another address, which is not followed",
         "Name the new address as the registry; a token goes only to the address that you name."),
    _row("proxy-login", _status("407") + r"|tunnel connection failed: 407|from proxy after CONNECT: 407|response 407",
         "the proxy wants a login", "Put user and password into the proxy's URL in https_proxy."),
    _row("proxy", r"tunnel connection failed|after CONNECT|resolve proxy|socks", "the proxy does not let us through",
         "Look at https_proxy and no_proxy."),
    _row("ssh-login", r"permission denied \(", "ssh was not let in",
         "Look at your ssh key and agent; the forge must know the key.", True),
    _row("ssh-host", r"host key verification failed", "the host's ssh key is not known or has changed",
         "Compare the key with what the forge publishes, and put it into known_hosts."),
    _row("login", r"could not read (?:username|password)|terminal prompts disabled|authentication failed"
         r"|invalid (?:username|credentials)|" + _status("401"), "it wants a login", _TOKEN_MISSING, True),
    _row("rate-limit", _status("429") + r"|rate limit|too many requests", "it was asked too often (rate limit)",
         "Wait some minutes, and ask less often; one command at a time is enough."),
    _row("forbidden", _status("403") + r"|permission .*denied|forbidden|access denied|not have permission"
         r"|not allowed to|insufficient .*(?:scope|permission)", "access is refused",
         "The account or token needs read access, and write access for recording.", True),
    _row("not-found", _status("404|410") + r"|repository .*not found|not appear to be a git repository"
         r"|repository .*does not exist", "there is no such repository, or it is hidden from you",
         "Check the address; a private repository also needs SIGNET_TOKEN or another login.", True),
    _row("sha256", "mismatched algorithms", "its objects have other names (SHA-256) than those of a registry",
         "Make the registry's repository anew with: signet init"),
    _row("server", _status(r"5\d\d") + "|internal server error", "the server has a fault of its own",
         "Try again later, and look at the status page of the forge."),
    _row("tls", r"certificate|\bssl\b|\btls\b|gnutls|wrong version number", "its certificate or TLS is not trusted",
         "Set GIT_SSL_CAINFO to a file with the certificate of the authority."),
    _row("no-git", r"protocol error|bad line length|HTTP/0\.9|is this a git repository|no git server"
         r"|expected flush|bad pack header", "what answers there is no git server",
         "Check the address: it is the one for 'git clone', not that of a page or a login form."),
    _row("slow", r"no answer in time|too slow|timed out|time-?out", "no answer in time",
         "Try again; look at the network, or at a proxy in between."),
    _row("no-name", r"could not resolve|name or service not known|no address associated|nodename nor servname",
         "its name is not known here", "Check the address and the network."),
    _row("nobody", r"failed to connect|could not connect|couldn't connect|connection refused|unreachable|no route to",
         "nothing answers there", "Check the address and the network."),
    _row("broken-off", r"empty reply|early eof|disconnect|hung up|connection.*(?:reset|closed|aborted)|broken pipe"
         r"|no report|incomplete|truncated|rpc failed|could not read from remote",
         "the connection broke off", "Try again."),
)  # fmt: skip
_UNKNOWN = Trouble("unknown", "", "Check the address, the network and your access.")
_REFUSING = (
    _row("protected", r"GH006|GH013|protected branch|not allowed to push|rule violations|TF402455|must be made through"
         r"|branch is (?:protected|locked)", "", "The branch is protected: " + _PROPOSE),
    _row("read-only", r"archived|read[ -]only|is a mirror", "", "The repository takes no pushes: unarchive it there."),
    _row("quota", r"quota|size limit|storage limit|no space|disk full|exceeds|too large|over (?:its|the) limit", "",
         "Make room at the forge, or ask whoever runs it."),
    _row("rate-limit", r"rate limit|too many", "", "Wait some minutes, and record less often."),
    _row("forbidden", r"permission|denied|forbidden|not authorized|unauthorized", "",
         "The account or token needs write access to the repository."),
    _row("hook", r"hook declined|pre-receive", "", "A hook of the server said no; if that is its rule: " + _PROPOSE),
)  # fmt: skip
_REFUSED = Trouble("refused", "", "If the branch is protected, " + _PROPOSE, True)
_RACE = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to (?:update|lock)|unable to (?:update|lock)"
    r"|\.lock'|reference already exists|incorrect old value|remote ref updated since checkout",
    re.IGNORECASE,
)
_UNSOUND = re.compile(
    r"fsck error|invalid index-pack output|bad (?:tree|parent|commit) (?:object|pointer)|badTree|hasDot"
    r"|empty filename in tree|(?:too-short|corrupt) tree|malformed mode in tree|unable to read 0{40}"
)
_BOILERPLATE = re.compile(r"please make sure you have the correct access rights\s+and the repository exists\.", re.I)


def found_in(said: str) -> Trouble:
    """What the words of a failed conversation mean."""
    text = _BOILERPLATE.sub("", said)
    found = next((row.trouble for row in _REACHING if row.words.search(text)), _UNKNOWN)
    if found.kind == "login" and os.environ.get("SIGNET_TOKEN"):
        return found._replace(sentence="the token is not accepted", remedy=_TOKEN_WRONG)
    return found


def unreachable(location: str, said: str, line: str) -> SignetError:
    """The error for a fetch that failed; ``line`` is the most telling line of what was said, and clean."""
    if _UNSOUND.search(said) and "early EOF" not in said:
        return unsound(location, line)
    trouble = found_in(said)
    return RegistryUnreachable(f"The registry at {location} cannot be reached: {_told(trouble, line)}.", trouble.remedy)


def unsound(location: str, why: str) -> InvalidData:
    """The error for objects that git's check refuses."""
    return InvalidData(
        f"The registry at {location} holds objects that git refuses: {program.one_line(why)}.",
        remedy="Repair the repository at the forge; nothing of it was taken over.",
    )


def refused(reason: str) -> Trouble:
    """What it means that a server, or git for it, rejected a push with these words."""
    return next((row.trouble for row in _REFUSING if row.words.search(reason)), _REFUSED)


def is_race(reason: str) -> bool:
    """True for the words of a server that was asked to move a branch which somebody else is moving, or has moved."""
    return bool(_RACE.search(reason))


def for_a_push(said: str, line: str) -> tuple[str, str, str]:
    """Status, reason and remedy of a push that got no verdict for its branch: "refused", or else "unclear"."""
    trouble = found_in(said)
    return "refused" if trouble.refuses else "unclear", _told(trouble, line), trouble.remedy


def _told(trouble: Trouble, line: str) -> str:
    line = line.rstrip(".")
    if not trouble.sentence or trouble.sentence == line:
        return line
    return f"{trouble.sentence} ({line})" if line else trouble.sentence
