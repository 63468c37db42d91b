// The flow's graph beside the talk: the present step lit and in view, the way to it marked, the drawing dragged.
(() => {
  function light(graph, smooth) {
    const lit = graph.dataset.lit || "";
    const passed = new Set((graph.dataset.passed || "").split(" "));
    const drawing = graph.querySelector("svg");
    if (!drawing) return;
    let here = null;
    for (const step of drawing.querySelectorAll("[data-step]")) {
      step.classList.toggle("lit", step.dataset.step === lit);
      step.classList.toggle("passed", step.dataset.step !== lit && passed.has(step.dataset.step));
      if (step.dataset.step === lit) here = step;
    }
    if (!graph.clientHeight) return; // behind another tab: it is shown when the box gets its size
    const shown = `${lit} ${graph.clientWidth} ${graph.clientHeight}`;
    if (graph._drawing === drawing && graph._shown === shown) return;
    const first = graph._drawing !== drawing;
    graph._drawing = drawing;
    graph._shown = shown;
    centre(graph, here || drawing.querySelector(".box"), smooth && !first);
  }

  // The graph's own scrolling alone: scrollIntoView would move the page too.
  function centre(graph, step, smooth) {
    if (!step) return;
    const box = step.getBoundingClientRect();
    const frame = graph.getBoundingClientRect();
    const margin = Math.max(0, Math.min(70, (graph.clientWidth - box.width) / 2));
    const left = box.left - frame.left - margin; // what hangs over on a side decides how far to go, and no further
    const right = box.right - frame.left - graph.clientWidth + margin;
    graph.scrollTo({
      left: graph.scrollLeft + (left < 0 ? left : right > 0 ? right : 0),
      top: graph.scrollTop + box.top - frame.top - (graph.clientHeight - box.height) * 0.4,
      behavior: smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant",
    });
  }

  const sizes = new ResizeObserver((seen) => seen.forEach(({ target }) => light(target, false)));
  const lightAll = () =>
    document.querySelectorAll(".graph").forEach((graph) => {
      sizes.observe(graph);
      light(graph, true);
    });
  new MutationObserver(lightAll).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-lit", "data-passed"],
  });

  // Only the name and the kind are told; the same file may be chosen twice.
  window.leadbot.clip = ({ target: input }, emit) => {
    const file = input.files[0];
    if (file) emit({ name: file.name, type: file.type });
    input.value = "";
  };

  let grip = null;
  document.addEventListener("pointerdown", (event) => {
    const graph = event.target.closest?.(".graph");
    if (!graph || event.pointerType === "touch" || event.button) return; // fingers scroll by themselves
    if (event.offsetX > graph.clientWidth && event.target === graph) return; // the scroll bar
    grip = { graph, x: event.clientX + graph.scrollLeft, y: event.clientY + graph.scrollTop };
    graph.classList.add("gripped");
  });
  addEventListener("pointermove", (event) => {
    if (grip) grip.graph.scrollTo(grip.x - event.clientX, grip.y - event.clientY);
  });
  addEventListener("pointerup", () => {
    grip?.graph.classList.remove("gripped");
    grip = null;
  });
})();
