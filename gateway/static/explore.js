// Starts GraphiQL on the page that the gateway serves for browsers.
"use strict";

(() => {
  const place = document.getElementById("graphiql");
  const { endpoint, examples, icon } = place.dataset;
  // A key that was given to another page in this tab is good here, too.
  let key = null;
  try {
    key = sessionStorage.getItem("switchboard-key");
  } catch {
    // Nothing may be stored here.
  }
  const headers = key
    ? JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2)
    : place.dataset.headers;
  const variables = JSON.parse(place.dataset.variables);
  const tabs = JSON.parse(examples).map((query, number) => ({
    query,
    headers,
    ...(variables[number] && { variables: variables[number] }),
  }));
  const sockets = new URL(endpoint, window.location);
  sockets.protocol = sockets.protocol.replace("http", "ws");
  const asked = place.dataset.asked ? tabs[0] : undefined;
  const home = React.createElement(
    "a",
    { className: "graphiql-logo-link", href: new URL(".", new URL(endpoint, window.location)) },
    React.createElement("img", { src: icon, alt: "" }),
    "Switchboard",
  );

  // Queries are kept in this browser until they are closed; headers, which may hold a key, only
  // where the settings of GraphiQL are told so.
  ReactDOM.createRoot(place).render(
    React.createElement(
      GraphiQL,
      {
        fetcher: GraphiQL.createFetcher({ url: endpoint, subscriptionUrl: sockets.href }),
        defaultTabs: tabs,
        defaultQuery: tabs[0].query,
        defaultHeaders: headers,
        defaultEditorToolsVisibility: false,
        // Where queries are kept, the defaults are not looked at; the one in the address is.
        query: asked?.query,
        variables: asked?.variables,
        shouldPersistHeaders: false,
        showPersistHeadersSettings: true,
        plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
      },
      React.createElement(GraphiQL.Logo, null, home),
    ),
  );

  // The editors' own fields have no names; what reads a page aloud needs some.
  const NAMES = [
    [".graphiql-query-editor", "Query"],
    [".graphiql-editor-tool > :nth-child(1)", "Variables"],
    [".graphiql-editor-tool > :nth-child(2)", "Headers"],
    [".graphiql-response", "Answer"],
  ];
  new MutationObserver(() => {
    for (const field of place.querySelectorAll(".CodeMirror textarea:not([aria-label])")) {
      const named = NAMES.find(([within]) => field.closest(within));
      field.setAttribute("aria-label", named ? named[1] : "Text");
    }
  }).observe(place, { childList: true, subtree: true });
})();
