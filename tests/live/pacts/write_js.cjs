// Contracts with the books, written by pact-js: `node write_js.cjs FOLDER` where @pact-foundation/pact is installed.
//
// The files beside this one (js-v2.json, js-v3.json, js-v4.json) came from it, by pact-js 16.5.0 of npm; they are kept so
// that replays of them are tested where there is no npm. Each interaction is lived through by a client first.

"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const found = createRequire(path.join(process.cwd(), "node_modules", "x.js"));
const { PactV2, PactV3, PactV4, MatchersV2, MatchersV3, SpecificationVersion } = found("@pact-foundation/pact");

const folder = path.resolve(process.argv[2]);
const logLevel = "error";
const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";
const LOGIN = "user=ann+lee&scope=read&scope=write";
const PNG = Buffer.from(
  "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100" +
    "18dd8db00000000049454e44ae426082",
  "hex",
);

async function live(base, method, target, body, headers) {
  await (await fetch(base + target, { method, body, headers })).arrayBuffer();
}

function book(M, old) {
  const regex = old ? (pattern, generate) => M.term({ matcher: pattern, generate }) : (pattern, value) => M.regex(pattern, value);
  const like = old ? M.somethingLike : M.like;
  return {
    id: "b1",
    title: like("Emma"),
    author: like("Austen"),
    isbn: regex("^97[89]-\\d{10}$", "978-0141439587"),
    tags: old ? M.eachLike("love", { min: 2 }) : M.atLeastLike("love", 2),
    published: old ? M.iso8601Date("1815-12-23") : M.date("yyyy-MM-dd", "1815-12-23"),
    seen: old ? regex("^\\d{4}-\\d\\d-\\d\\dT[\\d:]+$", "2024-01-01T00:00:00") : M.datetime("yyyy-MM-dd'T'HH:mm:ss", "2024-01-01T00:00:00"),
    pages: old ? 412 : M.integer(474),
    kind: "book",
  };
}

// The interactions that all three versions have: [description, states, request, response].
function common(M, old) {
  const regex = old ? (pattern, generate) => M.term({ matcher: pattern, generate }) : (pattern, value) => M.regex(pattern, value);
  const like = old ? M.somethingLike : M.like;
  const state = old
    ? [{ description: "the book b1 is on the shelf" }]
    : [
        { description: "a book is on the shelf", parameters: { id: "b1", title: "Dune" } },
        { description: "the shelf is dusted" },
      ];
  const kind = { "Content-Type": JSON_TYPE };
  return [
    ["a book", state, { method: "GET", path: "/books/b1", headers: { Accept: JSON_TYPE } },
      { status: 200, headers: { ...kind, "X-Revision": regex("^\\d+$", "7") }, body: book(M, old) }],
    ["books of an author", [{ description: "the book b1 is on the shelf" }],
      { method: "GET", path: "/books", query: { author: "Herbert", page: "1" } },
      { status: 200, headers: kind, body: M.eachLike({ id: like("x"), title: like("y") }) }],
    ["a new book", [], { method: "POST", path: "/books", headers: kind, body: { title: like("Heretics") } },
      { status: 201, headers: { ...kind, Location: regex("^/books/\\w+$", "/books/1") }, body: { id: like("1"), title: like("Heretics") } }],
    ["a book that is not there", [], { method: "GET", path: "/books/nowhere" },
      { status: 404, headers: kind, body: { error: like("gone") } }],
    ["the reader", [], { method: "GET", path: "/me", headers: { Authorization: "Bearer example" } },
      { status: 200, headers: kind, body: { name: like("bob") } }],
  ];
}

const LIVED = {
  "a book": ["GET", "/books/b1", undefined, { Accept: JSON_TYPE }],
  "books of an author": ["GET", "/books?author=Herbert&page=1"],
  "a new book": ["POST", "/books", '{"title": "Heretics"}', { "Content-Type": JSON_TYPE }],
  "a book that is not there": ["GET", "/books/nowhere"],
  "the reader": ["GET", "/me", undefined, { Authorization: "Bearer example" }],
  "a login": ["POST", "/login", LOGIN, { "Content-Type": FORM }],
  "a cover": ["GET", "/books/b1/cover"],
  "a new cover": ["PUT", "/books/b1/cover", PNG, { "Content-Type": "image/png" }],
  "a book by its own id": ["GET", "/books/b1"],
};

