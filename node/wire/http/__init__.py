"""HTTP/1.1 for the node's endpoint: a protocol layer of its own on httptools (RFC 9110, RFC 9112).

`reader.py` turns bytes into requests and `response.py` answers into bytes; both are pure. Between
them, `connection.py` keeps order, time and pressure, and `worker.py` runs what answers.
"""
