"""The database: what differs between its versions, the text of its configuration, and the control of a server."""