const FORMS = ["a login", [], { method: "POST", path: "/login", headers: { "Content-Type": FORM }, body: LOGIN },
  { status: 200, headers: { "Content-Type": FORM }, body: "token=t-123&scope=read" }];

async function version2() {
  const pact = new PactV2({ consumer: "reader-js-v2", provider: "shelf", dir: folder, logLevel, spec: 2, cors: false });
  await pact.setup();
  for (const [description, states, withRequest, willRespondWith] of [...common(MatchersV2, true), FORMS]) {
    await pact.addInteraction({ state: states[0]?.description, uponReceiving: description, withRequest, willRespondWith });
    await live(pact.mockService.baseUrl, ...LIVED[description]);
    await pact.verify();
  }
  await pact.finalize();
}

async function version3(picture) {
  const begun = (states, description) => {
    const pact = new PactV3({
      consumer: "reader-js-v3", provider: "shelf", dir: folder, logLevel, spec: SpecificationVersion.SPECIFICATION_VERSION_V3,
    });
    states.forEach(({ description: state, parameters }) => pact.given(state, parameters));
    return pact.uponReceiving(description);
  };
  const ended = (pact, description) => pact.executeTest((server) => live(server.url, ...LIVED[description]));
  for (const [description, states, request, response] of [...common(MatchersV3, false), FORMS]) {
    await ended(begun(states, description).withRequest(request).willRespondWith(response), description);
  }
  await ended(begun([], "a cover").withRequest({ method: "GET", path: "/books/b1/cover" })
    .withResponseBinaryFile({ status: 200 }, "image/png", picture), "a cover");
  await ended(begun([], "a new cover").withRequestBinaryFile({ method: "PUT", path: "/books/b1/cover" }, "image/png", picture)
    .willRespondWith({ status: 204 }), "a new cover");
  await ended(begun([{ description: "some book has an id of its own" }], "a book by its own id")
    .withRequest({ method: "GET", path: MatchersV3.fromProviderState("/books/${id}", "/books/b1") })
    .willRespondWith({ status: 200, headers: { "Content-Type": JSON_TYPE },
      body: { id: MatchersV3.fromProviderState("${id}", "b1"), title: "Messiah" } }), "a book by its own id");
}

async function version4(picture) {
  const pact = new PactV4({ consumer: "reader-js-v4", provider: "shelf", dir: folder, logLevel });
  const begun = (states, description) => {
    const interaction = pact.addInteraction();
    states.forEach(({ description: state, parameters }) => interaction.given(state, parameters));
    return interaction.uponReceiving(description);
  };
  const ended = (made, description) => made.executeTest((server) => live(server.url, ...LIVED[description]));
  const fill = ({ query, headers, body }) => (builder) => {
    if (query) builder.query(query);
    if (body) builder.jsonBody(body);
    if (headers) builder.headers(headers);
  };
  for (const [description, states, request, response] of common(MatchersV3, false)) {
    await ended(begun(states, description).withRequest(request.method, request.path, fill(request))
      .willRespondWith(response.status, fill(response)), description);
  }
  await ended(begun([], "a cover").withRequest("GET", "/books/b1/cover")
    .willRespondWith(200, (builder) => builder.binaryFile("image/png", picture)), "a cover");
  await ended(begun([], "a new cover").withRequest("PUT", "/books/b1/cover", (builder) => builder.binaryFile("image/png", picture))
    .willRespondWith(204), "a new cover");
  await ended(begun([{ description: "some book has an id of its own" }], "a book by its own id")
    .withRequest("GET", MatchersV3.fromProviderState("/books/${id}", "/books/b1"))
    .willRespondWith(200, (builder) => builder.jsonBody({ id: MatchersV3.fromProviderState("${id}", "b1"), title: "Messiah" })),
    "a book by its own id");
  // PactV4 hands every body that is not JSON over as binary; its older sister writes forms in version 4 too.
  const [login, , loginRequest, loginResponse] = FORMS;
  const sister = new PactV3({
    consumer: "reader-js-v4", provider: "shelf", dir: folder, logLevel, spec: SpecificationVersion.SPECIFICATION_VERSION_V4,
  });
  await ended(sister.uponReceiving(login).withRequest(loginRequest).willRespondWith(loginResponse), login);
}

(async () => {
  const picture = path.join(folder, "picture.png");
  fs.writeFileSync(picture, PNG);
  await version2();
  await version3(picture);
  await version4(picture);
  fs.unlinkSync(picture);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
