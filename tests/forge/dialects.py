"""What GitHub, GitLab, Gitea and Bitbucket answer to the few questions that are asked here."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from tests.forge.fake import Answer, Asked, Forge, Pull

STAMP = "2026-01-02T03:04:05Z"


class GitHub(Forge):
    prefix = "/api/v3"

    def answer(self, asked: Asked) -> Answer:
        old = next((name for name in self.moved if asked.path.startswith(f"/repos/{name}")), None)
        if old is not None:
            rest = asked.path.removeprefix(f"/repos/{old}")
            location = f"{self.url}{self.prefix}/repositories/{self.id}{rest}"
            about = {"message": "Moved Permanently", "url": location, "documentation_url": "https://docs.example"}
            return 301 if asked.method == "GET" else 307, {"Location": location}, about
        here = re.match(rf"/repos/{self.name}|/repositories/{self.id}", asked.path)
        if here is None:
            return self.error(404, "Not Found")
        rest = asked.path[here.end() :]
        if asked.method == "GET" and rest == "":
            return 200, {}, self._repository()
        if asked.method == "GET" and rest == "/pulls":
            owner, _, branch = asked.query["head"].partition(":")
            same = owner == self.name.partition("/")[0] and asked.query["state"] == "open"
            found = [one for one in self.listed() if same and one.branch == branch and one.base == asked.query["base"]]
            return 200, {}, [self._pull(one) for one in found]
        if not self.may_write:
            return self.error(403, "Resource not accessible by integration")
        if asked.method == "POST" and rest == "/pulls":
            return self._open(asked.body)
        if asked.method == "PATCH" and (named := re.fullmatch(r"/pulls/(\d+)", rest)):
            pull = self.pulls[int(named[1]) - 1]
            pull.title, pull.body = asked.body["title"], asked.body["body"]
            return 200, {}, self._pull(pull)
        if asked.method == "POST" and (named := re.fullmatch(r"/issues/(\d+)/labels", rest)):
            pull = self.pulls[int(named[1]) - 1]
            pull.labels += [label for label in asked.body["labels"] if label not in pull.labels]
            return 200, {}, [self._label(label) for label in pull.labels]
        return self.error(404, "Not Found")

    def _open(self, body: Any) -> Answer:
        branch, base = body["head"], body["base"]
        if self.of(branch, base):
            return self._invalid(f"A pull request already exists for {self.name.partition('/')[0]}:{branch}.")
        if not self.has(branch):
            return self._invalid(f"head {branch} does not exist")
        if not self.differs(branch, base):
            return self._invalid(f"No commits between {base} and {branch}")
        return 201, {}, self._pull(self.opened(branch, base, body["title"], body["body"]))

    def _invalid(self, message: str) -> Answer:
        error = {"resource": "PullRequest", "code": "custom", "message": message}
        return 422, {}, {"message": "Validation Failed", "errors": [error], "documentation_url": "https://docs.example"}

    def error(self, status: int, message: str) -> Answer:
        about = {"message": message, "documentation_url": "https://docs.example"}
        return status, {}, about if status == 422 else {**about, "status": str(status)}

    def _repository(self) -> dict[str, Any]:
        return {"id": self.id, "full_name": self.name, "html_url": f"{self.url}/{self.name}"}

    def _label(self, name: str) -> dict[str, Any]:
        return {"id": 1 + len(name), "name": name, "color": "ededed"}

    def _pull(self, one: Pull) -> dict[str, Any]:
        repository = {"id": 99, "full_name": "team/fork"} if one.fork else self._repository()
        return {
            "number": one.number,
            "html_url": f"{self.url}/{self.name}/pull/{one.number}",
            "state": one.state,
            "title": one.title,
            "body": one.body,
            "labels": [self._label(label) for label in one.labels],
            "head": {"ref": one.branch, "repo": repository},
            "base": {"ref": one.base, "repo": self._repository()},
        }


class GitLab(Forge):
    prefix = "/api/v4"

    def answer(self, asked: Asked) -> Answer:
        named = re.fullmatch(r"/projects/([^/]+)(.*)", asked.path)
        project, rest = (unquote(named[1]), named[2]) if named else ("", "")
        if project in self.moved:
            if asked.method != "GET":
                return self.error(405, "Non GET methods are not allowed for moved projects")
            return 301, {"Location": f"{self.url}{self.prefix}/projects/{self.id}{rest}"}, {"message": "301 Moved"}
        if project not in (self.name, str(self.id)):
            return self.error(404, "404 Project Not Found")
        if asked.method == "GET" and rest == "":
            about = {"id": self.id, "path_with_namespace": self.name, "web_url": f"{self.url}/{self.name}"}
            return 200, {}, about
        if asked.method == "GET" and rest == "/merge_requests":
            wanted = asked.query["source_branch"], asked.query["target_branch"]
            assert asked.query["state"] == "opened"
            return 200, {}, [self._merge(one) for one in self.listed() if (one.branch, one.base) == wanted]
        if not self.may_write:
            return self.error(403, "403 Forbidden")
        if asked.method == "POST" and rest == "/merge_requests":
            return self._open(asked.body)
        if asked.method == "PUT" and (named := re.fullmatch(r"/merge_requests/(\d+)", rest)):
            pull, body = self.pulls[int(named[1]) - 1], asked.body
            pull.title, pull.body = body.get("title", pull.title), body.get("description", pull.body)
            added = [label for label in body.get("add_labels", "").split(",") if label]
            pull.labels = sorted({*pull.labels, *added})
            return 200, {}, self._merge(pull)
        return self.error(404, "404 Not Found")

    def _open(self, body: Any) -> Answer:
        branch, base = body["source_branch"], body["target_branch"]
        if found := self.of(branch, base):
            message = f"Another open merge request already exists for this source branch: !{found.number}"
            return 409, {}, {"message": [message]}
        if not self.has(branch):
            return 400, {}, {"message": {"source_branch": ["does not exist"]}}
        pull = self.opened(branch, base, body["title"], body["description"], remove=body["remove_source_branch"])
        return 201, {}, self._merge(pull)

    def error(self, status: int, message: str) -> Answer:
        return status, {}, {"message": message}

    def _merge(self, one: Pull) -> dict[str, Any]:
        return {
            "iid": one.number,
            "web_url": f"{self.url}/{self.name}/-/merge_requests/{one.number}",
            "state": "opened" if one.state == "open" else one.state,
            "title": one.title,
            "description": one.body,
            "labels": one.labels,
            "source_branch": one.branch,
            "target_branch": one.base,
            "source_project_id": 99 if one.fork else self.id,
        }


class Gitea(Forge):
    prefix = "/api/v1"
    login = "token"
    most = 2
    """Rows of a page; a server may give fewer than it is asked for."""

    def answer(self, asked: Asked) -> Answer:
        old = next((name for name in self.moved if asked.path.startswith(f"/repos/{name}")), None)
        if old is not None:
            path = asked.path.replace(f"/repos/{old}", f"/repos/{self.name}", 1)
            return 307, {"Location": f"{self.prefix}{path}"}, {"message": "moved"}
        if not asked.path.startswith(f"/repos/{self.name}"):
            return self.error(404, "The target couldn't be found.")
        rest = asked.path.removeprefix(f"/repos/{self.name}")
        if asked.method == "GET" and rest == "":
            return 200, {}, {"id": self.id, "full_name": self.name, "html_url": f"{self.url}/{self.name}"}
        if asked.method == "GET" and rest == "/pulls":
            return 200, {}, self._page(asked, [self._pull(one) for one in self.listed()])
        if asked.method == "GET" and rest == "/labels":
            return 200, {}, self._page(asked, [self._label(name) for name in self.labels])
        if not self.may_write:
            return self.error(403, "token does not have at least one of required scope(s): [write:repository]")
        if asked.method == "POST" and rest == "/pulls":
            return self._open(asked.body)
        if asked.method == "POST" and rest == "/labels":
            self.labels[asked.body["name"]] = len(self.labels) + 1
            return 201, {}, self._label(asked.body["name"])
        if asked.method == "PATCH" and (named := re.fullmatch(r"/pulls/(\d+)", rest)):
            pull = self.pulls[int(named[1]) - 1]
            pull.title, pull.body = asked.body["title"], asked.body["body"]
            return 201, {}, self._pull(pull)
        if asked.method == "POST" and (named := re.fullmatch(r"/issues/(\d+)/labels", rest)):
            pull = self.pulls[int(named[1]) - 1]
            names = {number: name for name, number in self.labels.items()}
            pull.labels = sorted({*pull.labels, *(names[number] for number in asked.body["labels"])})
            return 200, {}, [self._label(name) for name in pull.labels]
        return self.error(404, "The target couldn't be found.")

    def _page(self, asked: Asked, rows: list[Any]) -> list[Any]:
        size = min(self.most, int(asked.query["limit"]))
        first = (int(asked.query["page"]) - 1) * size
        return rows[first : first + size]

    def _open(self, body: Any) -> Answer:
        branch, base = body["head"], body["base"]
        if self.of(branch, base):
            return self.error(409, f"pull request already exists for these targets [head_branch: {branch}]")
        if not self.has(branch):
            return self.error(404, "The target couldn't be found.")
        if not self.differs(branch, base):
            return self.error(422, "There are no changes between the head and the base")
        return 201, {}, self._pull(self.opened(branch, base, body["title"], body["body"]))

    def error(self, status: int, message: str) -> Answer:
        return status, {}, {"message": message, "url": "https://docs.example/api/swagger"}

    def _label(self, name: str) -> dict[str, Any]:
        return {"id": self.labels.setdefault(name, len(self.labels) + 1), "name": name, "color": "0e8a16"}

    def _pull(self, one: Pull) -> dict[str, Any]:
        return {
            "number": one.number,
            "html_url": f"{self.url}/{self.name}/pulls/{one.number}",
            "state": one.state,
            "title": one.title,
            "body": one.body,
            "labels": [self._label(name) for name in one.labels],
            "head": {"ref": one.branch, "repo_id": 99 if one.fork else self.id},
            "base": {"ref": one.base, "repo_id": self.id},
        }


class Bitbucket(Forge):
    prefix = "/2.0"

    def answer(self, asked: Asked) -> Answer:
        old = next((name for name in self.moved if asked.path.startswith(f"/repositories/{name}")), None)
        if old is not None:
            path = asked.path.replace(f"/repositories/{old}", f"/repositories/{self.name}", 1)
            return 301, {"Location": f"{self.url}{self.prefix}{path}"}, {"type": "error", "error": {"message": "moved"}}
        if not asked.path.startswith(f"/repositories/{self.name}"):
            return self.error(404, "Repository not found")
        rest = asked.path.removeprefix(f"/repositories/{self.name}")
        if asked.method == "GET" and rest == "":
            return 200, {}, {"type": "repository", "full_name": self.name}
        if asked.method == "GET" and rest == "/pullrequests":
            named = re.fullmatch(r'state = "OPEN" AND source\.branch\.name = "(.*)"', asked.query["q"])
            assert named is not None
            return 200, {}, {"values": [self._pull(one) for one in self.listed() if one.branch == named[1]]}
        if not self.may_write:
            return self.error(403, "Your credentials lack one or more required privilege scopes.")
        if asked.method == "POST" and rest == "/pullrequests":
            return self._open(asked.body)
        if asked.method == "PUT" and (named := re.fullmatch(r"/pullrequests/(\d+)", rest)):
            pull = self.pulls[int(named[1]) - 1]
            pull.title, pull.body = asked.body["title"], asked.body["description"]
            return 200, {}, self._pull(pull)
        return self.error(404, "Not found")

    def _open(self, body: Any) -> Answer:
        branch, base = body["source"]["branch"]["name"], body["destination"]["branch"]["name"]
        if found := self.of(branch, base):
            found.title, found.body = body["title"], body["description"]
            return 201, {}, self._pull(found)
        if not self.has(branch):
            return self.error(400, "source: branch not found")
        if not self.differs(branch, base):
            return self.error(400, "There are no changes to be pulled")
        return 201, {}, self._pull(self.opened(branch, base, body["title"], body["description"]))

    def error(self, status: int, message: str) -> Answer:
        return status, {}, {"type": "error", "error": {"message": message, "detail": "see the documentation"}}

    def _pull(self, one: Pull) -> dict[str, Any]:
        whose = {"type": "repository", "full_name": "other/fork" if one.fork else self.name}
        return {
            "type": "pullrequest",
            "id": one.number,
            "title": one.title,
            "summary": {"raw": one.body, "markup": "markdown"},
            "state": one.state.upper(),
            "links": {"html": {"href": f"{self.url}/{self.name}/pull-requests/{one.number}"}},
            "source": {"branch": {"name": one.branch}, "repository": whose},
            "destination": {"branch": {"name": one.base}, "repository": {"type": "repository", "full_name": self.name}},
        }


DIALECTS = {"github": GitHub, "gitlab": GitLab, "gitea": Gitea, "bitbucket": Bitbucket}
