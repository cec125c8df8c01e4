"""The ground: keys, ciphertexts, signatures and sealing. Bytes in, bytes out; no I/O, no clock."""
