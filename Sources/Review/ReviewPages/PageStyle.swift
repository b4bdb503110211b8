/// The style of the pages: light, dark, and on paper.
enum PageStyle {
  static let text = colours + frame + matrix + cause + drawing + paper

  private static let colours = """
    :root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --line: #d5dbe2; --soft: #f4f6f8; --dim: #57606a;
      --link: #0b5cad; --focus: #2f6fed; --all: #2f6fed; --some: #2f6fed; --tint: #e4edfd;
      --wide: #b42318; --wide-back: #fde3e0; --narrow: #116329; --narrow-back: #dcf2e2; --both: #7a4d00; --both-back: #fbedcb; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --back: #0d1117; --line: #30363d; --soft: #161b22;
      --dim: #9198a1; --link: #79b8ff; --focus: #6ea8ff; --all: #6ea8ff; --some: #6ea8ff; --tint: #14233c;
      --wide: #ff9b92; --wide-back: #4a1c19; --narrow: #7ee2a0; --narrow-back: #123d22; --both: #f2cc60; --both-back: #40320a; } }

    """

  private static let frame = """
    * { box-sizing: border-box; }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto; padding: 1.5rem;
      max-width: 100rem; }
    h1 { font-size: 1.45rem; margin: 0 0 .25rem; line-height: 1.25; } h2 { font-size: 1.12rem; margin: 2.2rem 0 .5rem; }
    h3 { font-size: 1rem; margin: 1rem 0 .3rem; font-weight: 500; } h4 { font-size: .92rem; margin: .6rem 0 .2rem; }
    p { margin: .3rem 0; } em { font-style: normal; font-weight: 500; }
    .dim { color: var(--dim); } code, pre { font: .9em ui-monospace, monospace; } [hidden] { display: none !important; }
    .tools { position: sticky; top: 0; background: var(--back); padding: .6rem 0; display: flex; gap: .4rem 1rem; flex-wrap: wrap;
      align-items: center; border-bottom: 1px solid var(--line); z-index: 5; }
    input[type=search], .row input:not([type]) { font: inherit; color: inherit; background: var(--soft);
      border: 1px solid var(--dim); border-radius: .4rem; padding: .35rem .6rem; min-width: 14rem; }
    input[type=search] { flex: 1; min-width: 18rem; }
    button { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--dim); border-radius: .4rem;
      padding: .2rem .7rem; cursor: pointer; }
    button[aria-pressed=true] { background: var(--text); color: var(--back); }
    button.link { border: 0; background: none; padding: 0; color: var(--link); text-decoration: underline; text-align: left; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0; }
    .more { margin: .5rem 0; } .notice { border: 1px solid var(--both); padding: .5rem .8rem; border-radius: .4rem; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 1px; }
    .scroll { overflow: auto; max-height: 70vh; }
    table { border-collapse: separate; border-spacing: 0; border-top: 1px solid var(--line); }
    th, td { border-bottom: 1px solid var(--line); padding: .35rem .9rem .35rem .55rem; text-align: left; vertical-align: top;
      overflow-wrap: anywhere; min-width: 6rem; }
    thead th { position: sticky; top: 0; background: var(--soft); font-weight: 600; z-index: 1; } tbody th { font-weight: 500; }
    tbody tr:hover { background: var(--soft); }
    .widened { background: var(--wide-back); color: var(--wide); } .narrowed { background: var(--narrow-back); color: var(--narrow); }
    .changed { background: var(--both-back); color: var(--both); }
    .change { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; }
    summary { cursor: pointer; } .change > summary { padding: .5rem .7rem; }
    .change > div { padding: 0 .9rem .7rem; overflow-wrap: anywhere; }
    .tag { border-radius: .3rem; padding: .1rem .45rem; font-weight: 600; font-size: .85em; }
    .tag.widened::before { content: "+ "; } .tag.narrowed::before { content: "− "; } .tag.changed::before { content: "± "; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .8rem; margin: .3rem 0; } dt { color: var(--dim); }
    dd { margin: 0; overflow-wrap: anywhere; }

    """

