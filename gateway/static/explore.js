// Starts GraphiQL on the page that the gateway serves for browsers.
"use strict";

(() => {
  const place = document.getElementById("graphiql");
  const { endpoint, examples, headers, icon } = place.dataset;
  const tabs = JSON.parse(examples).map((query) => ({ query, headers }));
  const sockets = new URL(endpoint, window.location);
  sockets.protocol = sockets.protocol.replace("http", "ws");
  const number = new URLSearchParams(window.location.search).get("example") ?? "";
  const asked = tabs[Number.parseInt(number, 10)];
  const home = React.createElement(
    "a",
    { className: "graphiql-logo-link", href: new URL(".", new URL(endpoint, window.location)) },
    React.createElement("img", { src: icon, alt: "" }),
    "Switchboard",
  );

  // Queries are kept in this browser until they are closed; headers, which may hold a key, are not.
  ReactDOM.createRoot(place).render(
    React.createElement(
      GraphiQL,
      {
        fetcher: GraphiQL.createFetcher({ url: endpoint, subscriptionUrl: sockets.href }),
        defaultTabs: asked ? [asked, ...tabs.filter((tab) => tab !== asked)] : tabs,
        defaultQuery: tabs[0].query,
        defaultHeaders: headers,
        defaultEditorToolsVisibility: false,
        // Where queries are kept, the defaults are not looked at; the one in the address is.
        query: asked?.query,
        shouldPersistHeaders: false,
        showPersistHeadersSettings: false,
        plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
      },
      React.createElement(GraphiQL.Logo, null, home),
    ),
  );
})();
