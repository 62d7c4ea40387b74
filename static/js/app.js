// What pages do beyond links and forms. Everything here improves something that works without it.
"use strict";

document.documentElement.dataset.js = "";

// ---- saying and focusing -------------------------------------------------------------------

// say hands one sentence to screen readers. The pause lets an equal sentence be said again.
function say(text) {
  const live = document.getElementById("live");
  if (!live || !text) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 60);
}

// After a part was swapped in: an error takes the focus, anything else is announced.
function settle(root) {
  const alert = root.querySelector("[data-focus]");
  if (alert) {
    alert.focus();
    return;
  }
  const status = root.querySelector("[data-announce]") ?? root.querySelector("[role=status]");
  if (status) say(status.dataset.announce || status.textContent.trim());
}

// htmx replaces by id; the part in the page now is the one with the target's id.
document.addEventListener("htmx:after:swap", (event) => {
  const id = event.detail.ctx?.target?.id;
  const part = (id && document.getElementById(id)) || document.getElementById("main");
  if (part) settle(part);
  forget(part);
});

// What a form did is said once the page is there; an error has the focus already.
const flash = document.querySelector(".flash");
if (flash && !document.querySelector("[data-focus]")) say(flash.textContent.trim());

// A whole page in answer to a request for a part (an error page, a redirect elsewhere) takes the
// place of this page; nested in the part it would be a page within a page.
document.addEventListener("htmx:before:swap", (event) => {
  const { target, text, response } = event.detail.ctx ?? {};
  if (!target || target === document.body || !/^\s*<!doctype/i.test(text ?? "")) return;
  event.preventDefault();
  const page = new DOMParser().parseFromString(text, "text/html");
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  if (response.raw.redirected) history.pushState({ htmx: true }, "", response.raw.url);
  window.htmx.process(document.body);
  scrollTo(0, 0);
  (document.querySelector("[data-focus]") ?? document.getElementById("main"))?.focus();
});

document.addEventListener("htmx:error", () => {
  say("That did not work. Check your connection and try again.");
});

// ---- forms ---------------------------------------------------------------------------------

// A form that changes something is sent once: a second click while it travels does nothing. The
// listener runs before htmx's own (capture).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if ("sending" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sending = "";
  form.setAttribute("aria-busy", "true");
}, true);

function sent(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
}

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail.ctx?.sourceElement?.closest?.("form");
  if (form) sent(form);
});

// Coming back through the browser's history brings the page as it was left.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sending]").forEach(sent);
});

// Filters apply themselves: at once for choices, after a pause for typing.
let typing;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]")) return;
  if (!event.target.matches("input[type=search], input[type=text]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => form.requestSubmit(), 350);
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]")) return;
  if (event.target.matches("input[type=search], input[type=text]")) return;
  clearTimeout(typing);
  form.requestSubmit();
});
// Whoever presses the button does not wait for the pause.
document.addEventListener("submit", () => clearTimeout(typing), true);

// Empty filters stay out of the URL.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

// ---- unsaved changes -----------------------------------------------------------------------

const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) changed.add(form);
});
document.addEventListener("submit", (event) => {
  changed.delete(event.target);
});
window.addEventListener("beforeunload", (event) => {
  for (const form of changed) {
    if (form.isConnected) {
      event.preventDefault();
      return;
    }
  }
});

// forget drops forms that a swap took out of the page.
function forget() {
  for (const form of changed) {
    if (!form.isConnected) changed.delete(form);
  }
}

// ---- menus ---------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target) && !menu.parentElement.contains(event.target)) menu.open = false;
  }
});

// ---- dialogs -------------------------------------------------------------------------------

// A link marked data-dialog leads to a page of its own. Here the part of that page that asks the
// question opens over this one; whatever goes wrong, the link is followed as a link.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-dialog]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const dialog = document.getElementById("dialog");
  if (!dialog?.showModal) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const body = page.querySelector("[data-dialog-body]");
    if (!answer.ok || answer.redirected || !body) throw new Error("no part to show");
    open(dialog, body, link);
  } catch {
    location.href = link.href;
  }
});

function open(dialog, body, opener) {
  const heading = body.querySelector("h1");
  if (heading) {
    const h2 = document.createElement("h2");
    h2.id = heading.id;
    h2.tabIndex = -1;
    h2.append(...heading.childNodes);
    heading.replaceWith(h2);
  }
  dialog.replaceChildren(document.adoptNode(body));
  window.htmx?.process(dialog);
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    opener.focus();
  }, { once: true });
  dialog.showModal();
  dialog.querySelector("h2")?.focus();
}

document.addEventListener("click", (event) => {
  const dialog = event.target.closest?.("dialog");
  if (!dialog) return;
  const leaves = event.target.closest("[data-dialog-close]");
  if (leaves || event.target === dialog) {
    event.preventDefault();
    dialog.close();
  }
});

// ---- copying -------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.copied = "";
    say("Copied.");
    setTimeout(() => delete button.dataset.copied, 1500);
  } catch {
    say("Copying is not allowed here. The whole value is in the tooltip.");
  }
});
