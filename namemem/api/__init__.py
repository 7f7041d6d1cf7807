"""The HTTP API: routes, schemas, and which error becomes which status. No logic of its own."""
