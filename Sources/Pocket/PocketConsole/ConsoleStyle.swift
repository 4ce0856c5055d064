/// The console's style sheet: light or dark by the user's setting; colour is never the only carrier of information.
enum ConsoleStyle {
    static let css = """
        :root { color-scheme: light dark; --back: #fff; --fore: #1b1f24; --soft: #59636e; --line: #d1d9e0;
          --panel: #f6f8fa; --link: #0550ae; --bad: #b3261e; --warn: #8a5700; --good: #1a6e34;
          --c0: #3b6fd4; --c1: #b4540a; --c2: #2b7d4f; --c3: #8449b3; --c4: #b02a63; --c5: #0d7480; --c6: #6b6b12;
          --c7: #5b616b; }
        @media (prefers-color-scheme: dark) { :root { --back: #0f1317; --fore: #e4e8ec; --soft: #9aa4ae;
          --line: #30363d; --panel: #171c22; --link: #7cb7ff; --bad: #ff8a80; --warn: #f0b64d; --good: #6fd08c;
          --c0: #7aa5ff; --c1: #f0965a; --c2: #6cc793; --c3: #c495ee; --c4: #f08bb4; --c5: #5cc3cf; --c6: #c4c456;
          --c7: #aab1ba; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--back); color: var(--fore);
          font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        a { color: var(--link); } a:focus-visible, button:focus-visible, input:focus-visible,
        summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
        header { display: flex; gap: 1.5rem; align-items: baseline; padding: .7rem 1.2rem;
          border-bottom: 1px solid var(--line); background: var(--panel); }
        nav { display: flex; gap: 1rem; } nav a { text-decoration: none; padding: .15rem 0; }
        nav a[aria-current] { border-bottom: 2px solid var(--link); font-weight: 600; }
        main { padding: 1rem 1.2rem 3rem; max-width: 1500px; margin: 0 auto; }
        h1 { font-size: 1.35rem; margin: .4rem 0 .8rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem; }
        h3 { font-size: .95rem; margin: .8rem 0 .2rem; }
        .skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); }
        .hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
        code, time, td.number, span.number, .message { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace;
          font-size: .87em; }
        .number { text-align: right; white-space: nowrap; } time { white-space: nowrap; }
        .message { white-space: pre-wrap; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem;
          border-bottom: 1px solid var(--line); vertical-align: top; } th.number, td.number { text-align: right; }
        th { color: var(--soft); font-weight: 600; font-size: .85rem; white-space: nowrap; }
        tbody tr:hover { background: var(--panel); }
        tr.error td:first-child, li.error > details > summary { border-left: 3px solid var(--bad); }
        tr.warning td:first-child { border-left: 3px solid var(--warn); }
        tr.error td:nth-child(2), .details li.error { color: var(--bad); }
        .logs tr.error td:nth-child(2) { font-weight: 600; } .logs tr.warning td:nth-child(2) { color: var(--warn); }
        .badge { background: var(--bad); color: var(--back); border-radius: 3px; padding: 0 .4em; font-size: .8em;
          white-space: nowrap; }
        .service { white-space: nowrap; font-weight: 600; }
        .service::before { content: ""; display: inline-block; width: .65em; height: .65em; border-radius: 2px;
          margin-right: .35em; background: currentColor; }
        .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
        .c4 { color: var(--c4); } .c5 { color: var(--c5); } .c6 { color: var(--c6); } .c7 { color: var(--c7); }
        .bar { display: block; width: 100%; height: 14px; } .bar rect { fill: currentColor; }
        .bar .mark { fill: var(--fore); } .bar .mark.error { fill: var(--bad); }
        .traces .bar { width: 120px; height: 8px; margin-top: .45em; color: var(--c7); }
        form.search { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .6rem 0 1rem; }
        form.search label { color: var(--soft); font-size: .9rem; }
        input { font: inherit; padding: .3rem .5rem; color: inherit; background: var(--back);
          border: 1px solid var(--soft); border-radius: 4px; }
        input[name=q] { flex: 1 1 24rem; min-width: 10rem; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
        input[type=number] { width: 5.5rem; }
        button { font: inherit; padding: .3rem .9rem; border-radius: 4px; border: 1px solid var(--link);
          background: var(--link); color: var(--back); cursor: pointer; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .8rem; padding: 0;
          margin: 0; list-style: none; }
        .cards li { border: 1px solid var(--line); border-left-width: 4px; border-radius: 4px; padding: .5rem .8rem;
          background: var(--panel); }
        .cards .ready { border-left-color: var(--good); } .cards .down { border-left-color: var(--bad); }
        .cards b { display: block; } .cards .ready b::after { content: " ready"; color: var(--good); }
        .cards .down b::after { content: " not ready"; color: var(--bad); } .cards small { color: var(--soft); }
        .facts { display: flex; flex-wrap: wrap; gap: .3rem 2rem; margin: 0; }
        dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; overflow-wrap: anywhere; }
        .legend, .empty, small { color: var(--soft); }
        .problem { border-left: 4px solid var(--bad); background: var(--panel); padding: .5rem .8rem;
          white-space: pre-wrap; }
        .waterfall { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
        .waterfall > li { border-bottom: 1px solid var(--line); }
        .waterfall > li:target { background: var(--panel); outline: 2px solid var(--link); }
        .waterfall summary { display: grid; grid-template-columns: minmax(14rem, 36%) 1fr 6.5rem; gap: .8rem;
          align-items: center; padding: .2rem .4rem; cursor: pointer; list-style: none; }
        .waterfall summary::-webkit-details-marker { display: none; }
        .waterfall summary:hover { background: var(--panel); }
        .waterfall .name { overflow-wrap: anywhere; }
        .d1 { padding-left: 1rem; } .d2 { padding-left: 2rem; } .d3 { padding-left: 3rem; }
        .d4 { padding-left: 4rem; } .d5 { padding-left: 5rem; } .d6 { padding-left: 6rem; }
        .d7 { padding-left: 7rem; } .d8 { padding-left: 8rem; } .d9 { padding-left: 9rem; }
        .d10 { padding-left: 10rem; } .d11 { padding-left: 11rem; } .d12 { padding-left: 12rem; }
        .details { padding: .3rem 1rem 1rem 1.5rem; background: var(--panel); }
        .details dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .2rem 1.5rem;
          margin: .3rem 0; } .details dl div { display: flex; gap: .6rem; } .details dt { min-width: 9rem; }
        .details ul { margin: .2rem 0; padding: 0; list-style: none; }
        @media (max-width: 700px) { .waterfall summary { grid-template-columns: 1fr; gap: .1rem; }
          .waterfall .number { text-align: left; } }
        """
}
