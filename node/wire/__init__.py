"""The door of a node: HTTP, AWS JSON 1.1 and Signature Version 4 on one side, typed calls on the
other. Nothing behind this package knows how a request looks on the wire."""
