// The page /logs.
import { styles } from "/console/shell/styles.js";
import { mountLogs } from "./page.js";

styles("/console/logs/logs.css");
styles("/console/logs/opened.css");
export { mountLogs };

export function mount(root, app) {
  app.title("Logs");
  return mountLogs(root, app);
}
