"""GraphQL over HTTP, WebSocket and server-sent events: what comes in, and what goes out."""
