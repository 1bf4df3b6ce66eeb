"""One module a language, each of which reads that language's dictionary when it is imported. Nothing but a fork server imports them.

A dictionary takes a second to read and 100 MB to hold; read by the fork server, all workers share it, and so do those that replace
them. A fork server can be told to import, and nothing else.
"""
