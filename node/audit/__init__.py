"""The audit trail: one record for every call, chained, signed, and durable before the reply.

`chain`, `checkpoint`, `record`, `parameters` and `verification` are pure; `writer` and `sink` act.
"""