  private static let matrix = """
    .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; color: var(--dim); font-size: .92em; }
    .key { display: inline-flex; gap: .4rem; align-items: center; } .key .cell { position: static; width: 20px; height: 20px; border-width: 1px; }
    .key i { font-style: normal; } .without { display: none; }
    .matrix { overflow: auto; border: 1px solid var(--line); border-radius: .4rem; max-width: 100%; }
    .field { position: relative; } .field div { position: absolute; }
    .field .heads, .field .corner, .field [role=rowheader] { background: var(--soft); }
    .field .heads { position: sticky; top: 0; z-index: 3; width: 100%; border-bottom: 1px solid var(--line); }
    .field .corner { position: sticky; left: 0; height: 100%; z-index: 2; background: var(--soft); color: var(--dim); padding: .3rem .5rem;
      font-size: .85em; display: inline-flex; align-items: flex-end; border-right: 1px solid var(--line); }
    .field [role=columnheader]:not(.corner) { top: 0; height: 100%; display: flex; justify-content: center; align-items: flex-end;
      padding: .3rem 0; font-size: .86em; overflow: hidden; }
    .field [role=columnheader] span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; overflow: hidden;
      text-overflow: ellipsis; max-height: 100%; }
    .wide [role=columnheader] span { writing-mode: horizontal-tb; transform: none; white-space: normal; text-align: center;
      overflow-wrap: anywhere; line-height: 1.2; padding: 0 .3rem; }
    .field .line { left: 0; width: 100%; } .field [role=rowheader] { position: sticky; left: 0; height: 100%; z-index: 1; padding: 0 .5rem;
      font-size: .9em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; line-height: var(--row);
      border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); }
    .line:hover [role=rowheader], .line:focus-within [role=rowheader] { font-weight: 650; }
    .cell { border: 0 solid var(--line); border-right-width: 1px; border-bottom-width: 1px; display: flex; align-items: center;
      justify-content: center; gap: .4rem; font-weight: 700; line-height: 1; print-color-adjust: exact; }
    .field .cell { height: 100%; top: 0; cursor: pointer; } .cell:hover { box-shadow: inset 0 0 0 2px var(--focus); }
    .field .cell:focus { outline: 3px solid var(--focus); outline-offset: -3px; z-index: 1; }
    .cell small { font-size: .78rem; line-height: 1.4; font-weight: 500; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 75%; }
    .cell.all, .cell.some { background: var(--tint); }
    .cell.all::before, .cell.some::before { content: ""; flex: none; width: 11px; height: 11px; border-radius: 50%; border: 2px solid var(--all);
      background: var(--all); print-color-adjust: exact; }
    .cell.some::before { background: linear-gradient(90deg, var(--some) 50%, transparent 50%); }
    .cell.self { background: repeating-linear-gradient(135deg, transparent 0 4px, var(--line) 4px 5px); }
    .cell.off { opacity: .28; }

    """

  private static let cause = """
    #cause { position: fixed; right: 1rem; top: 1rem; bottom: 1rem; width: min(36rem, calc(100vw - 2rem)); overflow: auto; z-index: 10;
      background: var(--back); border: 1px solid var(--dim); border-radius: .6rem; padding: 1rem 1.2rem; box-shadow: 0 8px 40px #0006; }
    #cause h2 { margin: 0 2.5rem .3rem 0; overflow-wrap: anywhere; } #cause-title:focus { outline: none; }
    #cause-close { float: right; font-size: 1.2rem; line-height: 1.2; }
    #cause ul { margin: .2rem 0; padding-left: 1.1rem; } #cause li { margin: .25rem 0; overflow-wrap: anywhere; }
    #cause ul ul { list-style: none; padding-left: .2rem; } .yes::before { content: "✓ "; color: var(--narrow); font-weight: 700; }
    .no::before { content: "✗ "; color: var(--wide); font-weight: 700; } .family { font-weight: 650; }
    #cause pre { margin: .15rem 0; padding: .25rem .5rem; background: var(--soft); border-radius: .3rem; overflow-x: auto; font-size: .82em; }
    .direction { border-left: 3px solid var(--dim); padding-left: .7rem; margin: .5rem 0; } .direction.denied { border-color: var(--wide); }
    .direction.allowed { border-color: var(--narrow); } .sides > section + section { border-top: 1px solid var(--line); margin-top: .8rem; }

    """

  private static let drawing = """
    svg { font: 13px system-ui, sans-serif; max-width: 100%; height: auto; display: block; } svg text { fill: var(--text); }
    svg rect { fill: var(--soft); stroke: var(--line); } svg .space { fill: var(--dim); font-weight: 600; }
    svg text.port { fill: var(--dim); } svg circle.port { fill: var(--all); }
    svg .edge { fill: none; stroke: var(--all); stroke-opacity: .5; stroke-width: 1.5; cursor: pointer; } svg .everything { stroke-width: 3; }
    svg .edge:hover { stroke: var(--text); stroke-opacity: 1; stroke-width: 4; } svg .off { stroke-opacity: .08; }

    """

  private static let paper = """
    @media print { .tools, #pair, #levels, .more, #cause-close, .unprinted, #grid-note { display: none !important; }
      :root { --text: #000; --back: #fff; --line: #bbb; --soft: #f2f2f2; --dim: #444; color-scheme: light; }
      body { max-width: none; padding: 0; font-size: 10pt; } .scroll, .matrix { max-height: none; overflow: visible; }
      h2 { break-after: avoid; } tr, .change { break-inside: avoid; } thead { display: table-header-group; }
      thead th { position: static; } .unprinted + #grid-note { display: block !important; }
      #cause { position: static; width: auto; box-shadow: none; } }
    @media (forced-colors: active) { .cell.all::before { background: CanvasText; forced-color-adjust: none; } }
    """
}
