// What a chat needs inside the browser: sending, keeping what is not sent yet, staying at the newest message.
(() => {
  const kept = () => "leadbot.unsent " + location.pathname;
  const draft = () => "leadbot.draft " + location.pathname;
  const nonce = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const field = (box) => box.querySelector("textarea");

  function grow(area) {
    area.style.height = "auto";
    area.style.height = Math.min(area.scrollHeight, 140) + "px";
    const box = area.closest(".composer");
    box.classList.toggle("filled", area.value.trim() !== "");
    if (box.dataset.keep) sessionStorage.setItem(draft(), area.value); // a restart of the bot reloads the page
  }

  function restore(box) {
    if (box._restored) return;
    box._restored = true;
    field(box).value ||= sessionStorage.getItem(draft()) || "";
    if (field(box).value) grow(field(box));
  }

  function submit(box, emit) {
    const area = field(box);
    const text = area.value.trim();
    if (!text) return;
    if (!window.socket || !window.socket.connected) {
      box.classList.add("offline"); // the words stay in the field until there is a connection
      setTimeout(() => box.classList.remove("offline"), 2500);
      return;
    }
    const said = { text, nonce: nonce(), reply: box._reply || "" };
    box._reply = "";
    if (box.dataset.keep) sessionStorage.setItem(kept(), JSON.stringify(said));
    area.value = "";
    grow(area);
    follow(box);
    emit(said);
    area.focus();
  }

  // After one's own act the feed follows what comes, but not past its beginning: a long answer is read from the top.
  function follow(near) {
    const feed = near.closest(".chat")?.querySelector(".feed");
    if (!feed) return;
    feed._away = false;
    feed._since = feed.lastElementChild;
    feed._acted = performance.now();
  }

  function answerTo(element) {
    let next = element?.isConnected ? element.nextElementSibling : null;
    while (next && !next.matches(".message.other")) next = next.nextElementSibling;
    return next;
  }

  // Something is about to happen by itself: be where it begins, on every screen.
  const watch = () => document.querySelectorAll(".feed").forEach(follow);

  const below = (feed) => feed.scrollHeight - feed.scrollTop - feed.clientHeight;

  function settle(feed) {
    if (!feed._away) {
      const answer = answerTo(feed._since);
      const end = feed.scrollHeight - feed.clientHeight;
      const top = answer ? Math.min(end, answer.offsetTop - feed.offsetTop - 12) : end;
      feed._set = Math.max(0, top);
      feed.scrollTop = feed._set;
    }
    feed.closest(".chat")?.classList.toggle("more-below", below(feed) > 140);
  }

  window.leadbot = {
    key(event, emit) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit(event.target.closest(".composer"), emit);
    },
    click: (event, emit) => submit(event.target.closest(".composer"), emit),
    input: (event) => grow(event.target),
    // Which message is answered is decided here, at once: words sent while the server is busy must not become plain
    // talk among colleagues.
    answer(event, to) {
      const box = event.currentTarget.closest(".chat").querySelector(".composer");
      box._reply = to;
      if (to) field(box).focus();
    },
    press(event, emit) {
      const button = event.currentTarget;
      if (button._pressed) return; // two taps within a second are one
      button._pressed = true;
      button.classList.add("pressed");
      if (!button.closest(".theme-desk")) follow(button); // a manager's card stays where it is
      emit(nonce());
      setTimeout(() => {
        button._pressed = false;
        button.classList.remove("pressed");
      }, 900);
    },
    taken: (number) => {
      const said = JSON.parse(sessionStorage.getItem(kept()) || "null");
      if (said?.nonce === number) sessionStorage.removeItem(kept());
    },
    unsent: () => JSON.parse(sessionStorage.getItem(kept()) || "null"),
    giveBack(text) {
      sessionStorage.removeItem(kept());
      const area = document.querySelector(".composer[data-keep] textarea");
      if (area && !area.value) {
        area.value = text;
        grow(area);
      }
    },
    watch,
    newest(event) {
      const feed = event.currentTarget.closest(".chat").querySelector(".feed");
      feed._away = false;
      feed._since = null;
      settle(feed);
    },
    // shows the kept name, unless one is being typed already; what the field says then
    signature: () => {
      const field = document.getElementById("signature");
      field.value = field.value || localStorage.getItem("leadbot.signature") || "";
      return field.value;
    },
    sign: (name) => localStorage.setItem("leadbot.signature", name),
  };

  const settleAll = () => {
    document.querySelectorAll(".feed").forEach(settle);
    document.querySelectorAll(".composer[data-keep]").forEach(restore);
  };
  new MutationObserver(settleAll).observe(document, { subtree: true, childList: true, characterData: true });
  addEventListener("resize", settleAll);
  document.addEventListener(
    "scroll",
    ({ target: feed }) => {
      if (!feed.classList?.contains("feed")) return;
      feed.closest(".chat")?.classList.toggle("more-below", below(feed) > 140);
      if (Math.abs(feed.scrollTop - feed._set) < 2) return; // we did that ourselves
      if (performance.now() - feed._acted < 300) return; // the end of a swipe before the tap
      feed._away = below(feed) > 140;
      feed._since = null;
    },
    true,
  );
  // Whoever begins to type writes a message, wherever the last tap left the focus.
  document.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("textarea, input, select")) return;
    const chat = event.target.closest?.(".chat") || document.querySelector(".chat-page, .desk-page, .client-side");
    chat?.querySelector(".composer textarea")?.focus();
  });
})();
