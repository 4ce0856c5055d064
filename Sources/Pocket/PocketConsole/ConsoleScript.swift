/// The console's script: follows the log and opens the span that a link points to. Everything else works without it.
///
/// The server renders and escapes the rows that it inserts.
enum ConsoleScript {
    static let javaScript = """
        'use strict';
        const table = document.getElementById('follow');
        const box = document.getElementById('live');
        if (table && box) {
          box.parentElement.hidden = false;
          const refresh = async () => {
            if (!box.checked || document.hidden) return;
            try {
              const answer = await fetch(table.dataset.source, { headers: { accept: 'text/html' } });
              if (!answer.ok) return;
              const rows = await answer.text();
              if (rows !== table.dataset.last) {
                table.dataset.last = rows;
                table.replaceChildren(...new DOMParser()
                  .parseFromString('<table><tbody>' + rows + '</tbody></table>', 'text/html')
                  .querySelector('tbody').childNodes);
              }
            } catch { /* The next turn tries again. */ }
          };
          setInterval(refresh, 1000);
        }
        const openTarget = () => {
          const target = location.hash.startsWith('#span-') && document.getElementById(location.hash.slice(1));
          const details = target && target.querySelector('details');
          if (details) { details.open = true; target.scrollIntoView({ block: 'center' }); }
        };
        addEventListener('hashchange', openTarget);
        openTarget();
        """
}
