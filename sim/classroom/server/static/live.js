// Keeps drafts in this browser, reads again what changed, saves the form as a file. Every page works without it.
(() => {
  "use strict";
  const page = document.body.dataset;
  const notice = document.getElementById("notice");
  let dirty = false;

  function say(text, action) {
    notice.textContent = text;
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "second";
      button.textContent = page.again;
      button.addEventListener("click", action);
      notice.append(" ", button);
    }
  }

  // ---- what changed
  function listen(wait) {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live?view=${page.view}`);
    let heard = false;
    socket.addEventListener("message", (event) => {
      const said = JSON.parse(event.data);
      if (!heard && notice.dataset.lost) { notice.textContent = ""; delete notice.dataset.lost; }
      heard = true;
      for (const [id, html] of Object.entries(said.html)) {
        const place = document.getElementById(id);
        if (place && place.innerHTML !== html) place.innerHTML = html;
      }
      if (page.stamp !== undefined && said.stamp !== page.stamp) {
        const rounds = (stamp) => Number(stamp.split(".")[1]);
        const played = rounds(said.stamp) > rounds(page.stamp) && ["/play", "/decide"].includes(location.pathname);
        const where = played ? "/results" : location.pathname;
        page.stamp = said.stamp;
        if (dirty || document.querySelector("form :focus")) say(page.changed, () => location.replace(where));
        else location.replace(where);
      }
    });
    socket.addEventListener("close", () => {
      if (heard) { say(page.lost); notice.dataset.lost = "1"; }
      setTimeout(() => listen(Math.min(wait * 1.5, 5000)), heard ? 500 : wait);
    });
  }
  if (page.view) listen(700);

  // ---- drafts
  const fieldsOf = (form) => [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.tagName !== "BUTTON");
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const keep = (key, value) => { try { value ? localStorage.setItem(key, JSON.stringify(value)) : localStorage.removeItem(key); } catch { /* no room */ } };

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = `tenfold ${page.game} ${form.dataset.draft}`;
    if (form.dataset.drop) {
      keep(key, null);
      history.replaceState(null, "", location.pathname);  // read again, the page drops no later draft
    }
    const draft = read(key);
    if (draft) {
      let differs = false;
      for (const one of fieldsOf(form)) {
        if (one.name in draft && one.value !== draft[one.name]) { one.value = draft[one.name]; differs = true; }
      }
      if (differs) {
        dirty = true;
        if (form.elements.from) form.elements.from.value = draft.from || "0";  // what was typed goes with the form as it was opened
        for (let up = form.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
        say(page.restored, () => { keep(key, null); dirty = false; location.replace(location.pathname); });
      }
    }
    form.addEventListener("input", () => {
      dirty = true;
      form.elements.key.value = Math.random().toString(36).slice(2) + Date.now().toString(36);  // another form than the one that was sent
      const opened = form.elements.from ? [["from", form.elements.from.value]] : [];
      keep(key, Object.fromEntries([...opened, ...fieldsOf(form).map((one) => [one.name, one.value])]));
    });
  }

  // ---- sending: a page is left only when the server is there
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      const pressed = event.submitter;
      if (pressed && pressed.hasAttribute("data-save")) { event.preventDefault(); save(form); return; }
      if (form.dataset.sure || !form.requestSubmit) return;  // an old browser sends it without asking first
      event.preventDefault();
      fetch("/here", { cache: "no-store" }).then((answer) => {
        if (!answer.ok) throw new Error();
        form.dataset.sure = "1";
        form.requestSubmit(pressed || undefined);
        setTimeout(() => delete form.dataset.sure, 1000);
      }).catch(() => say(page.unsent));
    });
  }

  // ---- the form as a file, also without the server
  const text = (value) => JSON.stringify(value).replace(/\u007f/g, "\\u007f");
  const number = (value) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.replace(",", "."));
  const thousands = (value) => /^[+-]?[1-9]\d{0,2}([.,]\d{3})+$/.test(value);  // of money: refused with the cure, and no other number
  const plain = (value, money) => number(value) && !(money && thousands(value)) ? String(Number(value.replace(",", "."))) : /^(true|false)$/.test(value) ? value : text(value);

  function save(form) {
    const value = (name) => form.elements[name] ? form.elements[name].value.trim() : "";
    const rules = [];
    for (let i = 0; form.elements[`if.${i}`]; i += 1) if (value(`if.${i}`)) rules.push(i);
    const lines = [`team = ${text(form.dataset.team)}`, `round = ${form.dataset.round}`, "", "[plan]"];
    const asked = [];
    if (!rules.length) lines.splice(2, 0, "rules = []");
    for (const one of fieldsOf(form)) {
      const changed = one.tagName === "SELECT" ? ![...one.options].some((o) => o.defaultSelected && o.value === one.value) : one.value !== one.defaultValue;
      if (one.name.startsWith("plan.") && (changed || one.id.startsWith("f") || one.dataset.held)) lines.push(`${one.name.slice(5)} = ${plain(one.value.trim(), one.dataset.money)}`);
      if (one.name.startsWith("forecast.") && one.value.trim()) asked.push(`${one.name.slice(9)} = ${plain(one.value.trim(), one.dataset.money)}`);
    }
    if (asked.length) lines.push("", "[forecast]", ...asked);
    for (const i of rules) {
      const then = value(`then.${i}`).split(",").map((one) => { const [name, ...rest] = one.split("="); return `${name.trim()} = ${plain(rest.join("=").trim().replace(/^"|"$/g, ""))}`; });
      lines.push("", "[[rules]]", `if = ${text(value(`if.${i}`))}`, `then = { ${then.join(", ")} }`);
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "application/toml" }));
    link.download = form.dataset.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
})();
