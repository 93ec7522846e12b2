// What pages can do more with a script: hear of new commits, slide through history, filter what is shown, copy.
// Everything that is told is on the pages without it.

const page = document.body.dataset;

// --- new commits

const news = document.getElementById("news");

function isBusy() {
  const here = document.activeElement;
  const writes = here && here.closest("main form") && here.matches("input, select");
  return Boolean(writes) || !getSelection().isCollapsed || document.querySelector("main details[open]:not([data-was])") !== null;
}

async function renew(commit) {
  if (page.past || commit === page.newest) return;
  if (isBusy()) return offer(commit);
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return offer(commit);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const top = [scrollX, scrollY];
    for (const part of ["main", ".history"]) {
      document.querySelector(part).replaceWith(document.adoptNode(fresh.querySelector(part)));
    }
    document.title = fresh.title;
    page.commit = fresh.body.dataset.commit;
    page.newest = fresh.body.dataset.newest;
    begin();
    scrollTo(...top);
    say(`Now at commit ${page.commit.slice(0, 10)}.`);
  } catch {
    offer(commit);
  }
}

function say(text, link) {
  news.replaceChildren(text);
  if (link) news.append(" ", link);
  news.hidden = false;
}

function offer(commit) {
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Show it";
  say(`The registry has a new commit, ${commit.slice(0, 10)}.`, link);
}

let stream = null;

function listen() {
  if (document.hidden || page.past) {
    stream?.close();
    stream = null;
  } else if (stream === null || stream.readyState === EventSource.CLOSED) {
    stream = new EventSource("/live");
    stream.addEventListener("commit", (event) => renew(JSON.parse(event.data).commit));
  }
}

// --- history

function slide() {
  const range = document.getElementById("step");
  const form = range.form;
  const told = form.querySelector("output");
  form.querySelector(".go").hidden = true;
  range.addEventListener("input", () => { told.value = `${range.value} of ${range.max}`; });
  range.addEventListener("change", () => form.requestSubmit());
}

// --- filters

function narrow() {
  for (const table of document.querySelectorAll("table[data-filtered]")) {
    const field = table.closest("main").querySelector("form.filters input[type=search]");
    if (!field) continue;
    const began = field.value.trim().toLowerCase();
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      for (const row of table.tBodies[0].rows) {
        row.classList.toggle("filtered", wanted !== began && !row.textContent.toLowerCase().includes(wanted));
      }
    });
  }
}

function light() {
  const drawing = document.querySelector(".drawing");
  const tools = document.querySelector("[data-graph-tools]");
  if (!drawing || !tools) return;
  tools.hidden = false;
  const nodes = [...drawing.querySelectorAll(".node")];
  const edges = [...drawing.querySelectorAll(".edge")];
  const told = tools.querySelector("output");
  const show = (chosen) => {
    const near = new Set(chosen);
    drawing.classList.toggle("lit", chosen.size > 0);
    for (const edge of edges) {
      const meets = chosen.has(edge.dataset.from) || chosen.has(edge.dataset.to);
      edge.classList.toggle("near", meets);
      if (meets) near.add(edge.dataset.from).add(edge.dataset.to);
    }
    for (const node of nodes) {
      node.classList.toggle("near", near.has(node.dataset.name));
      node.classList.toggle("hit", chosen.has(node.dataset.name));
    }
  };
  let kept = new Set();
  tools.querySelector("input").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    const hits = wanted ? nodes.filter((node) => node.dataset.name.toLowerCase().includes(wanted)) : [];
    kept = new Set(hits.map((node) => node.dataset.name));
    told.value = wanted ? `${hits.length} of ${nodes.length} services` : "";
    show(kept);
    if (hits.length) {
      const box = drawing.parentElement, spot = hits[0].getBoundingClientRect(), frame = box.getBoundingClientRect();
      box.scrollBy(spot.left - frame.left - frame.width / 3, spot.top - frame.top - frame.height / 3);
    }
  });
  for (const node of nodes) {
    const own = new Set([node.dataset.name]);
    for (const kind of ["pointerenter", "focus"]) node.addEventListener(kind, () => show(own));
    for (const kind of ["pointerleave", "blur"]) node.addEventListener(kind, () => show(kept));
  }
}

// --- copy

function copies() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
      button.querySelector("span").textContent = "Copied";
    });
  }
}

// --- Deploy Guard: the versions of the service that is chosen

function versions() {
  const service = document.querySelector(".ask-form [name=service]");
  service?.addEventListener("change", () => {
    const here = new URL(location.href);
    here.searchParams.set("service", service.value);
    here.searchParams.delete("version");
    location.assign(here);
  });
}

function open() {
  const target = location.hash.startsWith("#i") ? document.getElementById(location.hash.slice(1)) : null;
  if (target?.matches("details")) target.open = true;
}

function begin() {
  for (const one of document.querySelectorAll("main details[open]")) one.dataset.was = "open";
  slide();
  narrow();
  light();
  copies();
  versions();
}

begin();
open();
addEventListener("hashchange", open);
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => stream?.close());
listen();
