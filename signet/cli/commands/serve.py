"""``signet serve``: the index service over a registry: pages, read API, webhooks in and out."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from signet.cli import carrying, opening, options, render, serving
from signet.errors import UsageError

NEEDED = ("fastapi", "httptools", "jinja2", "prometheus_client", "sqlalchemy", "uvloop")
_FILE = "The file for the URL"


def serve(
    host: serving.Host = "127.0.0.1",
    port: serving.Port = 8080,
    folder: serving.Folder = None,
    poll: serving.Poll = 60.0,
    is_open: serving.Open = False,
    hook: serving.Hooks = None,
    webhook_host: carrying.Hosts = None,
    webhook_network: carrying.Networks = None,
    webhook_tries: carrying.Tries = 15,
    webhook_wait: carrying.Wait = 5.0,
    webhook_longest_wait: carrying.LongestWait = 3_600.0,
    webhook_patience: carrying.Patience = 3 * 86_400.0,
    follow_rewrites: serving.FollowRewrites = False,
    log_format: serving.LogFormat = "text",
    url_file: serving.UrlFile = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Serve the registry to people and programs: pages, a read API, webhooks in and out, until it is stopped.

    It reads the registry and never writes to it; SIGNET_TOKEN is what it fetches with. Its databases are SQLite in
    --folder, or those of SIGNET_DATABASE_URL and SIGNET_STORE_URL. Readers need the token of SIGNET_READ_TOKEN, if
    it is set. A webhook is on when its secret is set: SIGNET_HOOK_GITHUB_SECRET, _GITLAB_, _GITEA_, _PLAIN_. Each of
    these may be in a file instead, which the same variable with _FILE names.

    \b
    Examples:
      signet serve --registry ../registry
      SIGNET_READ_TOKEN_FILE=token signet serve --host 0.0.0.0 --hook github
      signet serve --port 0 --url-file signet.url --json

    Exit code: 0 it was stopped (Ctrl-C, SIGTERM); 2 wrong use: a port or folder that is taken, a missing secret, a
    wrong database; 3 the registry is refused; 4 the registry or a database cannot be reached; 128 and more: a second
    signal.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"The service needs {', '.join(missing)}, not installed.", "Run: pip install 'signet-registry[serve]'"
        )
    location = opening.located(registry)
    if log_format not in ("text", "json"):
        raise UsageError(f"--log-format {log_format} is none.", "There are: text, json.")
    serving.within("--poll", poll, serving.SHORTEST_POLL, serving.LONGEST_POLL)
    from signet.service.settings import HOOKS, Settings

    serving.for_the_registry()
    tokens = serving.secrets(serving.TOKEN)
    waits = (webhook_wait, webhook_longest_wait)
    settings = Settings(
        location,
        serving.place(folder),
        opening.access(),
        database=serving.database(serving.DATABASE),
        store=serving.database(serving.STORE),
        host=host,
        port=port,
        poll=poll,
        tokens=tokens,
        hosts=serving.hosts(host, tokens, is_open=is_open),
        hooks=serving.hooks(hook, HOOKS),
        outgoing=carrying.outgoing(webhook_host, webhook_network, webhook_tries, waits, webhook_patience),
        variables=carrying.variables(),
        follow_rewrites=follow_rewrites,
        log_format=log_format,
    )
    told = _Told(url_file, as_json=json)
    from signet.service import running

    try:
        return running.run(settings, told.ready, told.over)
    finally:
        told.over()


class _Told:
    """What is told of the service: its URL, as soon as it answers there, in a file for as long as it does."""

    def __init__(self, url_file: Path | None, *, as_json: bool) -> None:
        from signet.live.provider import files

        self.url_file, self.as_json, self.written = url_file, as_json, b""
        if url_file is not None:
            files.may_be_written(url_file, _FILE)

    def ready(self, url: str) -> None:
        """It answers."""
        from signet.live.provider import files

        if self.url_file is not None:
            content = f"{url}\n".encode()
            files.written(self.url_file, content, _FILE, 0o644)
            self.written = content
        if self.as_json:
            render.say_json({"schema": "signet.serve/1", "url": url})
        else:
            render.say(url)
        render.flush()

    def over(self) -> None:
        """It does not answer any more."""
        from signet.live.provider import files

        if self.url_file is not None and self.written:
            files.removed(self.url_file, self.written)
