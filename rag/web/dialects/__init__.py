"""The answer in the formats of existing chat clients: thin renderings of the body of /v1/chat."""
