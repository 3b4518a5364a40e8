// What the pages do beyond being read. They are whole without it, but for a key that is typed in.
"use strict";

(() => {
  const KEY = "switchboard-key";
  const find = (id) => document.getElementById(id);

  // The key stays in this tab; where nothing may be stored, it lasts as long as the page.
  let held = null;
  const key = () => {
    try {
      return sessionStorage.getItem(KEY) ?? held;
    } catch {
      return held;
    }
  };
  const keep = (value) => {
    held = value;
    try {
      if (value) sessionStorage.setItem(KEY, value);
      else sessionStorage.removeItem(KEY);
    } catch {
      // Nothing may be stored here.
    }
    find("forget").hidden = !value;
  };

  const page = async (address) => {
    const headers = { Accept: "text/html" };
    if (key()) headers.Authorization = `Bearer ${key()}`;
    const response = await fetch(address, { headers, cache: "no-cache" });
    const text = await response.text();
    return new DOMParser().parseFromString(text, "text/html");
  };

  const taken = (fresh, id) => {
    const found = fresh.getElementById(id);
    if (found) return document.importNode(found, true);
    throw new Error(fresh.querySelector("h1, #refusal")?.textContent ?? "The gateway did not answer.");
  };

  // Each platform's figures come when they come; one that is slow or fails keeps no other waiting.
  const load = async (place) => {
    const words = place.querySelector(".wait-words");
    try {
      place.replaceWith(taken(await page(place.dataset.load), place.id));
    } catch (error) {
      place.removeAttribute("aria-busy");
      place.querySelector(".waiting").classList.add("problem");
      words.textContent = `No figures now: ${error.message}`;
    }
  };

  const run = async (link) => {
    const place = find("answer");
    link.setAttribute("aria-disabled", "true");
    place.setAttribute("aria-busy", "true");
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: "Asking…" }));
    try {
      const answer = taken(await page(link.href), "answer");
      place.replaceChildren(...answer.childNodes);
      place.className = "answer";
      const heading = place.querySelector("h2");
      heading.focus({ preventScroll: true });
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      heading.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    } catch (error) {
      place.firstChild.textContent = `No answer now: ${error.message}`;
      place.firstChild.className = "problem";
    } finally {
      place.removeAttribute("aria-busy");
      link.removeAttribute("aria-disabled");
    }
  };

  // What was opened stays open, and nothing that is focused is taken away.
  const renew = (fresh) => {
    for (const section of document.querySelectorAll("#headline, #at, #statuses > article")) {
      const found = fresh.getElementById(section.id);
      if (!found || section.contains(document.activeElement)) continue;
      for (const shown of section.querySelectorAll("details[open]")) {
        const same = found.querySelector(`#${CSS.escape(shown.id)}`);
        if (same) same.open = true;
      }
      if (section.innerHTML !== found.innerHTML) {
        section.replaceWith(document.importNode(found, true));
      }
    }
  };

  const refresh = (main) => {
    const pause = find("pause");
    let running = true;
    pause.hidden = false;
    pause.addEventListener("click", () => {
      running = !running;
      pause.textContent = running ? "Stop refreshing" : "Refresh again";
    });
    setInterval(async () => {
      if (!running || document.hidden) return;
      try {
        renew(await page(window.location.href));
      } catch {
        find("at").textContent = "The gateway cannot be reached; what stands here is old.";
      }
    }, Number(main.dataset.refresh) * 1000);
  };

  const copies = (snippet) => {
    const text = snippet.querySelector("code");
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "copy quiet",
      textContent: "Copy",
    });
    button.setAttribute("aria-label", `Copy: ${snippet.firstElementChild.getAttribute("aria-label")}`);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        // Not everywhere may a page write there; what is selected is a key press away from it.
        getSelection().selectAllChildren(text);
        button.textContent = "Selected";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    snippet.append(button);
  };

  const begin = () => {
    const main = find("main");
    document.querySelectorAll("[data-load]").forEach(load);
    document.querySelectorAll(".snippet").forEach(copies);
    if (main.dataset.refresh) refresh(main);
    const form = find("key-form");
    if (form) {
      form.hidden = false;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        keep(form.elements.key.value.trim());
        enter();
      });
    }
  };

  // The same page again, with the key; what it refuses is forgotten.
  const enter = async () => {
    let fresh;
    try {
      fresh = await page(window.location.href);
    } catch (error) {
      find("key-problem").textContent = `The gateway cannot be reached: ${error.message}`;
      return;
    }
    const main = taken(fresh, "main");
    if ("keyWanted" in main.dataset) {
      keep(null);
      find("key-problem").textContent = "This key is not known here. Nothing was kept.";
      find("key").focus();
      return;
    }
    find("main").replaceWith(main);
    document.title = fresh.title;
    begin();
    main.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-run]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!link.hasAttribute("aria-disabled")) run(link);
  });
  find("forget").addEventListener("click", () => {
    keep(null);
    window.location.reload();
  });
  find("forget").hidden = !key();
  begin();
  if ("keyWanted" in find("main").dataset && key()) enter();
})();
