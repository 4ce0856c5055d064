// What could not be read for another reason than the query: the server is busy, or it took too long. What was shown before
// stays, and one may try again.
import { fill, h, visible } from "./dom.js";
import { icon } from "./icons.js";

/** `again()` tries again. */
export function failureNotice(again) {
  const element = h("div", { class: ["notice", "warning"], role: "alert", hidden: true });
  return {
    element,
    /** `null` takes it back. */
    show(error) {
      element.hidden = !error;
      if (!error) return;
      const text = visible(error.message);
      fill(element, icon("warning"), h("div", {}, h("p", {}, `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`),
        h("p", { class: "soft" }, error.status === 503 || error.status === 422 ? "A shorter range is read faster. " : null,
          h("button", { type: "button", class: "link", on: { click: again } }, "Try again"))));
    },
  };
}
