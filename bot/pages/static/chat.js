// What a chat needs inside the browser: sending, keeping what is not sent yet, staying at the newest message.
(() => {
  const kept = () => "leadbot.unsent " + location.pathname;
  const nonce = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const field = (box) => box.querySelector("textarea");

  function grow(area) {
    area.style.height = "auto";
    area.style.height = Math.min(area.scrollHeight, 140) + "px";
    area.closest(".composer").classList.toggle("filled", area.value.trim() !== "");
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
    const said = { text, nonce: nonce(), reply: box.dataset.reply || "" };
    if (box.dataset.keep) sessionStorage.setItem(kept(), JSON.stringify(said));
    area.value = "";
    grow(area);
    follow(box);
    emit(said);
    area.focus();
  }

  function follow(near) {
    const feed = near.closest(".chat")?.querySelector(".feed");
    if (feed) feed._away = false;
  }

  window.leadbot = {
    key(event, emit) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit(event.target.closest(".composer"), emit);
    },
    click: (event, emit) => submit(event.target.closest(".composer"), emit),
    input: (event) => grow(event.target),
    press(event, emit) {
      const button = event.currentTarget;
      if (button._pressed) return; // two taps within a second are one
      button._pressed = true;
      button.classList.add("pressed");
      follow(button);
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
    focus: () => document.querySelector(".composer[data-keep] textarea")?.focus(),
    signature: () => localStorage.getItem("leadbot.signature") || "",
    sign: (name) => localStorage.setItem("leadbot.signature", name),
  };

  const settle = () => {
    for (const feed of document.querySelectorAll(".feed")) if (!feed._away) feed.scrollTop = feed.scrollHeight;
  };
  new MutationObserver(settle).observe(document, { subtree: true, childList: true, characterData: true });
  addEventListener("resize", settle);
  document.addEventListener(
    "scroll",
    ({ target: feed }) => {
      if (feed.classList?.contains("feed"))
        feed._away = feed.scrollHeight - feed.scrollTop - feed.clientHeight > 140;
    },
    true,
  );
})();
