"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const all = data.findings;
  root.classList.add("js");
  // The rows that need no script stay for printing; their ids go to the rows made here.
  for (const row of document.querySelectorAll(".static tr[id]")) row.removeAttribute("id");

  // A finding: [[outcome, severity], [check, kind, account, region, environment, cause, waiver],
  //             [id, name, arn, offender, message, fingerprint], witness]
  const PAGE = 100;
  const number = new Intl.NumberFormat("en-US");
  const has = (list, i) => (i < 0 ? "" : list[i]);
  const field = {
    outcome: (f) => data.outcomes[f[0][0]],
    severity: (f) => data.severities[f[0][1]],
    check: (f) => data.checks[f[1][0]][0],
    kind: (f) => data.kinds[f[1][1]],
    account: (f) => data.accounts[f[1][2]],
    region: (f) => data.regions[f[1][3]],
    environment: (f) => has(data.environments, f[1][4]),
  };
  const NONE = "(none)";
  const sectionsOf = (f) => data.checks[f[1][0]][2].map((s) => data.sections[s][0]);
  const controlsOf = (f) => data.checks[f[1][0]][3];

  const el = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(key, "");
      else if (value !== false && value != null) node.setAttribute(key, value);
    }
    for (const child of children) if (child != null && child !== "") node.append(child);
    return node;
  };

  // State: what is typed and chosen, and what follows from it.
  const blank = () => ({ q: "", severity: new Set(), outcome: new Set(), account: "", region: "", environment: "", section: "", check: "", control: "", group: all.length > PAGE ? "check" : "", sort: "", down: false, page: 0 });
  let state = blank();
  let shown = [];
  let open = new Map(); // group → how many of its rows are shown
  const texts = new Array(all.length);
  const haystack = (i) => {
    if (texts[i] === undefined) {
      const f = all[i];
      texts[i] = [...f[2], field.check(f), data.checks[f[1][0]][1], field.kind(f), field.account(f), field.region(f), field.environment(f), has(data.causes, f[1][5])].join("\n").toLowerCase();
    }
    return texts[i];
  };

  function filter() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    shown = [];
    for (let i = 0; i < all.length; i++) {
      const f = all[i];
      if (state.severity.size && !state.severity.has(field.severity(f))) continue;
      if (state.outcome.size && !state.outcome.has(field.outcome(f))) continue;
      if (state.account && field.account(f) !== state.account) continue;
      if (state.region && field.region(f) !== state.region) continue;
      if (state.environment && (field.environment(f) || NONE) !== state.environment) continue;
      if (state.check && field.check(f) !== state.check) continue;
      if (state.section && !sectionsOf(f).includes(state.section)) continue;
      if (state.control && !controlsOf(f).includes(state.control)) continue;
      if (words.length) {
        const text = haystack(i);
        if (!words.every((word) => text.includes(word))) continue;
      }
      shown.push(i);
    }
    if (state.sort) {
      const key = {
        severity: (f) => f[0][1] * 4 + f[0][0],
        id: (f) => f[2][0],
        check: (f) => field.check(f),
        place: (f) => field.account(f) + " " + field.region(f),
      }[state.sort];
      const sign = state.down ? -1 : 1;
      const keys = shown.map((i) => [key(all[i]), i]);
      keys.sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1]));
      shown = keys.map((pair) => pair[1]);
    }
  }

  // Drawing. Text is always set as text, never as markup.
  function outline(value, depth = 0) {
    const pad = "  ".repeat(depth);
    const nested = (v) => v !== null && typeof v === "object" && Object.keys(v).length > 0;
    const plain = (v) => (typeof v === "string" ? v : JSON.stringify(v));
    if (Array.isArray(value)) return value.map((v) => (nested(v) ? `${pad}-\n${outline(v, depth + 1)}` : `${pad}- ${plain(v)}\n`)).join("");
    if (value !== null && typeof value === "object") return Object.entries(value).map(([k, v]) => (nested(v) ? `${pad}${k}:\n${outline(v, depth + 1)}` : `${pad}${k}: ${plain(v)}\n`)).join("");
    return value === null ? "" : `${pad}${plain(value)}\n`;
  }

  function fill(box, f) {
    const [id, , arn, offender, , fingerprint] = f[2];
    const list = el("dl");
    const term = (name, node) => node && list.append(el("dt", null, name), el("dd", null, node));
    const code = (text) => text && el("code", null, text);
    term("Type", code(field.kind(f)));
    term("ARN", arn !== id && code(arn));
    term("Offender", code(offender));
    term("Undetermined because", has(data.causes, f[1][5]));
    const waiver = has(data.waivers, f[1][6]);
    term("Waiver", waiver && el("a", { href: "#waiver-" + waiver }, waiver));
    const controls = controlsOf(f);
    if (controls.length) {
      const links = el("span");
      controls.forEach((c, i) => links.append(i ? ", " : "", el("a", { href: "#control-" + c }, c)));
      term("Controls", links);
    }
    term("Fingerprint", code(fingerprint));
    term("Link", el("a", { href: "#finding-" + fingerprint }, "to this finding"));
    box.append(list);
    const witness = outline(f[3]).trimEnd();
    if (witness) box.append(el("pre", null, witness));
    box.append(el("p", null, el("a", { href: "#check-" + field.check(f) }, "Why, and what to do")));
  }

  function row(i) {
    const f = all[i];
    const [id, name, , , message, fingerprint] = f[2];
    const severity = field.severity(f), outcome = field.outcome(f);
    const box = el("div");
    const resource = el("span", { class: "resource" }, el("code", null, id === "*" ? "every " + field.kind(f) : id), name && " " + name);
    const details = el("details", null, el("summary", null, message, resource), box);
    details.addEventListener("toggle", () => details.open && !box.firstChild && fill(box, f));
    const environment = field.environment(f);
    return el("tr", { id: "finding-" + fingerprint },
      el("td", null, el("span", { class: "badge " + severity }, severity), " ", outcome !== "fail" && el("span", { class: "badge " + outcome }, outcome) || null),
      el("td", null, details),
      el("td", null, el("a", { href: "#check-" + field.check(f) }, field.check(f))),
      el("td", null, field.account(f), el("br"), el("span", { class: "muted" }, field.region(f) + (environment ? ", " + environment : ""))));
  }

  const table = byId("live");
  function draw() {
    for (const body of [...table.tBodies]) body.remove();
    const grouped = state.group !== "";
    const body = el("tbody");
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    if (shown.length === 0) {
      body.append(el("tr", null, el("td", { colspan: 4, class: "muted" }, all.length ? "No finding matches." : "There are no findings.")));
    } else if (grouped) {
      drawGroups(body);
    } else {
      state.page = Math.min(state.page, pages - 1);
      for (const i of shown.slice(state.page * PAGE, (state.page + 1) * PAGE)) body.append(row(i));
    }
    table.append(body);
    const first = state.page * PAGE;
    let text = `${number.format(shown.length)} of ${number.format(all.length)} findings`;
    if (state.control) text += `, control ${state.control}`;
    if (!grouped && pages > 1) text += `; showing ${number.format(first + 1)} to ${number.format(Math.min(first + PAGE, shown.length))}`;
    byId("f-count").textContent = text;
    byId("f-pages").hidden = grouped || pages === 1;
    byId("f-prev").disabled = state.page === 0;
    byId("f-next").disabled = state.page >= pages - 1;
    for (const head of table.tHead.rows[0].cells) {
      if (head.dataset.sort === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  function keysOf(f) {
    if (state.group === "section") {
      const ids = data.checks[f[1][0]][2].map((s) => data.sections[s].join(" "));
      return ids.length ? ids : [NONE];
    }
    return [field[state.group](f) || NONE];
  }

  function drawGroups(body) {
    const groups = new Map();
    for (const i of shown) {
      for (const key of keysOf(all[i])) {
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(i);
      }
    }
    for (const [key, members] of groups) {
      const limit = open.get(key) || 0;
      const f = all[members[0]];
      const worst = members.reduce((least, i) => Math.min(least, all[i][0][1]), 9);
      const title = state.group === "check" ? data.checks[f[1][0]][1] || key : key;
      const button = el("button", { type: "button", class: "plain", "aria-expanded": String(limit > 0) },
        el("span", { class: "badge " + data.severities[worst] }, data.severities[worst]),
        el("span", { class: "what" }, title, state.group === "check" && title !== key ? el("span", { class: "muted small" }, " " + key) : null),
        el("span", { class: "n" }, number.format(members.length)));
      button.addEventListener("click", () => {
        if (limit) open.delete(key); else open.set(key, PAGE / 2);
        const place = [...body.querySelectorAll("tr.group button")].indexOf(button);
        draw();
        const again = table.querySelectorAll("tr.group button")[place];
        if (again) again.focus();
      });
      body.append(el("tr", { class: "group" }, el("th", { colspan: 4, scope: "rowgroup" }, button)));
      for (const i of members.slice(0, limit)) body.append(row(i));
      if (limit && limit < members.length) {
        const more = el("button", { type: "button" }, `Show ${number.format(Math.min(PAGE, members.length - limit))} more of ${number.format(members.length)}`);
        more.addEventListener("click", () => { open.set(key, limit + PAGE); draw(); });
        body.append(el("tr", { class: "more" }, el("td", { colspan: 4 }, more)));
      }
    }
  }

  // Controls of the explorer.
  const options = (id, values) => {
    const select = byId(id);
    select.append(el("option", { value: "" }, "all"));
    for (const [value, text] of values) select.append(el("option", { value }, text));
  };
  const sorted = (list) => [...list].sort().map((value) => [value, value]);
  options("f-account", sorted(data.accounts));
  options("f-region", sorted(data.regions));
  const bare = all.some((f) => f[1][4] < 0);
  options("f-environment", [...sorted(data.environments), ...(bare ? [[NONE, "none declared"]] : [])]);
  options("f-section", data.sections.map(([id, title]) => [id, `${id} ${title}`]));
  options("f-check", [...data.checks].map((c) => [c[0], c[0]]).sort((a, b) => (a[0] < b[0] ? -1 : 1)));
  for (const [name, words] of [["severity", data.severities], ["outcome", data.outcomes]]) {
    const box = byId("f-" + name);
    for (const word of words) {
      const count = all.reduce((n, f) => n + (field[name](f) === word ? 1 : 0), 0);
      const input = el("input", { type: "checkbox", value: word, name });
      box.append(el("label", { class: "pill" }, input, `${word} ${number.format(count)}`), " ");
    }
  }
  const PICKS = ["account", "region", "environment", "section", "check"];

  function toForm() {
    byId("f-search").value = state.q;
    byId("f-group").value = state.group;
    for (const name of PICKS) byId("f-" + name).value = state[name];
    for (const input of byId("filters").querySelectorAll("input[type=checkbox]")) input.checked = state[input.name].has(input.value);
  }
  function fromForm() {
    state.q = byId("f-search").value;
    state.group = byId("f-group").value;
    for (const name of PICKS) state[name] = byId("f-" + name).value;
    for (const name of ["severity", "outcome"]) {
      state[name] = new Set([...byId("f-" + name).querySelectorAll(":checked")].map((input) => input.value));
    }
    state.page = 0;
    open.clear();
  }
  function toHash() {
    const p = new URLSearchParams();
    if (state.q) p.set("q", state.q);
    for (const name of [...PICKS, "control", "sort"]) if (state[name]) p.set(name, state[name]);
    for (const name of ["severity", "outcome"]) if (state[name].size) p.set(name, [...state[name]].join(","));
    if (state.group !== blank().group) p.set("group", state.group || "none");
    if (state.down) p.set("down", "1");
    const text = p.toString();
    try { history.replaceState(null, "", text ? "#findings?" + text : "#findings"); } catch { /* some viewers forbid it */ }
  }
  function fromText(text) {
    const p = new URLSearchParams(text);
    state = blank();
    open.clear();
    state.q = p.get("q") || "";
    for (const name of [...PICKS, "control", "sort"]) state[name] = p.get(name) || "";
    if (!["severity", "id", "check", "place"].includes(state.sort)) state.sort = "";
    for (const name of ["severity", "outcome"]) state[name] = new Set((p.get(name) || "").split(",").filter(Boolean));
    const group = p.get("group");
    if (group) state.group = [...byId("f-group").options].some((o) => o.value === group) ? group : "";
    else if (state.control || state.check) state.group = "";
    state.down = p.get("down") === "1";
  }
  const update = () => { filter(); draw(); };
  const changed = () => { fromForm(); update(); toHash(); };
  let timer = 0;
  byId("f-search").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(changed, 140); });
  byId("filters").addEventListener("change", (event) => event.target.id !== "f-search" && changed());
  byId("filters").addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  byId("filters").addEventListener("reset", (event) => { event.preventDefault(); state = blank(); open.clear(); toForm(); update(); toHash(); });
  const turn = (by) => { state.page += by; draw(); byId("explorer").scrollIntoView(); };
  byId("f-prev").addEventListener("click", () => turn(-1));
  byId("f-next").addEventListener("click", () => turn(1));
  for (const head of table.tHead.rows[0].cells) {
    head.firstChild.addEventListener("click", () => {
      if (state.sort === head.dataset.sort) { if (state.down) { state.sort = ""; state.down = false; } else state.down = true; }
      else { state.sort = head.dataset.sort; state.down = false; }
      state.page = 0;
      update();
      toHash();
    });
  }

  // Links: #finding-… #control-… #check-… #findings?…
  function go() {
    let hash = location.hash.slice(1);
    try { hash = decodeURIComponent(hash); } catch { /* keep it as it is */ }
    if (hash.startsWith("findings?")) {
      fromText(location.hash.slice("#findings?".length));
      toForm();
      update();
      byId("findings").scrollIntoView();
      return;
    }
    if (hash.startsWith("finding-")) {
      const fingerprint = hash.slice("finding-".length);
      const i = all.findIndex((f) => f[2][5] === fingerprint);
      if (i < 0) return;
      if (!byId(hash)) {
        state = { ...blank(), group: "" };
        toForm();
        filter();
        state.page = Math.floor(shown.indexOf(i) / PAGE);
        draw();
      }
      const found = byId(hash);
      const details = found.querySelector("details");
      details.open = true;
      for (const other of table.querySelectorAll(".found")) other.classList.remove("found");
      found.classList.add("found");
      found.scrollIntoView({ block: "center" });
      details.firstChild.focus({ preventScroll: true });
      return;
    }
    const target = hash && byId(hash);
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
      target.firstElementChild.focus({ preventScroll: true });
    }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-filter]");
    if (link) { event.preventDefault(); location.hash = "findings?" + link.dataset.filter; }
  });
  window.addEventListener("hashchange", go);

  // Printing: what is filtered if anything is, else the rows that need no script; everything unfolded.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")].filter((d) => !d.closest("#explorer"));
    for (const d of folded) d.open = true;
    if (shown.length < all.length) {
      root.classList.add("print-live");
      const body = el("tbody");
      for (const i of shown.slice(0, 1000)) { const r = row(i); r.querySelector("details").open = true; body.append(r); fill(r.querySelector("details > div"), all[i]); }
      for (const old of [...table.tBodies]) old.remove();
      table.append(body);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const d of folded) d.open = false;
    if (root.classList.contains("print-live")) { root.classList.remove("print-live"); draw(); }
  });

  // Theme: the system's, light or dark.
  const themes = ["system", "light", "dark"];
  const button = byId("theme");
  const store = (value) => { try { if (value === undefined) return localStorage.getItem("portcullis-theme"); localStorage.setItem("portcullis-theme", value); } catch { /* no storage here */ } return null; };
  function theme(name) {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    button.textContent = "Theme: " + name;
    button.dataset.now = name;
  }
  theme(themes.includes(store()) ? store() : "system");
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(button.dataset.now) + 1) % themes.length];
    theme(next);
    store(next);
  });

  // The chapter in view.
  const links = new Map([...document.querySelectorAll(".side nav a")].map((a) => [a.getAttribute("href").slice(1), a]));
  if ("IntersectionObserver" in window) {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const a of links.values()) a.removeAttribute("aria-current");
        links.get(entry.target.id).setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-10% 0px -80% 0px" });
    for (const id of links.keys()) if (byId(id)) observer.observe(byId(id));
  }

  toForm();
  update();
  go();
  requestAnimationFrame(() => root.classList.add("ready"));
})();
