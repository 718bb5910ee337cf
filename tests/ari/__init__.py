"""The ARI edge: decoding, the stream, the requests."""
