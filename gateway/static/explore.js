// Starts GraphiQL on the page that the gateway serves for browsers.
"use strict";

(() => {
  const place = document.getElementById("graphiql");
  const { endpoint, examples, headers } = place.dataset;
  const tabs = JSON.parse(examples).map((query) => ({ query, headers }));
  const asked = new URLSearchParams(window.location.search).get("example");
  const first = Number.parseInt(asked ?? "", 10);
  if (tabs[first]) {
    tabs.unshift(...tabs.splice(first, 1));
  }

  // Queries are kept in this browser until they are closed; headers, which may hold a key, are not.
  ReactDOM.createRoot(place).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: endpoint }),
      defaultTabs: tabs,
      defaultQuery: tabs[0].query,
      defaultHeaders: headers,
      defaultEditorToolsVisibility: false,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
      plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
    }),
  );
})();
